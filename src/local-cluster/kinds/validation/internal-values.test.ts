// Tests of values of internal types.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { JsonObject } from '../../../kube/object.ts'
import { rulesFor } from '../rules.ts'
import { internalValue } from './internal-values.ts'

const spec = { containers: [{ name: 'c', image: 'i', env: [{ name: 'A', value: 'b' }] }], hostNetwork: true, securityContext: { runAsUser: 5 } } // prettier-ignore

test('prints Go names in Go order, what is empty too, and moves host fields where the internal type has them', () => {
  const value = internalValue('PodTemplateSpec', { metadata: { labels: { b: '2', a: '1' } }, spec })
  const podSpec = value['Spec'] as JsonObject
  const [container] = podSpec['Containers'] as JsonObject[]

  assert.deepEqual(Object.keys(value), ['labels', 'Spec'])
  assert.equal(JSON.stringify(value['labels']), '{"a":"1","b":"2"}')
  assert.deepEqual(Object.keys(podSpec).slice(0, 4), ['Volumes', 'InitContainers', 'Containers', 'EphemeralContainers'])
  assert.partialDeepStrictEqual(podSpec['SecurityContext'], { HostNetwork: true, HostPID: false, RunAsUser: 5 })
  assert.deepEqual(container?.['Env'], [{ Name: 'A', Value: 'b', ValueFrom: null }])
  assert.deepEqual(container?.['Resources'], { Limits: null, Requests: null, Claims: null })
})

test('says how a pod would have changed', () => {
  const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' }, spec: { ...spec, hostNetwork: false } }
  const changed = { ...pod, spec: { ...pod.spec, hostNetwork: true } }
  const faults = rulesFor({ group: '', version: 'v1', kind: 'Pod' })?.validate?.(changed, pod) ?? []
  const text = faults.find(({ field }) => field === 'spec')?.message ?? ''

  assert.equal(text.includes('-  "HostNetwork": false,\n+  "HostNetwork": true,\n'), true)
})
