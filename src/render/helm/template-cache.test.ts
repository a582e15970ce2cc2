// Templates are parsed once for their content, however often and with whatever values they are rendered.
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { readChartFolder } from '../../../test/support/chart-folder.ts'
import { renderChartText } from './render-chart.ts'
import { TemplateCache } from './template-cache.ts'

const CHART = join(import.meta.dirname, '../../../examples/api-tester')

test('a second rendering after a change of values alone parses nothing', async () => {
  const files = await readChartFolder(CHART)
  const cache = new TemplateCache()
  const render = (replicas: number): string =>
    renderChartText({
      files,
      cache,
      values: { set: [`replicaCount=${replicas},replicas=${replicas}`] },
      releaseName: 'rel',
      namespace: 'default',
      kubeVersion: '1.34.0',
      apiVersions: [],
    })

  const first = render(41)
  const { parses } = cache
  const second = render(42)

  assert.ok(parses > 0)
  assert.notEqual(first, second)
  assert.equal(cache.parses, parses)
})

test('a changed template is parsed again, the others are not', async () => {
  const files = await readChartFolder(CHART)
  const changed = files.map((file) =>
    file.name === 'templates/deployment.yaml'
      ? { ...file, id: 'changed', bytes: Buffer.concat([file.bytes, Buffer.from('# new\n')]) }
      : file,
  )
  const cache = new TemplateCache()
  const options = {
    cache,
    values: {},
    releaseName: 'rel',
    namespace: 'default',
    kubeVersion: '1.34.0',
    apiVersions: [],
  }

  renderChartText({ ...options, files })
  const { parses } = cache
  renderChartText({ ...options, files: changed })

  assert.equal(cache.parses, parses + 1)
})
