// The golden files of charts are still what the real helms print.
import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { HELM_VERSIONS, readRuleCharts, RULES_FOLDER, runRealHelm } from '../support/rule-charts.ts'

const PROGRAMS = join(import.meta.dirname, '../../.peers/bin')

test('the real helms still give the golden files', (t) => {
  if (!existsSync(join(PROGRAMS, 'helm3'))) return t.skip('the real helms are not built: npm run peers -- helm helm3')

  for (const chart of readRuleCharts()) {
    const golden = readFileSync(join(RULES_FOLDER, `${chart.name}.golden`), 'utf8')
    assert.equal(HELM_VERSIONS.map((version) => runRealHelm(chart, version, PROGRAMS)).join(''), golden, chart.name)
  }
})
