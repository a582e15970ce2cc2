// Writes the CustomResourceDefinitions of src/crds into the chart: node tools/generate-chart-crds.ts
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { applicationCrd, applicationSetCrd, appProjectCrd } from '../src/crds/crd.ts'
import { stringifyYaml } from '../src/lang/yaml/write.ts'

const FOLDER = join(import.meta.dirname, '../deploy/chart/crds')

for (const crd of [applicationCrd(), applicationSetCrd(), appProjectCrd()]) {
  const plural = crd.metadata.name?.split('.', 1)[0] ?? ''
  writeFileSync(join(FOLDER, `${plural}.yaml`), stringifyYaml(crd))
}
