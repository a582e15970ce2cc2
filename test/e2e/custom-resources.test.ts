// Custom resources: the same definitions and objects to the embedded API server and to a real kube-apiserver, and the same answers.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import type { ApiRequest, Transport } from '../../src/kube/client/transport.ts'
import type { JsonObject, JsonValue } from '../../src/kube/object.ts'
import { embeddedTransport, realTransport } from '../support/both-servers.ts'

/** A request after the definition is served: below the collection, in version `v1` unless the step says so. */
interface Step {
  readonly method: ApiRequest['method']
  readonly path?: string
  readonly query?: string
  readonly version?: string
  readonly body?: JsonValue
  readonly type?: string
  readonly accept?: string
  /** Changes the definition itself. */
  readonly definition?: true
}

interface Case {
  readonly title: string
  /** What a definition's `spec` has besides group, names and scope. */
  readonly spec: JsonObject & { readonly versions: readonly JsonObject[] }
  readonly steps?: readonly Step[]
}

interface Answer {
  readonly code: number
  readonly warning: string | undefined
  readonly body: JsonValue
}

/** What is known to differ, and why; the list may only shrink. */
const KNOWN: Readonly<Record<string, string>> = {}

const GROUP = 'case.example.com'
const DEFINITIONS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'
const MERGE = 'application/merge-patch+json'
const READY_MS = 20_000
const POLL_MS = 50

describe('custom resources', { timeout: 300_000 }, () => {
  test('both servers answer alike', async (t) => {
    const cases = [...read('refused-definitions'), ...read('custom-resources')]
    const [ours, theirs] = [
      await tellAll(await embeddedTransport(t), cases),
      await tellAll(await realTransport(t), cases),
    ]

    const different = [...theirs].filter(([name, answer]) => !isAlike(answer, ours.get(name)))
    t.diagnostic(`${theirs.size - different.length} of ${theirs.size} answers alike`)
    assert.ok(theirs.size > 120, `${theirs.size} answers`)
    for (const [name, answer] of different) {
      if (KNOWN[name] === undefined) await t.test(name, () => assert.deepEqual(ours.get(name), answer))
    }
    const names = different.map(([name]) => name)
    assert.deepEqual(
      Object.keys(KNOWN).filter((name) => !names.includes(name)),
      [],
      'known differences that are gone',
    )
  })
})

function read(name: string): readonly Case[] {
  return JSON.parse(readFileSync(join(import.meta.dirname, 'testdata', `${name}.json`), 'utf8')) as readonly Case[] // written as such
}

function isAlike(a: Answer, b: Answer | undefined): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}

async function tellAll(server: Transport, cases: readonly Case[]): Promise<ReadonlyMap<string, Answer>> {
  const told = new Map<string, Answer>()
  for (const [index, one] of cases.entries()) await tellCase({ server, told, one, plural: `kind${index}s` })
  return told
}

interface Telling {
  readonly server: Transport
  readonly told: Map<string, Answer>
  readonly one: Case
  readonly plural: string
}

async function tellCase(telling: Telling): Promise<void> {
  const { server, told, one, plural } = telling
  const { body, ...answer } = await ask(server, { method: 'POST', path: DEFINITIONS, body: definitionOf(one, plural) })
  // The status follows a moment later.
  const shown = answer.code === 201 && isJsonObject(body) ? (body['spec'] ?? null) : body
  told.set(`${one.title}: definition`, { ...answer, body: comparable(shown) })
  if (answer.code !== 201) return
  await untilServed(telling)
  for (const [index, step] of (one.steps ?? []).entries()) {
    const name = `${one.title}: ${index + 1}`
    told.set(name, step.definition === true ? await changeDefinition(telling, step) : await tellStep(telling, step))
  }
}

function definitionOf({ spec }: Case, plural: string): JsonObject {
  const kind = `K${plural.slice(1, -1)}`
  const names = { plural, singular: plural.slice(0, -1), kind, listKind: `${kind}List` }
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${GROUP}` },
    spec: { group: GROUP, scope: 'Namespaced', names, ...spec },
  }
}

/** Names are accepted first, then the objects are served; the real server takes its time for both. */
async function untilServed({ server, one, plural }: Telling): Promise<void> {
  const version = textOf(one.spec.versions[0]?.['name'])
  const deadline = performance.now() + READY_MS
  for (;;) {
    const definition = await ask(server, { method: 'GET', path: `${DEFINITIONS}/${plural}.${GROUP}` })
    const isEstablished = JSON.stringify(definition.body).includes('"type":"Established"')
    const list = await ask(server, { method: 'GET', path: `/apis/${GROUP}/${version}/${plural}` })
    if (isEstablished && list.code === 200) return
    assert.ok(performance.now() < deadline, `${plural} is not served`)
    await pause(POLL_MS)
  }
}

/** The definition after the change, once the server has taken it in: until then old schemas hold. */
async function changeDefinition({ server, plural }: Telling, { type = MERGE, body }: Step): Promise<Answer> {
  const path = `${DEFINITIONS}/${plural}.${GROUP}`
  const patch = type === MERGE ? { spec: body ?? {} } : (body ?? [])
  const { body: answered, ...answer } = await ask(server, { method: 'PATCH', path, body: patch, type })
  if (answer.code !== 200) return { ...answer, body: comparable(answered) }
  // Nothing tells when kube-apiserver serves by the new schema; it takes less than a second.
  if (!isInProcess(server)) await pause(1500)
  const { body: now } = await ask(server, { method: 'GET', path })
  const { spec = null, status } = now as { readonly spec?: JsonValue; readonly status?: JsonObject } // a definition
  const { storedVersions = null, acceptedNames = null } = status ?? {}
  return { ...answer, body: comparable({ spec, storedVersions, acceptedNames }) }
}

function isInProcess(server: Transport): boolean {
  return server.constructor === Object
}

async function tellStep({ server, plural }: Telling, step: Step): Promise<Answer> {
  const { version = 'v1', path = '', query = '', type = 'application/json' } = step
  const place = `/apis/${GROUP}/${version}/namespaces/default/${plural}`
  const isWhole = type === 'application/json' || type === 'application/apply-patch+yaml'
  const kind = `K${plural.slice(1, -1)}`
  const body =
    isWhole && isJsonObject(step.body) ? { apiVersion: `${GROUP}/${version}`, kind, ...step.body } : step.body
  const answer = await ask(server, {
    ...step,
    path: `${place}${path === '' ? '' : `/${path}`}${query === '' ? '' : `?${query}`}`,
    ...(body === undefined ? {} : { body }),
  })
  return { ...answer, body: comparable(answer.body) }
}

interface Question {
  readonly method: ApiRequest['method']
  readonly path: string
  readonly body?: JsonValue
  readonly type?: string
  readonly accept?: string
}

async function ask(server: Transport, question: Question): Promise<Answer> {
  const { method, path, body, type = 'application/json', accept = 'application/json' } = question
  const answer = await server.send({
    method,
    path,
    headers: { accept, 'content-type': type, 'user-agent': 'test/1' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const chunks: Buffer[] = []
  const whole = typeof answer.body === 'string' || answer.body instanceof Uint8Array ? [answer.body] : answer.body
  for await (const chunk of whole) chunks.push(Buffer.from(chunk))
  const text = Buffer.concat(chunks).toString()
  return {
    code: answer.status,
    warning: answer.headers['warning'],
    body: text.startsWith('{') ? (JSON.parse(text) as JsonObject) : text,
  }
}

const VOLATILE: ReadonlySet<string> = new Set(['uid', 'resourceVersion', 'creationTimestamp', 'lastTransitionTime'])

/** Without what no two servers share; causes in one order, as Go's maps have none. */
function comparable(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map((item: JsonValue) => comparable(item))
  if (typeof value === 'string') return value.replace(/^\d+s$/, '0s')
  if (!isJsonObject(value)) return value
  const { causes } = value
  const isFault = Array.isArray(value['causes'])
  const shown: Record<string, JsonValue> = {}
  for (const key of Object.keys(value).toSorted()) {
    if (key === 'managedFields') continue
    shown[key] = VOLATILE.has(key) ? '*' : comparable(value[key] ?? null)
  }
  if (isFault && Array.isArray(causes))
    shown['causes'] = causes.map((cause: JsonValue) => JSON.stringify(cause)).toSorted()
  // The message lists the causes in Go's order.
  if (value['kind'] === 'Status')
    shown['message'] = textOf(value['message']).replace(/ is invalid: [^]*/, ' is invalid')
  return shown
}

function textOf(value: JsonValue | undefined): string {
  return typeof value === 'string' ? value : ''
}

function isJsonObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
