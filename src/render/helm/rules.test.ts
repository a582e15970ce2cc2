// Every rule of rendering charts beside what the real helms print (testdata/README.md says how that is made).
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { HELM_VERSIONS, readRuleCharts, renderRuleChart, RULES_FOLDER } from '../../../test/support/rule-charts.ts'

describe('a chart for each rule gives what helm 4.2 and helm 3 give', () => {
  for (const chart of readRuleCharts()) {
    test(chart.name.replaceAll('-', ' '), () => {
      const golden = readFileSync(join(RULES_FOLDER, `${chart.name}.golden`), 'utf8')

      assert.equal(HELM_VERSIONS.map((version) => renderRuleChart(chart, version)).join(''), golden)
    })
  }
})
