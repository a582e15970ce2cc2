import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseYaml } from '../../lang/yaml/read.ts'
import { textLines } from './ignore-lines.ts'

const APPLICATION = {
  apiVersion: 'argoproj.io/v1alpha1',
  kind: 'Application',
  metadata: { name: 'web' },
  spec: { destination: {}, project: 'default' },
}

test('lines name the object and its fields, and the option that is missing', () => {
  const key = { group: 'apps', kind: 'Deployment', namespace: 'web', name: 'web' }
  const rule = { key, jsonPointers: ['/spec/replicas'], jqPathExpressions: [] }

  assert.equal(
    textLines([rule], APPLICATION),
    `spec:
  ignoreDifferences:
    - group: apps
      kind: Deployment
      name: web
      namespace: web
      jsonPointers:
        - /spec/replicas
  syncPolicy:
    syncOptions:
      - RespectIgnoreDifferences=true`,
  )
})

test('lines read back as what was meant, however odd', () => {
  const rules = [
    {
      key: { group: '', kind: 'ConfigMap', namespace: '', name: '0x1' },
      jsonPointers: ['/data/a~1b: #c', "/data/it's", '/data/null'],
      jqPathExpressions: ['.spec["x-y"][] | select(.name == "q\\"")'],
    },
    {
      key: { group: 'a.b', kind: 'Thing', namespace: 'true', name: 'no' },
      jsonPointers: ['/x'],
      jqPathExpressions: [],
    },
  ]
  const syncPolicy = { syncOptions: ['RespectIgnoreDifferences=true'] }

  assert.deepEqual(parseYaml(textLines(rules, { ...APPLICATION, spec: { ...APPLICATION.spec, syncPolicy } })), {
    spec: {
      ignoreDifferences: [
        {
          kind: 'ConfigMap',
          name: '0x1',
          jsonPointers: rules[0]?.jsonPointers,
          jqPathExpressions: rules[0]?.jqPathExpressions,
        },
        { group: 'a.b', kind: 'Thing', name: 'no', namespace: 'true', jsonPointers: ['/x'] },
      ],
    },
  })
})
