// Tests of defaults and preparation beyond what the recorded answers show.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { GroupVersionKind, JsonObject, KubeObject } from '../../../kube/object.ts'
import { kindOf } from '../../../kube/object.ts'
import { decodeStrict } from '../codec/decode.ts'
import { PreparationError, type KindContext } from '../contract.ts'
import { rulesFor } from '../rules.ts'

const SERVICE: GroupVersionKind = { group: '', version: 'v1', kind: 'Service' }

/** Hands out addresses and ports in order; `taken` are those it refuses. */
function context(taken: readonly (string | number)[] = []): KindContext {
  let [address, port] = [1, 30_000]
  return {
    nowMs: 0,
    randomSuffix: (length) => 'x'.repeat(length),
    claimClusterIp: (wanted = `10.96.0.${(address += 1)}`) => (taken.includes(wanted) ? undefined : wanted),
    claimNodePort: (wanted = (port += 1)) => (taken.includes(wanted) ? undefined : wanted),
  }
}

function defaulted(object: object): JsonObject {
  const typed = { metadata: {}, ...object } as KubeObject
  const decoded = decodeStrict(kindOf(typed), typed).object
  const written = rulesFor(kindOf(typed))?.setDefaults?.(decoded) ?? decoded
  return written as unknown as JsonObject
}

function service(spec: object): KubeObject {
  return defaulted({ apiVersion: 'v1', kind: 'Service', metadata: { name: 's' }, spec }) as unknown as KubeObject
}

function specOf(object: KubeObject | JsonObject | undefined): JsonObject {
  return (object as JsonObject | undefined)?.['spec'] as JsonObject
}

test('leaves the object that came in as it was', () => {
  const given = service({ ports: [{ port: 80 }] })
  const before = JSON.stringify(given)

  rulesFor(SERVICE)?.prepareForCreate?.(given, context())

  assert.equal(JSON.stringify(given), before)
  assert.equal(rulesFor(SERVICE)?.setDefaults?.(given), given)
})

test('gives a headless service no address, and both families where nothing is selected', () => {
  const create = rulesFor(SERVICE)?.prepareForCreate
  const selecting = specOf(create?.(service({ clusterIP: 'None', selector: { a: 'b' }, ports: [{ port: 1 }] }), context())) // prettier-ignore
  const open = specOf(create?.(service({ clusterIP: 'None' }), context()))

  assert.deepEqual([selecting['clusterIPs'], selecting['ipFamilies']], [['None'], ['IPv4']])
  assert.deepEqual([open['ipFamilies'], open['ipFamilyPolicy']], [['IPv4', 'IPv6'], 'RequireDualStack'])
})

test('refuses an address and a port that are taken, and a port out of range', () => {
  const create = rulesFor(SERVICE)?.prepareForCreate
  const nodePort = (port: number): object => ({ type: 'NodePort', ports: [{ port: 80, nodePort: port }] })

  assert.throws(
    () => create?.(service({ clusterIP: '10.96.0.9', ports: [{ port: 1 }] }), context(['10.96.0.9'])),
    (error: unknown) =>
      error instanceof PreparationError &&
      error.faults[0]?.message ===
        'Invalid value: ["10.96.0.9"]: failed to allocate IP 10.96.0.9: provided IP is already allocated',
  )
  assert.throws(() => create?.(service(nodePort(30_001)), context([30_001])), /provided port is already allocated/)
  assert.throws(() => create?.(service(nodePort(80)), context()), /The range of valid ports is 30000-32767/)
})

test('keeps addresses and node ports of a service over updates, and drops them with its type', () => {
  const rules = rulesFor(SERVICE)
  const old = rules?.prepareForCreate?.(service({ type: 'NodePort', ports: [{ port: 80 }] }), context()) as KubeObject
  const same = specOf(rules?.prepareForUpdate?.(service({ type: 'NodePort', ports: [{ port: 80 }] }), old, context()))
  const plain = specOf(rules?.prepareForUpdate?.({ ...old, spec: { ...specOf(old), type: 'ClusterIP' } } as KubeObject, old, context())) // prettier-ignore
  const named = { ...old, spec: { ...specOf(old), type: 'ExternalName', externalName: 'a.b' } } as KubeObject
  const external = specOf(rules?.prepareForUpdate?.(named, old, context()))

  assert.deepEqual(same, specOf(old))
  assert.equal('nodePort' in ((plain['ports'] as JsonObject[])[0] ?? {}), false)
  assert.deepEqual([external['clusterIP'], external['clusterIPs']], [undefined, undefined])
})

test('writes stringData into data, over what stands there', () => {
  const secret = defaulted({
    apiVersion: 'v1',
    kind: 'Secret',
    stringData: { a: 'new' },
    data: { a: 'b2xk', b: 'Yg==' },
  })

  assert.deepEqual(
    [secret['data'], secret['stringData'], secret['type']],
    [{ a: 'bmV3', b: 'Yg==' }, undefined, 'Opaque'],
  )
})

test('counts a new template of a daemon set, and no other change', () => {
  const gvk = { group: 'apps', version: 'v1', kind: 'DaemonSet' }
  const rules = rulesFor(gvk)
  const make = (image: string, paused: number): KubeObject =>
    defaulted({ apiVersion: 'apps/v1', kind: 'DaemonSet', spec: { minReadySeconds: paused, template: { spec: { containers: [{ name: 'c', image }] } } } }) as unknown as KubeObject // prettier-ignore
  const first = rules?.prepareForCreate?.(make('a', 0), context()) as KubeObject
  const second = rules?.prepareForUpdate?.(make('a', 5), first, context()) as KubeObject
  const third = rules?.prepareForUpdate?.(make('b', 5), second, context()) as KubeObject
  const count = (object: KubeObject): string | undefined =>
    object.metadata.annotations?.['deprecated.daemonset.template.generation']

  assert.deepEqual([count(first), count(second), count(third)], ['1', '1', '2'])
})

test('completes claims inside a stateful set to whole claims', () => {
  const set = defaulted({ apiVersion: 'apps/v1', kind: 'StatefulSet', spec: { template: {}, volumeClaimTemplates: [{ metadata: { name: 'd' }, spec: {} }] } }) // prettier-ignore
  const spec = specOf(set)

  assert.deepEqual(spec['volumeClaimTemplates'], [
    {
      kind: 'PersistentVolumeClaim',
      apiVersion: 'v1',
      metadata: { name: 'd' },
      spec: { resources: {}, volumeMode: 'Filesystem' },
      status: { phase: 'Pending' },
    },
  ])
  assert.deepEqual(spec['updateStrategy'], { type: 'RollingUpdate', rollingUpdate: { partition: 0 } })
})

test('takes requests of a pod from its limits, and host ports from its ports on the host network', () => {
  const container = { name: 'c', image: 'a:1', ports: [{ containerPort: 80 }], resources: { limits: { cpu: '100u' } } }
  const pod = defaulted({ apiVersion: 'v1', kind: 'Pod', spec: { hostNetwork: true, serviceAccount: 'robot', containers: [container] } }) // prettier-ignore
  const spec = specOf(pod)
  const [first] = spec['containers'] as JsonObject[]

  assert.deepEqual(first?.['resources'], { limits: { cpu: '1m' }, requests: { cpu: '1m' } })
  assert.deepEqual(first?.['ports'], [{ containerPort: 80, protocol: 'TCP', hostPort: 80 }])
  assert.deepEqual([first?.['imagePullPolicy'], spec['serviceAccountName']], ['IfNotPresent', 'robot'])
})

const PULLS: readonly (readonly [string, string])[] = [
  ['nginx', 'Always'],
  ['nginx:latest', 'Always'],
  ['reg.example.com:5000/a/b', 'Always'],
  ['reg.example.com:5000/a/b:1.2', 'IfNotPresent'],
  [`nginx@sha256:${'a'.repeat(64)}`, 'IfNotPresent'],
  ['NotAName', 'IfNotPresent'],
]

test('pulls always what has no tag or the latest, and else when absent', () => {
  const policies = PULLS.map(([image]) => {
    const pod = defaulted({ apiVersion: 'v1', kind: 'Pod', spec: { containers: [{ name: 'c', image }] } })
    return [image, (specOf(pod)['containers'] as JsonObject[])[0]?.['imagePullPolicy']]
  })

  assert.deepEqual(policies, PULLS)
})

test('gives the fields a selector may ask for', () => {
  const pod = { apiVersion: 'v1', kind: 'Pod', metadata: {}, spec: { nodeName: 'n' }, status: { phase: 'Running', podIPs: [{ ip: '1.2.3.4' }] } } // prettier-ignore
  const labels = rulesFor({ group: '', version: 'v1', kind: 'Pod' })?.fieldLabels?.(pod)
  const event = {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: {},
    involvedObject: { kind: 'Pod', name: 'p' },
    reason: 'R',
  }
  const ofEvent = rulesFor({ group: '', version: 'v1', kind: 'Event' })?.fieldLabels?.(event)

  assert.deepEqual([labels?.['spec.nodeName'], labels?.['status.phase'], labels?.['status.podIP']], ['n', 'Running', '1.2.3.4']) // prettier-ignore
  assert.deepEqual([ofEvent?.['involvedObject.name'], ofEvent?.['reason']], ['p', 'R'])
})
