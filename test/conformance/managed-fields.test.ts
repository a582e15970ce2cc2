// managedFields against the answers of a real API server: every patch, update and apply of a built-in object that already existed.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { messageOf } from '../../src/base/errors.ts'
import {
  applyPatch,
  topLevelFields,
  updateManagedFields,
  type WriteOptions,
} from '../../src/kube/apply/field-manager.ts'
import { kindOf, type JsonObject, type KubeObject } from '../../src/kube/object.ts'
import { builtinSchema, type TypeSchema } from '../../src/kube/schema/schema.ts'
import { compareWithKnownFailures, CORPUS_ABSENT, corpusFolder, readCases, type CaseResult } from '../support/corpus.ts'

interface Exchange {
  readonly scenario: string
  readonly name: string
  readonly request: {
    readonly method: string
    readonly path: string
    readonly headers?: Readonly<Record<string, string>>
    readonly body?: unknown
  }
  readonly response: { readonly code: number; readonly body?: KubeObject }
}

test('gives fields to their writers as a real API server does', (t) => {
  if (corpusFolder() === undefined) return t.skip(CORPUS_ABSENT)
  const results: CaseResult[] = []
  let scenario = ''
  let live = new Map<string, KubeObject>()

  for (const exchange of readCases<Exchange>('kubernetes-api', 'cases.jsonl')) {
    if (exchange.scenario !== scenario || exchange.request.method === 'DELETE') live = new Map()
    scenario = exchange.scenario
    const object = answeredObject(exchange)
    if (object === undefined) continue
    const key = `${object.kind}/${object.metadata.namespace}/${object.metadata.name}`
    const before = live.get(key)
    if (!exchange.request.path.includes('dryRun')) live.set(key, object)
    const result = before === undefined ? undefined : outcome(exchange, before, object)
    if (result !== undefined) results.push(result)
  }

  assert.ok(results.length > 150, 'the recording has about two hundred writes of this kind')
  compareWithKnownFailures('managed-fields', results)
})

/** The built-in object an exchange answered with. */
function answeredObject({ response }: Exchange): KubeObject | undefined {
  const { body } = response
  if (response.code >= 300 || body?.metadata?.uid === undefined || body.kind === undefined) return undefined
  return builtinSchema(kindOf(body)) === undefined ? undefined : body
}

/** Undefined for what writes nothing, or writes in a way this suite does not replay. */
function outcome(exchange: Exchange, before: KubeObject, after: KubeObject): CaseResult | undefined {
  const { path, headers = {}, body } = exchange.request
  const { searchParams } = new URL(path, 'http://server')
  const schema = builtinSchema(kindOf(after))
  if (schema === undefined || !isReplayed(exchange, after)) return undefined
  const manager = searchParams.get('fieldManager') ?? headers['user-agent']?.split('/')[0] ?? ''
  const subresource = subresourceOf(exchange)
  const versioned = { schema, apiVersion: after.apiVersion, nowMs: 0 }
  const options: WriteOptions = { ...versioned, manager, subresource, resetFields: resetFields(schema, subresource) }
  const force = searchParams.get('force') === 'true'
  return compare(`${exchange.scenario}/${exchange.name}`, after, () =>
    isApply(exchange)
      ? applyPatch(before, body as KubeObject, { ...options, force }).object // isReplayed admits objects only
      : updateManagedFields(before, withoutManaged(after), options),
  )
}

function isApply({ request }: Exchange): boolean {
  return request.headers?.['content-type']?.includes('apply-patch') === true
}

function subresourceOf({ request }: Exchange): '' | 'status' {
  return new URL(request.path, 'http://server').pathname.endsWith('/status') ? 'status' : ''
}

/** Writes of the object or its status, with a body that needs no filling in and does not set managedFields itself. */
function isReplayed(exchange: Exchange, after: KubeObject): boolean {
  const { method, path, body } = exchange.request
  const { pathname } = new URL(path, 'http://server')
  const isOwn = pathname.endsWith(`/${after.metadata.name}`) || subresourceOf(exchange) !== ''
  if ((method !== 'PUT' && method !== 'PATCH') || !isOwn || setsManaged(body)) return false
  if (JSON.stringify(body ?? '').includes('${')) return false
  return !isApply(exchange) || (typeof body === 'object' && exchange.response.code !== 201)
}

function setsManaged(body: unknown): boolean {
  return JSON.stringify(body ?? '').includes('managedFields')
}

/** Kinds with a status keep it out of the main endpoint, and everything else but metadata out of the other. */
function resetFields(schema: TypeSchema, subresource: string): ReturnType<typeof topLevelFields> {
  if (subresource === 'status') return topLevelFields('spec')
  return schema.properties?.has('status') === true ? topLevelFields('status') : topLevelFields()
}

function withoutManaged(object: KubeObject): KubeObject {
  const { managedFields: _managedFields, ...metadata } = object.metadata
  return { ...object, metadata }
}

function compare(id: string, expected: KubeObject, write: () => KubeObject): CaseResult {
  try {
    assert.deepEqual(entriesOf(write()), entriesOf(expected))
    return { id }
  } catch (error) {
    return { id, failure: messageOf(error).replaceAll(/\s+/g, ' ').slice(0, 400) }
  }
}

/** The entries without times, which the recording replaced, in an order of their own. */
function entriesOf(object: KubeObject): readonly JsonObject[] {
  const entries = (object.metadata.managedFields ?? []).map(({ time: _time, ...entry }) => entry)
  const nameOf = (entry: JsonObject): string =>
    JSON.stringify([entry['operation'], entry['manager'], entry['apiVersion'], entry['subresource']])
  return entries.sort((a, b) => Number(nameOf(a) > nameOf(b)) - Number(nameOf(a) < nameOf(b)))
}
