// Makes the shapes of the server's internal types (node tools/generate-internal-types.ts) from the Go module k8s.io/kubernetes 1.36.3.
//
// Some faults show values of internal types, which have no JSON names: Go prints their fields by name and in order, empty ones too.
// Takes the structs that pods, templates and claims are made of out of pkg/apis/core/types.go (downloaded by `go mod download`).
import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const MODULE = 'k8s.io/kubernetes@v1.36.3'
const TARGET = join(import.meta.dirname, '../src/local-cluster/kinds/generated/internal-types.json')
const ROOTS = ['PodTemplateSpec', 'PersistentVolumeClaimSpec', 'PersistentVolumeSource']

/** Types of other packages, and how they print: text, number, quantity, JSON as it stands, metadata. */
const FOREIGN: Readonly<Record<string, string>> = {
  'metav1.ObjectMeta': 'meta',
  'metav1.LabelSelector': 'json',
  'metav1.Time': 'json',
  'metav1.Duration': 'json',
  'resource.Quantity': 'quantity',
  'intstr.IntOrString': 'number',
  'types.UID': 'text',
}
const SCALARS: Readonly<Record<string, string>> = {
  string: 'text',
  bool: 'flag',
  int: 'number',
  int32: 'number',
  int64: 'number',
  float64: 'number',
}

function moduleDirectory(): string {
  const result = spawnSync('go', ['mod', 'download', '-json', MODULE], { encoding: 'utf8' })
  if (result.status !== 0) throw new Error(`go mod download ${MODULE}: ${result.stderr}${result.stdout}`)
  return (JSON.parse(result.stdout) as { Dir: string }).Dir
}

const structs = new Map<string, string[]>()
const named = new Map<string, string>()

function readTypes(source: string): void {
  let current: string[] | undefined
  for (const line of source.split('\n')) {
    const [, struct] = /^type (?<name>\w+) struct \{$/.exec(line) ?? []
    const [, alias = '', base = ''] = /^type (?<name>\w+) (?<base>[\w.[\]*]+)$/.exec(line) ?? []
    if (struct !== undefined) structs.set(struct, (current = []))
    else if (line === '}') current = undefined
    else if (current !== undefined && /^\t[\w*[]/.test(line)) current.push(line.replace(/\/\/.*$/, '').trim())
    else if (alias !== '') named.set(alias, base)
  }
}

/** How a type prints: `*` pointer, `[]` list, `map`, a scalar, or the name of a struct. */
function shapeOf(type: string): string {
  if (type.startsWith('*')) return `*${shapeOf(type.slice(1))}`
  if (type === '[]byte') return 'text'
  if (type.startsWith('[]')) return `[]${shapeOf(type.slice(2))}`
  if (type.startsWith('map[')) return 'map'
  const base = named.get(type)
  return FOREIGN[type] ?? SCALARS[type] ?? (base === undefined ? type : shapeOf(base))
}

function fieldText(line: string): string {
  const [name = '', type] = line.split(/\s+/)
  return type === undefined ? `=${FOREIGN[name] ?? name}` : `${name} ${shapeOf(type)}`
}

const found = new Map<string, string>()

function collect(name: string): void {
  const fields = structs.get(name)
  if (fields === undefined || found.has(name)) return
  const texts = fields.map(fieldText)
  found.set(name, texts.join(';'))
  for (const text of texts) collect(text.replace(/^(?:=|\w+ )(?:\*|\[\])*/, ''))
}

readTypes(readFileSync(join(moduleDirectory(), 'pkg/apis/core/types.go'), 'utf8'))
for (const root of ROOTS) collect(root)
const lines = [...found]
  .sort(([a], [b]) => (a < b ? -1 : 1))
  .map(([k, v]) => `${JSON.stringify(k)}: ${JSON.stringify(v)}`)
writeFileSync(TARGET, `{\n${lines.join(',\n')}\n}\n`)
