import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MapReader } from './map-reader.ts'
import { readCustomizations } from './resource-customizations.ts'

const OLD_FORM = `
apps/Deployment:
  health.lua: return { status = "Healthy" }
  health.lua.useOpenLibs: true
  actions: "discovery.lua: return {}"
  ignoreDifferences: |
    jsonPointers: [/spec/replicas]
  ignoreResourceUpdates: |
    jqPathExpressions: [.status]
"*.example.org/*":
  health.lua: return nil
`

test('the older single key says the same as the newer ones', () => {
  const read = (values: Readonly<Record<string, string>>): unknown =>
    readCustomizations(new MapReader('ConfigMap argocd/argocd-cm', new Map(Object.entries(values))))
  const nothing = { jsonPointers: [], jqPathExpressions: [], managedFieldsManagers: [] }

  assert.deepEqual(read({ 'resource.customizations': OLD_FORM }), [
    {
      group: 'apps',
      kind: 'Deployment',
      healthLua: 'return { status = "Healthy" }',
      useOpenLibs: true,
      actions: 'discovery.lua: return {}',
      ignoreDifferences: { ...nothing, jsonPointers: ['/spec/replicas'] },
      ignoreResourceUpdates: { ...nothing, jqPathExpressions: ['.status'] },
    },
    { group: '*.example.org', kind: '*', healthLua: 'return nil' },
  ])
})

test('a newer key goes before the older one', () => {
  const reader = new MapReader(
    'ConfigMap argocd/argocd-cm',
    new Map([
      ['resource.customizations', 'Service: { health.lua: old }'],
      ['resource.customizations.health.Service', 'new'],
    ]),
  )
  assert.deepEqual(readCustomizations(reader), [{ group: '', kind: 'Service', healthLua: 'new' }])
})
