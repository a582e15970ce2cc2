// Writes what the real helms make of our charts for rules (`npm run peers -- helm helm3` builds them first).
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { HELM_VERSIONS, readRuleCharts, RULES_FOLDER, runRealHelm } from '../test/support/rule-charts.ts'

const PROGRAMS = join(import.meta.dirname, '../.peers/bin')

for (const chart of readRuleCharts()) {
  const golden = HELM_VERSIONS.map((version) => runRealHelm(chart, version, PROGRAMS)).join('')
  writeFileSync(join(RULES_FOLDER, `${chart.name}.golden`), golden)
}
