// What `resize` and `ephemeralcontainers` may make of a pod, in upstream's words.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { JsonObject } from '../../../kube/object.ts'
import { defaultPod } from '../pod/pod-defaults.ts'
import { ephemeralChangeFaults, resizeFaults } from './pod-parts.ts'

const A = { name: 'a', image: 'a', resources: { requests: { cpu: '1', memory: '1Gi' }, limits: { cpu: '2' } } }
const B = { name: 'b', image: 'b' }
const SIDECAR = { name: 's', image: 's', restartPolicy: 'Always', resources: { requests: { cpu: '1' } } }
const INIT = { name: 'i', image: 'i' }
const E = { name: 'e', image: 'e' }

function pod(spec: JsonObject, annotations: JsonObject = {}): JsonObject {
  return defaultPod({ metadata: { name: 'p', annotations }, spec: { containers: [A, B], ...spec } })
}

function resizedTo(container: JsonObject): JsonObject {
  return pod({ containers: [{ ...A, ...container }, B] })
}

const OLD = pod({})
const WITH_INIT = pod({ initContainers: [INIT, SIDECAR] })
const ONLY = 'Forbidden: only cpu and memory resources are mutable'
const MIRROR = { 'kubernetes.io/config.mirror': 'x' }

type Case = readonly [what: string, pod: JsonObject, old: JsonObject, told: readonly string[]]

const RESIZES: readonly Case[] = [
  ['more processor', resizedTo({ resources: { requests: { cpu: '2', memory: '1Gi' }, limits: { cpu: '2' } } }), OLD, []], // prettier-ignore
  ['another kind of storage', resizedTo({ resources: { ...A.resources, requests: { ...A.resources.requests, 'ephemeral-storage': '1Gi' } } }), OLD, [`spec: ${ONLY}`]], // prettier-ignore
  ['a limit taken away', resizedTo({ resources: { requests: A.resources.requests } }), OLD, ['spec.containers[0].resources.limits: Forbidden: resource limits cannot be removed']], // prettier-ignore
  ['another policy', resizedTo({ resizePolicy: [{ resourceName: 'cpu', restartPolicy: 'NotRequired' }] }), OLD, [`spec: ${ONLY}`]], // prettier-ignore
  ['another quality', pod({ containers: [B] }), pod({ containers: [{ ...B, resources: { requests: { cpu: '1' } } }] }), ['spec: Invalid value: "": Pod QOS Class may not change as a result of resizing', 'spec.containers[0].resources.requests: Forbidden: resource requests cannot be removed']], // prettier-ignore
  ['a container less', pod({ containers: [A] }), OLD, ['spec.containers: Forbidden: containers may not be added or removed on resize']], // prettier-ignore
  ['another order', pod({ containers: [B, A] }), OLD, [0, 1].map((at) => `spec.containers[${at}].name: Forbidden: containers may not be renamed or reordered on resize`)], // prettier-ignore
  ['a sidecar with more', pod({ initContainers: [INIT, { ...SIDECAR, resources: { requests: { cpu: '2' } } }] }), WITH_INIT, []], // prettier-ignore
  ['a sidecar with storage', pod({ initContainers: [INIT, { ...SIDECAR, resources: { requests: { cpu: '1', 'ephemeral-storage': '1' } } }] }), WITH_INIT, ['spec.initContainers[1]: Forbidden: only cpu and memory resources for init or sidecar containers are mutable']], // prettier-ignore
  ['a mirror pod', pod({}, MIRROR), pod({}, MIRROR), ['[]: Forbidden: static pods cannot be resized']],
  ['a pod of Windows', OLD, pod({ os: { name: 'windows' } }), ['[]: Forbidden: windows pods cannot be resized']],
  ['a node that cannot', OLD, { ...OLD, status: { qosClass: 'Burstable', containerStatuses: [{ state: { running: {} } }] } }, ['spec: Forbidden: Pod running on node without support for resize']], // prettier-ignore
]

const looking = (container: JsonObject): JsonObject => pod({ ephemeralContainers: [{ ...E, ...container }] })
const AT = 'spec.ephemeralContainers[0]'
const NOT_SET = 'Forbidden: cannot be set for an Ephemeral Container'

const EPHEMERAL: readonly Case[] = [
  ['a new one', looking({ targetContainerName: 'a' }), OLD, []],
  ['the name of another', looking({ name: 'a' }), OLD, [`${AT}.name: Duplicate value: "a"`]],
  ['no such target', looking({ targetContainerName: 'x' }), OLD, [`${AT}.targetContainerName: Not found: "x"`]],
  ['ports and resources', looking({ ports: [{ containerPort: 80 }], resources: { requests: { cpu: '1' } } }), OLD, [`${AT}.ports: ${NOT_SET}`, `${AT}.resources: ${NOT_SET}`]], // prettier-ignore
  ['blanks around an image', looking({ image: ' e' }), OLD, [`${AT}.image: Invalid value: " e": must not have leading or trailing whitespace`]], // prettier-ignore
  ['one taken away', OLD, looking({}), ['spec.ephemeralContainers: Forbidden: existing ephemeral containers "e" may not be removed\n']], // prettier-ignore
  ['a mirror pod', pod({}, MIRROR), pod({}, MIRROR), ['[]: Forbidden: static pods do not support ephemeral containers']], // prettier-ignore
]

describe('parts of pods', () => {
  for (const [what, now, old, told] of RESIZES)
    test(`judges a resize: ${what}`, () =>
      assert.deepEqual(
        resizeFaults(now, old).map(({ field, message }) => `${field}: ${message}`),
        told,
      ))

  for (const [what, now, old, told] of EPHEMERAL)
    test(`judges ephemeral containers: ${what}`, () =>
      assert.deepEqual(
        ephemeralChangeFaults(now, old).map(({ field, message }) => `${field}: ${message}`),
        told,
      ))

  test('shows what would change of an ephemeral container', () => {
    const [said] = ephemeralChangeFaults(looking({ image: 'x' }), looking({}))

    assert.match(said?.message ?? '', /^Forbidden: existing ephemeral containers "e" may not be changed\n[^]*\n- "Image": "e",\n\+ "Image": "x",\n/) // prettier-ignore
  })
})
