// Makes the generated Kubernetes data: schemas, kinds and wire numbers (node tools/generate-kubernetes-data.ts [corpus folder]).
//
// Takes definitions.json, gvk.json and protobuf.json of Kubernetes 1.36.3 from the corpus folder `kubernetes-schema`, and the JSON
// names, pointers and inlined structs from the Go types of the modules named below (downloaded by `go mod download`).
import { spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const VERSION = 'v0.36.3'
const ROOT = join(import.meta.dirname, '..')
const CORPUS =
  process.argv[2] ?? join(process.env['CAPSTAN_CORPUS'] ?? join(ROOT, '../shared/corpus'), 'kubernetes-schema')
const SCHEMA_TARGET = join(ROOT, 'src/kube/schema/generated')
const WIRE_TARGET = join(ROOT, 'src/kube/protobuf/generated')

/** Go module → how its packages begin in protobuf names. */
const MODULES: Readonly<Record<string, string>> = {
  'k8s.io/api': 'k8s.io.api.',
  'k8s.io/apimachinery': 'k8s.io.apimachinery.',
  'k8s.io/apiextensions-apiserver': 'k8s.io.apiextensions_apiserver.',
  'k8s.io/kube-aggregator': 'k8s.io.kube_aggregator.',
}

interface GoField {
  readonly json: string
  readonly isInline: boolean
  readonly isPointer: boolean
  readonly isKept: boolean
}
type GoStruct = ReadonlyMap<number, GoField>
interface Definition {
  readonly type?: string
  readonly $ref?: string
  readonly items?: Definition
  readonly required?: readonly string[]
  readonly properties?: Readonly<Record<string, Definition>>
  readonly 'x-kubernetes-list-map-keys'?: readonly string[]
}
type WireField = readonly [number: number, type: string, repeated?: 1]

function readCorpus<T>(file: string): T {
  // The corpus README fixes the shape of each file.
  return JSON.parse(readFileSync(join(CORPUS, file), 'utf8')) as T
}

/** One line a key, each value as JSON text: small in memory, parsed only when asked for, and readable in a difference. */
function writeTexts(path: string, texts: ReadonlyMap<string, string>): void {
  const lines = [...texts]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([k, v]) => `${JSON.stringify(k)}: ${JSON.stringify(v)}`)
  writeFileSync(path, `{\n${lines.join(',\n')}\n}\n`)
}

function moduleDirectory(module: string): string {
  const result = spawnSync('go', ['mod', 'download', '-json', `${module}@${VERSION}`], { encoding: 'utf8' })
  if (result.status !== 0) throw new Error(`go mod download ${module}@${VERSION}: ${result.stderr}${result.stdout}`)
  const { Dir } = JSON.parse(result.stdout) as { Dir: string }
  return Dir
}

const STRUCT = /^type (?<name>\w+) struct \{$/
const FIELD = /^\t(?:\w+\s+)?(?<type>[\w.*[\]]+)\s+`(?<tag>.*protobuf:"\w+,(?<number>\d+),.*)`/
const JSON_TAG = /json:"(?<name>[^",]*)(?<options>[^"]*)"/

function readStructs(file: string, structs: Map<string, Map<number, GoField>>): void {
  let current: Map<number, GoField> | undefined
  for (const line of readFileSync(file, 'utf8').split('\n')) {
    const name = STRUCT.exec(line)?.groups?.['name']
    if (name !== undefined) structs.set(name, (current = new Map()))
    else if (line === '}') current = undefined
    else if (current !== undefined) readField(line, current)
  }
}

function readField(line: string, fields: Map<number, GoField>): void {
  const [, type = '', tag = '', number = ''] = FIELD.exec(line) ?? []
  if (number === '') return
  const [, name = '', options = ''] = JSON_TAG.exec(tag) ?? []
  fields.set(Number(number), {
    json: name,
    isInline: options.includes('inline'),
    isPointer: type.startsWith('*'),
    isKept: !options.includes('omitempty') && !options.includes('omitzero'),
  })
}

/** Go package (as protobuf names it) → struct → field number → what the Go field says. */
function readGoTypes(packages: readonly string[]): Map<string, Map<string, GoStruct>> {
  const found = new Map<string, Map<string, GoStruct>>()
  for (const [module, prefix] of Object.entries(MODULES)) {
    const directory = moduleDirectory(module)
    for (const name of packages.filter((candidate) => candidate.startsWith(prefix))) {
      const folder = join(directory, name.slice(prefix.length).replaceAll('.', '/'))
      const structs = new Map<string, Map<number, GoField>>()
      const files = readdirSync(folder).filter(
        (file) => file.endsWith('.go') && !/^zz_|^generated|_test\.go$/.test(file),
      )
      for (const file of files) readStructs(join(folder, file), structs)
      found.set(name, structs)
    }
  }
  return found
}

/** The name OpenAPI gives the type: `k8s.io.api.core.v1.Pod` → `io.k8s.api.core.v1.Pod`. */
function definitionName(wire: string): string {
  return wire
    .replace(/^k8s\.io\./, 'io.k8s.')
    .replace('apiextensions_apiserver', 'apiextensions-apiserver')
    .replace('kube_aggregator', 'kube-aggregator')
}

/** `1 name string kp`: number, JSON name (`-` where the struct is inlined), type (`.X` is of the same package), flags. */
function fieldText(owner: string, name: string, [number, type, repeated]: WireField, go: GoField | undefined): string {
  const scope = definitionName(owner)
  const shorten = (full: string): string => (full.startsWith(`${scope}.`) ? full.slice(scope.length) : full)
  const map = /^map<string,(?<value>.*)>$/.exec(type)?.groups?.['value']
  const full = map === undefined ? shorten(definitionName(type)) : `{${shorten(definitionName(map))}`
  const { json, isInline, isPointer, isKept } = go ?? { json: name, isInline: false, isPointer: false, isKept: false }
  const flags = `${repeated === 1 ? 'r' : ''}${isPointer ? 'p' : ''}${isKept ? 'k' : ''}`
  // What Go keeps out of JSON (`json:"-"`, no tag) belongs to types with a JSON form of their own; those use the proto name.
  const jsonName = json === '' || json === '-' ? name : json
  return `${number} ${isInline ? '-' : jsonName} ${full} ${flags}`.trimEnd()
}

/** `+default=` markers of the Go types on fields that are keys of lists; required keys default to their zero value instead. */
const MARKED_DEFAULTS: Readonly<Record<string, string>> = {
  'io.k8s.api.core.v1.ContainerPort.protocol': 'TCP',
  'io.k8s.api.core.v1.ServicePort.protocol': 'TCP',
  'io.k8s.api.core.v1.LocalObjectReference.name': '',
}

/** What stands for an absent key of a list's item when server-side apply builds the key; as OpenAPI v3 has it. */
function listKeyDefaults(
  definitions: Readonly<Record<string, Definition>>,
): Record<string, Record<string, string | number>> {
  const found: Record<string, Record<string, string | number>> = {}
  const lists = Object.values(definitions).flatMap(({ properties = {} }) => Object.values(properties))
  for (const { items, 'x-kubernetes-list-map-keys': keys = [] } of lists) {
    const name = items?.$ref?.replace('#/definitions/', '') ?? ''
    for (const key of keys) {
      const value = MARKED_DEFAULTS[`${name}.${key}`] ?? zeroIfRequired(definitions[name], key)
      if (value !== undefined) found[name] = { ...found[name], [key]: value }
    }
  }
  return found
}

function zeroIfRequired(definition: Definition | undefined, key: string): string | number | undefined {
  if (definition?.required?.includes(key) !== true) return undefined
  return definition.properties?.[key]?.type === 'integer' ? 0 : ''
}

function generateSchemas(): void {
  const definitions = readCorpus<Record<string, Definition>>('definitions.json')
  writeFileSync(
    join(SCHEMA_TARGET, 'key-defaults.json'),
    `${JSON.stringify(listKeyDefaults(definitions), undefined, 1)}\n`,
  )
  writeTexts(
    join(SCHEMA_TARGET, 'definitions.json'),
    new Map(Object.entries(definitions).map(([k, v]) => [k, JSON.stringify(v)])),
  )
  const kinds = readCorpus<{ group: string; version: string; kind: string; definition: string }[]>('gvk.json')
  writeTexts(
    join(SCHEMA_TARGET, 'kinds.json'),
    new Map(kinds.map(({ group, version, kind, definition }) => [`${group}/${version}/${kind}`, definition])),
  )
}

function generateWire(): void {
  const packages = readCorpus<Record<string, Record<string, Record<string, WireField>>>>('protobuf.json')
  const goTypes = readGoTypes(Object.keys(packages))
  const texts = new Map<string, string>()
  for (const [owner, messages] of Object.entries(packages)) {
    for (const [message, fields] of Object.entries(messages)) {
      const struct = goTypes.get(owner)?.get(message)
      const lines = Object.entries(fields)
        .sort(([, [a]], [, [b]]) => a - b)
        .map(([name, field]) => fieldText(owner, name, field, struct?.get(field[0])))
      texts.set(`${definitionName(owner)}.${message}`, lines.join(';'))
    }
  }
  writeTexts(join(WIRE_TARGET, 'messages.json'), texts)
}

mkdirSync(SCHEMA_TARGET, { recursive: true })
mkdirSync(WIRE_TARGET, { recursive: true })
generateSchemas()
generateWire()
