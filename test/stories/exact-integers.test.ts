// A story of integers larger than JavaScript's numbers hold exactly: they arrive digit by digit and stay Synced.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startDeliveryCluster } from '../support/delivery-cluster.ts'
import { jsonText } from '../../src/kube/json-digits.ts'

const DEFINITION = `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
  name: counters.example.com
spec:
  group: example.com
  scope: Namespaced
  names: {kind: Counter, plural: counters, singular: counter, listKind: CounterList}
  versions:
  - name: v1
    served: true
    storage: true
    schema:
      openAPIV3Schema:
        type: object
        properties:
          spec: {type: object, properties: {limit: {type: integer, format: int64}, list: {type: array, items: {type: integer, format: int64}}}}
`

function counter(limit: string): string {
  return `apiVersion: example.com/v1
kind: Counter
metadata: {name: big}
spec: {limit: ${limit}, list: [9007199254740993, 1]}
`
}

for (const options of [[], ['ServerSideApply=true']]) {
  test(`[002-11] an integer beyond 2^53 is delivered exactly and stays Synced ${options.join()}`, async (t) => {
    const files = { 'web/definition.yaml': DEFINITION, 'web/counter.yaml': counter('9223372036854775807') }
    const cluster = await startDeliveryCluster(t, { files })
    const syncOptions = ['CreateNamespace=true', ...options]
    await cluster.createApplication('web', { syncPolicy: { automated: { selfHeal: true }, syncOptions } })
    await cluster.untilSynced('web')

    await cluster.patch('example.com/v1/Counter', 'big', { spec: { limit: 1 } }, { namespace: 'web' })
    const spec = await cluster.eventually(async () => {
      const text = jsonText((await cluster.get('example.com/v1/Counter', 'big', 'web'))?.['spec'])
      return text.startsWith('{"limit":1,') ? undefined : text
    })
    await cluster.refresh('web')
    await cluster.untilSynced('web')

    assert.equal(spec, '{"limit":9223372036854775807,"list":[9007199254740993,1]}')
  })
}
