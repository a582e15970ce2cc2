// Tests of validation beyond what the recorded answers show: updates, rarer kinds, limits.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { labelKeyFaults, labelValueFaults } from '../../../kube/label-names.ts'
import type { KubeObject } from '../../../kube/object.ts'
import { kindOf } from '../../../kube/object.ts'
import { decodeStrict } from '../codec/decode.ts'
import type { FieldFault } from '../contract.ts'
import { rulesFor } from '../rules.ts'
import { scheduleFault } from '../cron-schedule.ts'
import { metadataFaults, metadataUpdateFaults } from './metadata.ts'
import { dnsLabel, isIpAddress, percentage, portName, variableName } from './names.ts'

function prepared(object: object): KubeObject {
  const typed = { metadata: { name: 'a' }, ...object } as KubeObject
  const decoded = decodeStrict(kindOf(typed), typed).object
  return rulesFor(kindOf(typed))?.setDefaults?.(decoded) ?? decoded
}

/** `field: message` of each fault, as they stand in the message of an answer. */
function faults(object: object, old?: object): readonly string[] {
  const made = prepared(object)
  const found = rulesFor(kindOf(made))?.validate?.(made, old === undefined ? undefined : prepared(old)) ?? []
  return found.map(({ field, message }) => `${field}: ${message}`)
}

const pod = { containers: [{ name: 'c', image: 'i' }] }
const template = { metadata: { labels: { app: 'x' } }, spec: pod }
const IMMUTABLE = 'field is immutable'

function workload(kind: string, spec: object = {}): object {
  return { apiVersion: 'apps/v1', kind, spec: { selector: { matchLabels: { app: 'x' } }, template, ...spec } }
}

function core(kind: string, more: object): object {
  return { apiVersion: 'v1', kind, ...more }
}

const other = { selector: { matchLabels: { app: 'y' } }, template: { ...template, metadata: { labels: { app: 'y' } } } }
const LONG_STRATEGY = '{"Type":"Nope","RollingUpdate":null}'
const claim = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } }
const rbac = 'rbac.authorization.k8s.io'
const binding = (name: string): object => ({ apiVersion: `${rbac}/v1`, kind: 'RoleBinding', roleRef: { kind: 'Role', name } }) // prettier-ignore

const CASES: readonly (readonly [what: string, object: object, old: object | undefined, expected: readonly string[]])[] = [
  ['a selector that changes', workload('Deployment', other), workload('Deployment'), [`spec.selector: Invalid value: {"matchLabels":{"app":"y"}}: ${IMMUTABLE}`]],
  ['an unknown strategy', workload('Deployment', { strategy: { type: 'Nope' } }), undefined, [`spec.strategy: Unsupported value: ${LONG_STRATEGY}: supported values: "Recreate", "RollingUpdate"`]],
  ['a rollout that may do nothing', workload('Deployment', { strategy: { rollingUpdate: { maxSurge: 0, maxUnavailable: '0%' } } }), undefined, ['spec.strategy.rollingUpdate.maxUnavailable: Invalid value: "0%": may not be 0 when `maxSurge` is 0']],
  ['a stateful set whose service changes', workload('StatefulSet', { serviceName: 'b' }), workload('StatefulSet', { serviceName: 'a' }), ["spec: Forbidden: updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden"]],
  ['a template of a stateful set that changes', workload('StatefulSet', { template: { ...template, spec: { containers: [{ name: 'c', image: 'j' }] } } }), workload('StatefulSet'), []],
  ['a ConfigMap with a key twice', core('ConfigMap', { data: { a: 'b' }, binaryData: { a: 'Yg==' } }), undefined, ['data[a]: Invalid value: "a": duplicate of key present in binaryData']],
  ['a ConfigMap beyond a megabyte', core('ConfigMap', { data: { a: 'x'.repeat(1_048_577) } }), undefined, [': Too long: may not be more than 1048576 bytes']],
  ['a sealed ConfigMap', core('ConfigMap', { data: { a: 'c' }, immutable: true }), core('ConfigMap', { data: { a: 'b' }, immutable: true }), ['data: Forbidden: field is immutable when `immutable` is set']],
  ['a secret of another type', core('Secret', { type: 'other' }), core('Secret', {}), [`type: Invalid value: "other": ${IMMUTABLE}`]],
  ['a service without ports', core('Service', { spec: {} }), undefined, ['spec.ports: Required value']],
  ['ports that lack names', core('Service', { spec: { ports: [{ port: 1 }, { port: 2, name: 'b' }] } }), undefined, ['spec.ports[0].name: Required value']],
  ['an address that changes', core('Service', { spec: { ports: [{ port: 1 }], clusterIP: '10.0.0.2', clusterIPs: ['10.0.0.2'] } }), core('Service', { spec: { clusterIPs: ['10.0.0.1'] } }), ['spec.clusterIPs[0]: Invalid value: ["10.0.0.2"]: may not change once set']],
  ['a pod that mounts what is not there', core('Pod', { spec: { containers: [{ name: 'c', image: 'i', volumeMounts: [{ name: 'v', mountPath: '/v' }] }] } }), undefined, ['spec.containers[0].volumeMounts[0].name: Not found: "v"']],
  ['a pod with two sources in a volume', core('Pod', { spec: { ...pod, volumes: [{ name: 'v', emptyDir: {}, hostPath: { path: '/' } }] } }), undefined, ['spec.volumes[0].hostPath: Forbidden: may not specify more than 1 volume type']],
  ['a pod that gains a container', core('Pod', { spec: { containers: [...pod.containers, { name: 'd', image: 'i' }] } }), core('Pod', { spec: pod }), ['spec.containers: Forbidden: pod updates may not add or remove containers']],
  ['a pod whose image changes', core('Pod', { spec: { containers: [{ name: 'c', image: 'j', imagePullPolicy: 'Always' }] } }), core('Pod', { spec: pod }), []],
  ['a probe with no handler', core('Pod', { spec: { containers: [{ name: 'c', image: 'i', livenessProbe: { periodSeconds: -1, successThreshold: 2 } }] } }), undefined, ['spec.containers[0].livenessProbe: Required value: must specify a handler type', 'spec.containers[0].livenessProbe.periodSeconds: Invalid value: -1: must be greater than or equal to 0', 'spec.containers[0].livenessProbe.successThreshold: Invalid value: 2: must be 1']],
  ['a variable with value and source', core('Pod', { spec: { containers: [{ name: 'c', image: 'i', env: [{ name: 'A', value: 'b', valueFrom: { secretKeyRef: { name: 's', key: 'k' } } }] }] } }), undefined, ['spec.containers[0].env[0].valueFrom: Invalid value: "": may not be specified when `value` is not empty']],
  ['a schedule with six fields', { apiVersion: 'batch/v1', kind: 'CronJob', spec: { schedule: '* * * * * *', jobTemplate: { spec: { template: { spec: { ...pod, restartPolicy: 'Never' } } } } } }, undefined, ['spec.schedule: Invalid value: "* * * * * *": expected exactly 5 fields, found 6: [* * * * * *]']],
  ['a role that changes', binding('b'), binding('a'), [`roleRef: Invalid value: {"APIGroup":"${rbac}","Kind":"Role","Name":"b"}: cannot change roleRef`]],
  ['a claim that shrinks', core('PersistentVolumeClaim', { spec: { ...claim, resources: { requests: { storage: '1Mi' } } }, status: { phase: 'Bound' } }), core('PersistentVolumeClaim', { spec: claim, status: { phase: 'Bound', capacity: { storage: '1Gi' } } }), ['spec.resources.requests.storage: Forbidden: field can not be less than status.capacity']],
  ['an ingress for nothing', { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', spec: {} }, undefined, ['spec: Invalid value: null: either `defaultBackend` or `rules` must be specified']],
  ['a policy of an unknown protocol', { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', spec: { ingress: [{ ports: [{ protocol: 'ICMP', port: 1 }] }] } }, undefined, ['spec.ingress[0].ports[0].protocol: Unsupported value: "ICMP": supported values: "TCP", "UDP", "SCTP"']],
  ['a storage class that changes', { apiVersion: 'storage.k8s.io/v1', kind: 'StorageClass', provisioner: 'b' }, { apiVersion: 'storage.k8s.io/v1', kind: 'StorageClass', provisioner: 'a' }, ['provisioner: Invalid value: "b": field is immutable']],
] // prettier-ignore

for (const [what, object, old, expected] of CASES) {
  test(`judges ${what}`, () => assert.deepEqual(faults(object, old), expected))
}

test('holds the counts of a status against one another', () => {
  const deployment = prepared({ ...workload('Deployment'), status: { replicas: -7 } })
  const found = rulesFor(kindOf(deployment))?.validateStatus?.(deployment, deployment) ?? []

  assert.deepEqual(
    found.map(({ field, message }) => `${field}: ${message}`),
    [
      'status.replicas: Invalid value: -7: must be greater than or equal to 0',
      'status.updatedReplicas: Invalid value: 0: cannot be greater than status.replicas',
      'status.readyReplicas: Invalid value: 0: cannot be greater than status.replicas',
      'status.availableReplicas: Invalid value: 0: cannot be greater than status.replicas',
    ],
  )
})

const NOT_STANDARD = 'name is neither a standard finalizer name nor is it fully qualified'
const BOTH = 'finalizer orphan and foregroundDeletion cannot be both set'
const FINALIZERS: readonly (readonly [
  names: readonly string[],
  custom: readonly string[],
  builtin: readonly string[],
])[] = [
  [['a.b/c', 'orphan', 'kubernetes'], [], []],
  [['mine'], [], [`metadata.finalizers[0]: Invalid value: "mine": ${NOT_STANDARD}`]],
  [['a.b/c', 'mine'], [], [`metadata.finalizers[1]: Invalid value: "mine": ${NOT_STANDARD}`]],
  [
    ['orphan', 'foregroundDeletion'],
    [`metadata.finalizers: Invalid value: ["orphan","foregroundDeletion"]: ${BOTH}`],
    [`metadata.finalizers: Invalid value: ["orphan","foregroundDeletion"]: ${BOTH}`],
  ],
]

test('takes standard finalizers and qualified names, and of custom resources any name', () => {
  for (const [finalizers, custom, builtin] of FINALIZERS) {
    const object = prepared(core('ConfigMap', { metadata: { name: 'a', namespace: 'n', finalizers } }))

    const [ofCustom, ofBuiltin] = [metadataFaults(object, true), metadataFaults(object, false)]

    assert.deepEqual([ofCustom.map(told), ofBuiltin.map(told)], [custom, builtin])
  }
})

function told({ field, message }: FieldFault): string {
  return `${field}: ${message}`
}

test('limits the size of annotations', () => {
  const map = core('ConfigMap', { metadata: { name: 'a', namespace: 'n', annotations: { a: 'x'.repeat(262_144) } } })

  assert.deepEqual(metadataFaults(prepared(map), false).map(({ message }) => message), ['Too long: may not be more than 262144 bytes']) // prettier-ignore
})

test('keeps the identity of an object over updates', () => {
  const old = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a', uid: '1', resourceVersion: '1' } }
  const changed = { ...old, metadata: { name: 'b', uid: '1', resourceVersion: '1' } }

  assert.deepEqual(metadataUpdateFaults(changed, old, false).map(told), [
    // The registry says so, and the kind says it again.
    `metadata.name: Invalid value: "b": ${IMMUTABLE}`,
    `metadata.name: Invalid value: "b": ${IMMUTABLE}`,
  ])
})

const SCHEDULES: readonly (readonly [string, string | undefined])[] = [
  ['*/5 0-6 1,15 jan-mar MON', undefined],
  ['@hourly', undefined],
  ['@every 1h30m', undefined],
  ['@never', 'unrecognized descriptor: @never'],
  ['@every', 'unrecognized descriptor: @every'],
  ['@every soon', 'failed to parse duration @every soon: time: invalid duration "soon"'],
  ['', 'empty spec string'],
  ['* * * *', 'expected exactly 5 fields, found 4: [* * * *]'],
  ['* * * * 8', 'end of range (8) above maximum (6): 8'],
  ['1-2-3 * * * *', 'too many hyphens: 1-2-3'],
  ['1/2/3 * * * *', 'too many slashes: 1/2/3'],
  ['60 * * * *', 'end of range (60) above maximum (59): 60'],
  ['* * 0 * *', 'beginning of range (0) below minimum (1): 0'],
  ['5-1 * * * *', 'beginning of range (5) beyond end of range (1): 5-1'],
  ['*/0 * * * *', 'step of range should be a positive number: */0'],
  ['x * * * *', 'failed to parse int from x: strconv.Atoi: parsing "x": invalid syntax'],
]

test('reads schedules as the library of the real server does', () => {
  assert.deepEqual(
    SCHEDULES.map(([text]) => [text, scheduleFault(text)]),
    SCHEDULES,
  )
})

test('knows names, values, ports and addresses', () => {
  assert.deepEqual(dnsLabel('a.b'), ['must not contain dots'])
  assert.deepEqual(labelValueFaults(''), [])
  assert.equal(labelKeyFaults('a/b/c')[0]?.startsWith('a valid label key must consist'), true)
  assert.deepEqual(portName('a--b'), ['must not contain consecutive hyphens'])
  assert.deepEqual(variableName('A=B').length, 1)
  assert.deepEqual(percentage('5%'), [])
  assert.deepEqual(['1.2.3.4', '::1', '1.2.3', '01.2.3.4', '::ffff:1.2.3.4', 'a::b::c'].map(isIpAddress), [true, true, false, false, true, false]) // prettier-ignore
})
