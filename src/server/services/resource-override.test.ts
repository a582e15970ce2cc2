// Tests of overrides as clients get them.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { overrideOf } from './resource-override.ts'

test('an override is a message for gRPC and has the keys of argocd-cm for REST', () => {
  const ignoreDifferences = { jsonPointers: ['/spec/replicas'], jqPathExpressions: [], managedFieldsManagers: [] }
  const told = overrideOf({
    group: 'apps',
    kind: 'Deployment',
    healthLua: 'return {}',
    useOpenLibs: true,
    ignoreDifferences,
  })

  assert.deepEqual({ ...told }, { healthLua: 'return {}', useOpenLibs: true, ignoreDifferences })
  assert.deepEqual(JSON.parse(JSON.stringify(told)), {
    'health.lua': 'return {}',
    'health.lua.useOpenLibs': true,
    ignoreDifferences: 'jqPathExpressions: null\njsonPointers:\n- /spec/replicas\nmanagedFieldsManagers: null\n',
    ignoreResourceUpdates: 'jqPathExpressions: null\njsonPointers: null\nmanagedFieldsManagers: null\n',
  })
})
