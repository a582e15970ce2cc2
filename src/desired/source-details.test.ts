import assert from 'node:assert/strict'
import { test } from 'node:test'
import { memoryTree } from '../../test/support/memory-tree.ts'
import { describeSource, findApps } from './source-details.ts'

const tree = memoryTree(
  {
    'README.md': '',
    'deploy/helm/api-tester/Chart.yaml': 'name: api-tester\nversion: 0.1.0\n',
    'deploy/helm/api-tester/values.yaml': 'image:\n  tag: v1\nports:\n- name: http\n"a.b": true\nnothing: null\n',
    'deploy/helm/api-tester/values-dev.yaml': '{}\n',
    'deploy/helm/api-tester/templates/a.yaml': '',
    'overlays/dev/kustomization.yaml': '',
    'plain/a.yaml': '',
    '.github/kustomization.yaml': '',
  },
  'rev',
)

test('[001-18] lists folders that hold a chart or a kustomization', async () => {
  assert.deepEqual(await findApps(tree), [
    { type: 'Helm', path: 'deploy/helm/api-tester' },
    { type: 'Kustomize', path: 'overlays/dev' },
  ])
})

test('[001-36] names the values files and parameters of a chart', async () => {
  const details = await describeSource({ repoURL: '', path: 'deploy/helm/api-tester' }, tree)

  assert.deepEqual(
    JSON.parse(JSON.stringify(details, (key, value: unknown) => (key === 'values' ? undefined : value))),
    {
      type: 'Helm',
      helm: {
        valueFiles: ['values-dev.yaml', 'values.yaml'],
        parameters: [
          { name: 'image.tag', value: 'v1' },
          { name: 'ports[0].name', value: 'http' },
          { name: String.raw`a\.b`, value: 'true' },
        ],
      },
    },
  )
})

test('names the kind of other sources', async () => {
  assert.deepEqual(await describeSource({ repoURL: '', path: 'plain' }, tree), { type: 'Directory', directory: {} })
  assert.deepEqual(await describeSource({ repoURL: '', path: 'overlays/dev' }, tree), {
    type: 'Kustomize',
    kustomize: {},
  })
})
