// Charts of our own beside what the real helm made of them (testdata/README.md says how).
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { renderFolder } from '../../../test/support/chart-folder.ts'

const TESTDATA = join(import.meta.dirname, 'testdata')

for (const [helmVersion, golden] of [
  ['4.2', 'shop.helm.txt'],
  ['3', 'shop.helm3.txt'],
] as const) {
  test(`a chart with subcharts, hooks, files and CRDs gives the bytes that helm ${helmVersion} gives`, async () => {
    const text = await renderFolder(join(TESTDATA, 'shop'), {
      releaseName: 'rel',
      namespace: 'app-ns',
      kubeVersion: '1.34.0',
      helmVersion,
    })

    assert.equal(text, readFileSync(join(TESTDATA, golden), 'utf8'))
  })
}
