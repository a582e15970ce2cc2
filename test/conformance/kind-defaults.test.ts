// Holds defaults, preparation and validation of built-in kinds against recorded answers of kube-apiserver 1.36.3.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { joinApiVersion, type JsonObject, type KubeObject } from '../../src/kube/object.ts'
import { decodeStrict, emptyStatus } from '../../src/local-cluster/kinds/codec/decode.ts'
import type { FieldFault, KindContext, KindRules, ServedResource } from '../../src/local-cluster/kinds/contract.ts'
import { builtinResource } from '../../src/local-cluster/kinds/resources.ts'
import { rulesFor } from '../../src/local-cluster/kinds/rules.ts'
import { metadataFaults } from '../../src/local-cluster/kinds/validation/metadata.ts'
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
  for (const recorded of readCases<RecordedCase>('kubernetes-api', 'cases.jsonl')) {
    if (recorded.request.method !== 'POST' || recorded.response.code !== code) continue
    const creation = creationOf(recorded)
    if (creation !== undefined) yield creation
  }
}

function creationOf({ scenario, name, request, response }: RecordedCase): Creation | undefined {
  const target = targetOf(request.path)
  const isOurs = target?.resource.verbs.includes('list') === true && target.resource.kind !== 'CustomResourceDefinition'
  if (target === undefined || !isOurs || request.body === undefined || response.body === undefined) return undefined
  // Requests that refer to earlier answers need a server, not a function.
  if (JSON.stringify(request.body).includes('${')) return undefined
  const { group, version, kind } = target.resource
  const sent = { metadata: {}, ...request.body, apiVersion: joinApiVersion(group, version), kind }
  return { id: `${scenario}/${name}`, ...target, sent, answer: response.body }
}

function targetOf(path: string): { resource: ServedResource; namespace: string | undefined } | undefined {
  const parts = PATH.exec(path)?.groups
  if (parts === undefined) return undefined
  const resource = builtinResource(parts['group'] ?? '', parts['version'] ?? '', parts['resource'] ?? '')
  return resource === undefined ? undefined : { resource, namespace: parts['namespace'] }
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
    const faults: readonly FieldFault[] = [...metadataFaults(made, false), ...(rules.validate?.(made, undefined) ?? [])]
    const { causes, kind } = creation.answer['details'] as unknown as { causes: readonly FieldFault[]; kind: string }
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

interface RecordedTable {
  readonly columnDefinitions: readonly { readonly name: string; readonly description: string }[]
  readonly rows: readonly { readonly cells: readonly unknown[]; readonly object: KubeObject }[]
}

interface ShownObject {
  readonly id: string
  readonly resource: ServedResource
  readonly table: RecordedTable
  readonly object: KubeObject
}

/** Tables of one row whose object an earlier answer of the scenario shows whole. */
function* recordedTables(): Generator<ShownObject> {
  const objects = new Map<string, KubeObject>()
  for (const { scenario, name, request, response } of readCases<RecordedCase>('kubernetes-api', 'cases.jsonl')) {
    const body = response.body as unknown as (KubeObject & RecordedTable) | undefined
    if (body?.metadata?.name !== undefined) objects.set(`${scenario}/${body.kind}/${body.metadata.name}`, body)
    const resource = targetOf(request.path)?.resource
    if (resource === undefined || body?.kind !== 'Table') continue
    const shown = body.rows.length === 1 ? body.rows[0]?.object.metadata.name : undefined
    const object = objects.get(`${scenario}/${resource.kind}/${shown}`)
    if (object !== undefined) yield { id: `${scenario}/${name}`, resource, table: body, object }
  }
}

test('shows the columns and cells the real server shows', (t) => {
  if (corpusFolder() === undefined) return t.skip(CORPUS_ABSENT)
  const now = '2026-11-21T12:00:00Z'
  const results: CaseResult[] = []
  for (const { id, resource, table, object } of recordedTables()) {
    const timed = JSON.parse(JSON.stringify(object).replaceAll('<time>', now)) as KubeObject
    const ours = rulesFor(resource)?.table
    const cells = ours?.cells(timed, Date.parse(now)).map((cell) => (cell === now ? '<time>' : cell))
    const titles = (list: readonly { description: string }[]): unknown => list.map((column) => ({ ...column, description: '' })) // prettier-ignore
    const failure =
      differenceOf(titles(ours?.columns ?? []), titles(table.columnDefinitions)) ??
      differenceOf(cells, table.rows[0]?.cells)
    results.push({ id, failure })
  }

  compareWithKnownFailures('kind-tables', results)
  return undefined
})
