// Makes the Go types that pod templates are made of (node tools/generate-template-types.ts) from the Go modules k8s.io/api and k8s.io/apimachinery 0.36.3.
//
// The value of `pod-template-hash` is a hash of a print-out of these structs: every field by its Go name and type, in Go's order, empty ones too.
import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const SOURCES = [
  { module: 'k8s.io/api@v0.36.3', file: 'core/v1/types.go' },
  { module: 'k8s.io/apimachinery@v0.36.3', file: 'pkg/apis/meta/v1/types.go' },
]
const TARGET = join(import.meta.dirname, '../src/local-cluster/workloads/generated/template-types.json')
const ROOT = 'v1.PodTemplateSpec'
/** Printed by rules of their own (workloads/kit/go-quantity.ts, go-value.ts), or never part of a template. */
const OPAQUE = new Set(['v1.Time', 'v1.FieldsV1'])

function moduleDirectory(module: string): string {
  const result = spawnSync('go', ['mod', 'download', '-json', module], { encoding: 'utf8' })
  if (result.status !== 0) throw new Error(`go mod download ${module}: ${result.stderr}${result.stdout}`)
  return (JSON.parse(result.stdout) as { Dir: string }).Dir
}

const types = new Map<string, string[] | string>()

function readTypes(source: string): void {
  let current: string[] | undefined
  for (const line of source.split('\n')) {
    const [, struct] = /^type (?<name>\w+) struct \{$/.exec(line) ?? []
    const [, alias = '', base = ''] = /^type (?<name>\w+) (?<base>[\w.[\]*]+)$/.exec(line) ?? []
    if (struct !== undefined) types.set(`v1.${struct}`, (current = []))
    else if (line === '}') current = undefined
    else if (current !== undefined && /^\t[\w*[]/.test(line)) current.push(fieldText(line.trim()))
    else if (alias !== '') types.set(`v1.${alias}`, typeText(base))
  }
}

/** As reflection prints it: with the name of its package. */
function typeText(type: string): string {
  return type.replaceAll('metav1.', 'v1.').replaceAll(/(?<![\w.])(?=[A-Z])/g, 'v1.')
}

/** `Name type`, `Name type json` where the JSON name is another than with a small first letter, `=type` where it is embedded. */
function fieldText(line: string): string {
  const { tag = '' } = /json:"(?<tag>[^",]*)/.exec(line)?.groups ?? {}
  const [name = '', type = ''] = line
    .replace(/[`/].*$/, '')
    .trim()
    .split(/\s+/)
  if (type === '') return `=${typeText(name)}${tag === '' ? '' : ` ${tag}`}`
  const usual = name.charAt(0).toLowerCase() + name.slice(1)
  return `${name} ${typeText(type)}${tag === usual ? '' : ` ${tag}`}`
}

const found = new Map<string, string>()

function collect(type: string): void {
  const fields = types.get(type)
  if (fields === undefined || found.has(type) || OPAQUE.has(type)) return
  const text = typeof fields === 'string' ? `:${fields}` : fields.join(';')
  found.set(type, text)
  for (const name of text.match(/v1\.\w+/g) ?? []) collect(name)
}

for (const { module, file } of SOURCES) readTypes(readFileSync(join(moduleDirectory(module), file), 'utf8'))
collect(ROOT)
const lines = [...found]
  .sort(([a], [b]) => (a < b ? -1 : 1))
  .map(([k, v]) => `${JSON.stringify(k)}: ${JSON.stringify(v)}`)
writeFileSync(TARGET, `{\n${lines.join(',\n')}\n}\n`)
