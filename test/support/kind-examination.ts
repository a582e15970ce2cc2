// Examines how a server treats one kind: what it makes of a manifest, of every variant of it, and of all verbs.
import { builtinResourceOfKind } from '../../src/local-cluster/kinds/resources.ts'
import { mutationsOf, type Json } from './mutations.ts'
import type { Ask, AskedServer } from './two-servers.ts'

/** Answers by step, made comparable between servers. */
export type Told = Map<string, Json>

export interface Manifest {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: { readonly name: string; readonly [key: string]: Json }
  readonly [key: string]: Json
}

export interface Examined {
  readonly manifest: Manifest
  /** Where namespaced objects go; made by the examination. */
  readonly namespace: string
  /** Which share of the variants is asked about: every n-th. */
  readonly every: number
}

interface Place {
  readonly server: AskedServer
  readonly told: Told
  readonly path: string
  readonly name: string
  readonly given: Examined
}

/** Requests on their way at a time. */
const TOGETHER = 8
const APPLY = 'application/apply-patch+yaml'
const MERGE = 'application/merge-patch+json'
const TABLE = 'application/json;as=Table;v=v1;g=meta.k8s.io'

/** Makes the namespace with the account that pods need. */
export async function prepareNamespace(server: AskedServer, namespace: string): Promise<void> {
  const metadata = { name: namespace }
  await ask(server, { method: 'POST', path: '/api/v1/namespaces', body: { metadata } })
  const account = { metadata: { name: 'default' } }
  await ask(server, { method: 'POST', path: `/api/v1/namespaces/${namespace}/serviceaccounts`, body: account })
}

/** Variants are dry runs; the object itself comes, changes and goes. */
export async function examineKind(server: AskedServer, given: Examined): Promise<Told> {
  const { manifest, namespace } = given
  const [version = '', group = ''] = manifest.apiVersion.split('/').toReversed()
  const resource = builtinResourceOfKind({ group, version, kind: manifest.kind })
  if (resource === undefined) throw new Error(`no built-in kind: ${manifest.kind}`)
  const root = group === '' ? `/api/${version}` : `/apis/${group}/${version}`
  const path = `${root}${resource.namespaced ? `/namespaces/${namespace}` : ''}/${resource.resource}`
  const { name } = manifest.metadata
  const place: Place = { server, told: new Map(), path, name, given }
  await examineVariants(place, (_index, variant) => [`create ${variant.name}`, { method: 'POST', path: `${path}?dryRun=All`, body: variant.manifest }, true]) // prettier-ignore
  await examineVerbs(place)
  return place.told
}

type Variant = { readonly name: string; readonly manifest: Json }
type Asking = (index: number, variant: Variant) => readonly [name: string, ask: Ask, isAsked: boolean]

async function examineVariants({ server, told, given }: Place, asking: Asking): Promise<void> {
  const steps = [...mutationsOf(given.manifest)]
    .filter((_variant, index) => index % given.every === 0)
    .map((variant, index) => asking(index, variant))
    .filter(([, , isAsked]) => isAsked)
  for (const [name] of steps) told.set(name, null)
  const waiting = steps.values()
  const work = async (): Promise<void> => {
    for (const [name, one] of waiting) told.set(name, comparable(await ask(server, one), given.namespace))
  }
  await Promise.all(Array.from({ length: TOGETHER }, work))
}

async function examineVerbs(place: Place): Promise<void> {
  const { server, told, path, name, given } = place
  const tell = async (step: string, one: Ask): Promise<void> => {
    told.set(step, comparable(await ask(server, one), given.namespace))
  }
  const { manifest } = given
  const at = `${path}/${name}`
  const named = { apiVersion: manifest.apiVersion, kind: manifest.kind }
  const patch = (type: string, body: Json, query = ''): Ask => ({ method: 'PATCH', path: `${at}?fieldManager=x${query}`, body, headers: { 'content-type': type } }) // prettier-ignore
  await tell('POST', { method: 'POST', path: `${path}?fieldManager=creator`, body: manifest })
  await tell('POST again', { method: 'POST', path, body: manifest })
  await tell('GET', { path: at })
  await tell('table', { path: at, headers: { accept: TABLE } })
  await tell('metadata', { path: at, headers: { accept: TABLE.replace('Table', 'PartialObjectMetadata') } })
  await tell('PUT same', { method: 'PUT', path: at, body: manifest })
  await examineVariants(place, (index, variant) => [`update ${variant.name}`, { method: 'PUT', path: `${at}?dryRun=All`, body: variant.manifest }, index % 2 === 0]) // prettier-ignore
  await examineVariants(place, (index, variant) => [`apply ${variant.name}`, patch(APPLY, variant.manifest, '&dryRun=All&force=true'), index % 7 === 0]) // prettier-ignore
  await tell('label', patch(MERGE, { metadata: { labels: { x: 'y' } } }))
  await tell('bad label', patch(MERGE, { metadata: { labels: { 'x!': 'y z' } } }))
  await tell('json patch', patch('application/json-patch+json', [{ op: 'add', path: '/metadata/annotations', value: { a: 'b' } }])) // prettier-ignore
  await tell('strategic patch', patch('application/strategic-merge-patch+json', { metadata: { annotations: { s: '1' } } })) // prettier-ignore
  await tell('apply', patch(APPLY, { ...named, metadata: { name, labels: { owner: 'x' } } }))
  await tell('apply conflict', { ...patch(APPLY, { ...named, metadata: { name, labels: { x: 'c' } } }), path: `${at}?fieldManager=other` }) // prettier-ignore
  await tell('status', { ...patch(MERGE, { status: { bogus: 1 } }), path: `${at}/status` })
  await tell('GET scale', { path: `${at}/scale` })
  await tell('scale', { ...patch(MERGE, { spec: { replicas: 7 } }), path: `${at}/scale` })
  await tell('PUT stale', { method: 'PUT', path: at, body: withVersion(manifest, '1') })
  await tell('GET last', { path: at })
  await tell('DELETE dry', { method: 'DELETE', path: `${at}?dryRun=All` })
  await tell('DELETE', { method: 'DELETE', path: `${at}?gracePeriodSeconds=0` })
  await tell('unfinalize', patch(MERGE, { metadata: { finalizers: null } }))
  await tell('GET gone', { path: at })
  await tell('apply new', patch(APPLY, manifest))
  await tell('DELETE applied', { method: 'DELETE', path: `${at}?gracePeriodSeconds=0`, body: { propagationPolicy: 'Background' } }) // prettier-ignore
  await tell('unfinalize applied', patch(MERGE, { metadata: { finalizers: null } }))
}

function withVersion(manifest: Manifest, resourceVersion: string): Json {
  return { ...manifest, metadata: { ...manifest.metadata, resourceVersion } }
}

interface Answered {
  readonly status: number
  readonly warnings: string
  readonly text: string
}

async function ask(server: AskedServer, { method = 'GET', path, headers = {}, body }: Ask): Promise<Answered> {
  const answer = await server.ask({
    method,
    path,
    headers: { accept: 'application/json', 'user-agent': 'examiner/1', 'content-type': 'application/json', ...headers },
    body: body === undefined ? undefined : JSON.stringify(body),
  })
  return { status: answer.status, warnings: answer.warning ?? '', text: answer.text }
}

/** Without identities, times and handed-out numbers; field managers and causes in one order. */
function comparable({ status, warnings, text }: Answered, namespace: string): Json {
  const plain = text
    .replaceAll(namespace, 'NAMESPACE')
    .replaceAll(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, 'UID')
    .replaceAll(/"resourceVersion":"\d+"/g, '"resourceVersion":"N"')
    .replaceAll(/\b20[3-9]\d-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z|\b202[5-9]-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g, 'TIME')
    .replaceAll(/kube-api-access-[a-z0-9]{5}/g, 'kube-api-access-RAND')
    .replaceAll(/"10\.96\.\d+\.\d+"/g, '"ADDRESS"')
    .replaceAll(/"nodePort":3\d{4}/g, '"nodePort":"PORT"')
    .replaceAll(/"healthCheckNodePort":3\d{4}/g, '"healthCheckNodePort":"PORT"')
  try {
    return { status, warnings, body: inOrder(withoutLate(JSON.parse(plain) as Json)) }
  } catch {
    return { status, warnings, body: plain }
  }
}

const UNTOLD: ReadonlySet<string> = new Set(['columnDefinitions'])
/** Conditions and columns that controllers inside kube-apiserver fill in at some moment after a write. */
const LATE: ReadonlySet<string> = new Set(['Dangling', 'MissingPL', 'Available', 'Established', 'NamesAccepted'])
const LATE_KINDS: ReadonlySet<Json> = new Set(['APIService', 'CustomResourceDefinition', 'FlowSchema'])
const UNORDERED: ReadonlySet<string> = new Set(['managedFields', 'causes'])

type Fields = Readonly<Record<string, Json>>

function fieldsOf(value: Json | undefined): Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {} // as was just seen
}

/** An answer without what a controller may or may not have written by now: its conditions, its cells, its ownership. */
function withoutLate(body: Json): Json {
  const { kind = '', status, rows, columnDefinitions: columns } = fieldsOf(body)
  if (kind === 'Table' && Array.isArray(rows) && Array.isArray(columns)) {
    const isLate = columns.map((column: Json) => {
      const { name, type } = fieldsOf(column)
      return typeof name === 'string' && LATE.has(name) && type === 'string'
    })
    const quiet = rows.map((row: Json) => {
      const { cells, object = null, ...rest } = fieldsOf(row)
      const shown = Array.isArray(cells) ? cells.filter((_cell: Json, index: number) => isLate[index] !== true) : []
      return { ...rest, cells: shown, object: withoutLateManagers(object) }
    })
    return { ...fieldsOf(body), rows: quiet }
  }
  if (!LATE_KINDS.has(kind)) return kind === 'PartialObjectMetadata' ? withoutLateManagers(body) : body
  const { conditions, acceptedNames: _late, ...rest } = fieldsOf(status)
  const kept = Array.isArray(conditions) ? conditions.filter((one: Json) => !isLateCondition(one)) : []
  return withoutLateManagers({
    ...fieldsOf(body),
    status: { ...rest, ...(kept.length === 0 ? {} : { conditions: kept }) },
  })
}

function isLateCondition(condition: Json): boolean {
  const { type } = fieldsOf(condition)
  return typeof type === 'string' && LATE.has(type)
}

function withoutLateManagers(object: Json): Json {
  const metadata = fieldsOf(fieldsOf(object)['metadata'])
  const { managedFields } = metadata
  if (!Array.isArray(managedFields)) return object
  const kept = managedFields.filter((entry: Json) => {
    const { manager, subresource } = fieldsOf(entry)
    const isAggregator = manager === 'kube-apiserver' && subresource === 'status'
    return !isAggregator && manager !== 'api-priority-and-fairness-config-consumer-v1'
  })
  return { ...fieldsOf(object), metadata: { ...metadata, managedFields: kept } }
}

function inOrder(value: Json): Json {
  if (Array.isArray(value)) return value.map((item: Json) => inOrder(item))
  if (typeof value === 'string') return /^\d+s$/.test(value) ? 'AGE' : value
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).filter(([name]) => !UNTOLD.has(name))
  return Object.fromEntries(
    entries
      .map(([name, one]): readonly [string, Json] => [name, UNORDERED.has(name) ? sorted(inOrder(one)) : inOrder(one)])
      .toSorted(([a], [b]) => (a < b ? -1 : 1)),
  )
}

function sorted(list: Json): Json {
  if (!Array.isArray(list)) return list
  return list.toSorted((a: Json, b: Json) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))
}
