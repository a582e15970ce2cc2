// Holds defaults, preparation and validation of built-in kinds against recorded answers of kube-apiserver 1.36.3.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { JsonObject, KubeObject } from '../../src/kube/object.ts'
import { decodeStrict, emptyStatus } from '../../src/local-cluster/kinds/codec/decode.ts'
import type { FieldFault, KindContext, KindRules, ServedResource } from '../../src/local-cluster/kinds/contract.ts'
import { builtinResource } from '../../src/local-cluster/kinds/resources.ts'
import { rulesFor } from '../../src/local-cluster/kinds/rules.ts'
import { validateMetadata } from '../../src/local-cluster/kinds/validation/metadata.ts'
import { compareWithKnownFailures, CORPUS_ABSENT, corpusFolder, readCases, type CaseResult } from '../support/corpus.ts'

interface RecordedCase {
  readonly scenario: string
  readonly name: string
  readonly request: { readonly method: string; readonly path: string; readonly body?: JsonObject }
  readonly response: { readonly code: number; readonly body?: JsonObject }
}

interface Creation {
  readonly id: string
  readonly resource: ServedResource
  readonly namespace: string | undefined
  readonly sent: KubeObject
  readonly answer: JsonObject
}

const PATH =
  /^\/api(?:s\/(?<group>[^/]+))?\/(?<version>[^/]+)(?:\/namespaces\/(?<namespace>[^/]+)(?=\/))?\/(?<resource>[^/?]+)(?:\?.*)?$/

/** Creations of built-in kinds that the real server answered with this code. */
function* creations(code: number): Generator<Creation> {
  for (const { scenario, name, request, response } of readCases<RecordedCase>('kubernetes-api', 'cases.jsonl')) {
    const parts = PATH.exec(request.path)?.groups
    if (request.method !== 'POST' || response.code !== code || request.body === undefined || parts === undefined)
      continue
    const { group = '', version = '', namespace } = parts
    const resource = builtinResource(group, version, parts['resource'] ?? '')
    const isOurs = resource?.verbs.includes('list') === true && resource.kind !== 'CustomResourceDefinition'
    if (!isOurs || response.body === undefined) continue
    // Requests that refer to earlier answers need a server, not a function.
    if (JSON.stringify(request.body).includes('${')) continue
    const apiVersion = group === '' ? version : `${group}/${version}`
    const sent = { metadata: {}, ...request.body, apiVersion, kind: resource.kind }
    yield { id: `${scenario}/${name}`, resource, namespace, sent, answer: response.body }
  }
}

/** Hands out what the recorded answer shows, so that addresses agree. */
function contextOf(answer: JsonObject): KindContext {
  const spec = (answer['spec'] ?? {}) as { clusterIP?: string; ports?: readonly { nodePort?: number }[] }
  const ports = (spec.ports ?? []).map((port) => port.nodePort)
  return {
    nowMs: 0,
    randomSuffix: (length) => 'x'.repeat(length),
    claimClusterIp: (wanted) => wanted ?? spec.clusterIP ?? '10.96.0.2',
    claimNodePort: (wanted) => wanted ?? ports.shift(),
  }
}

/** What a registry does around the rules, in its order. */
function create({ resource, namespace, sent, answer }: Creation, rules: KindRules): KubeObject {
  const decoded = decodeStrict(resource, sent).object
  const defaulted = rules.setDefaults?.(decoded) ?? decoded
  const recorded = (answer['metadata'] ?? {}) as { name?: string; uid?: string }
  const status = emptyStatus(resource)
  const made = {
    ...defaulted,
    ...(status === undefined ? {} : { status }),
    metadata: {
      ...defaulted.metadata,
      ...(namespace === undefined ? {} : { namespace }),
      ...(recorded.uid === undefined ? { uid: 'uid' } : { uid: recorded.uid, name: recorded.name ?? '' }),
      ...(rules.generationParts === undefined ? {} : { generation: 1 }),
    },
  }
  return rules.prepareForCreate?.(made, contextOf(answer)) ?? made
}

const REGISTRY_FIELDS = ['resourceVersion', 'creationTimestamp', 'managedFields', 'selfLink']
/** What admission adds to pods: accounts, tolerations, priorities. */
const ADMISSION_FIELDS = ['tolerations', 'serviceAccountName', 'serviceAccount', 'priority', 'preemptionPolicy', 'volumes', 'imagePullSecrets', 'nodeSelector'] // prettier-ignore

interface Comparable {
  kind: string
  metadata: Record<string, unknown>
  spec?: Record<string, unknown> & {
    containers?: Record<string, unknown>[]
    initContainers?: Record<string, unknown>[]
  }
  status?: { conditions?: Record<string, unknown>[] }
}

function comparable(object: unknown): Comparable {
  const copy = JSON.parse(JSON.stringify(object)) as Comparable
  for (const field of REGISTRY_FIELDS) delete copy.metadata[field]
  for (const condition of copy.status?.conditions ?? []) delete condition['lastTransitionTime']
  if (copy.kind !== 'Pod' || copy.spec === undefined) return copy
  for (const field of ADMISSION_FIELDS) delete copy.spec[field]
  for (const container of [...(copy.spec.containers ?? []), ...(copy.spec.initContainers ?? [])])
    delete container['volumeMounts']
  return copy
}

function differenceOf(actual: unknown, expected: unknown): string | undefined {
  try {
    assert.deepEqual(actual, expected)
    return undefined
  } catch (error) {
    return error instanceof Error ? error.message.slice(0, 600) : String(error)
  }
}

test('fills in what the real server fills in when an object is created', (t) => {
  if (corpusFolder() === undefined) return t.skip(CORPUS_ABSENT)
  const results: CaseResult[] = []
  for (const creation of creations(201)) {
    const made = create(creation, rulesFor(creation.resource) ?? {})
    results.push({ id: creation.id, failure: differenceOf(comparable(made), comparable(creation.answer)) })
  }

  compareWithKnownFailures('kind-defaults', results)
  return undefined
})

test('finds the faults the real server finds, in its words and order', (t) => {
  if (corpusFolder() === undefined) return t.skip(CORPUS_ABSENT)
  const results: CaseResult[] = []
  for (const creation of creations(422)) {
    const rules = rulesFor(creation.resource) ?? {}
    const made = create(creation, rules)
    const faults: readonly FieldFault[] = [
      ...validateMetadata(made, creation.resource.namespaced),
      ...(rules.validate?.(made, undefined) ?? []),
    ]
    const { causes, kind } = creation.answer['details'] as { causes: readonly FieldFault[]; kind: string }
    // Faults of the request's own options are found before the object is looked at.
    if (kind !== creation.resource.kind) continue
    const told = causes.map(({ reason, field, message }) => ({
      reason,
      field,
      message: message.replace(/<uid:\d+>/, 'uid'),
    }))
    results.push({ id: creation.id, failure: differenceOf(faults, told) })
  }

  compareWithKnownFailures('kind-validation', results)
  return undefined
})
