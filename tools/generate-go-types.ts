// Makes the names of Go types that decoding errors tell (node tools/generate-go-types.ts) from the Go modules of Kubernetes 1.36.3.
//
// A field of a named type that is no struct (`v1.RestartPolicy`, `v1.ResourceList`) is told by that name; the wire table knows only what
// it is made of. Modules are downloaded by `go mod download`.
import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'

const VERSION = 'v0.36.3'
const MESSAGES = join(import.meta.dirname, '../src/kube/protobuf/generated/messages.json')
const TARGET = join(import.meta.dirname, '../src/local-cluster/kinds/generated/go-types.json')
/** Go module → how its packages begin in OpenAPI names. */
const MODULES: Readonly<Record<string, string>> = {
  'k8s.io/api': 'io.k8s.api.',
  'k8s.io/apimachinery': 'io.k8s.apimachinery.',
  'k8s.io/apiextensions-apiserver': 'io.k8s.apiextensions-apiserver.',
  'k8s.io/kube-aggregator': 'io.k8s.kube-aggregator.',
}

interface Package {
  readonly prefix: string
  readonly text: string
  /** Named types that are no structs. */
  readonly named: ReadonlySet<string>
}

function moduleDirectory(module: string): string {
  const result = spawnSync('go', ['mod', 'download', '-json', `${module}@${VERSION}`], { encoding: 'utf8' })
  if (result.status !== 0) throw new Error(`go mod download ${module}: ${result.stderr}${result.stdout}`)
  return (JSON.parse(result.stdout) as { Dir: string }).Dir
}

function readPackages(): ReadonlyMap<string, Package> {
  const found = new Map<string, Package>()
  for (const [module, prefix] of Object.entries(MODULES)) {
    const root = moduleDirectory(module)
    const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter(
      (file) => file.endsWith('.go') && !/(?:_test|\/zz_.*|\/generated\.pb)\.go$/.test(file) && !/(?:^|\/)(?:testdata|test|examples)\//.test(file), // prettier-ignore
    )
    for (const [folder, names] of Map.groupBy(files, (file) => dirname(file))) {
      const text = names.map((name) => readFileSync(join(root, name), 'utf8')).join('\n')
      const named = [...text.matchAll(/^type (?<name>[A-Z]\w*) (?!struct|interface|func|=)/gm)]
      const types = new Set(named.map((match) => match.groups?.['name'] ?? ''))
      found.set(`${module}/${folder}`, { prefix: `${prefix}${folder.replaceAll('/', '.')}.`, text, named: types })
    }
  }
  return found
}

const packages = readPackages()
const FIELD = /^\t(?:\w+\s+)(?<type>[\w.*[\]]+)\s+`.*json:"(?<name>[^",]+)/

/** The type as Go prints it where its name is one that is no struct's. */
function toldType(path: string, type: string, imports: ReadonlyMap<string, string>): string | undefined {
  const bare = type.replace(/^\*/, '')
  const [, list = '', name = ''] = /^(?<list>(?:\[\]\*?|map\[[\w.]+\])*)(?<name>[\w.]+)$/.exec(bare) ?? []
  const [alias, member] = name.includes('.') ? name.split('.') : ['', name]
  const owner = alias === '' ? path : (imports.get(alias ?? '') ?? '')
  const isNamed = packages.get(owner)?.named.has(member ?? '') === true
  return isNamed ? `${list}${basename(owner)}.${member ?? ''}` : undefined
}

const told: Record<string, string> = {}
for (const [path, { prefix, text }] of packages) {
  const imports = new Map(
    [...text.matchAll(/^\t(?:(?<alias>\w+) )?"(?<path>k8s\.io\/[^"]+)"$/gm)].map(
      ({ groups }) => [groups?.['alias'] ?? basename(groups?.['path'] ?? ''), groups?.['path'] ?? ''] as const,
    ),
  )
  for (const { groups } of text.matchAll(/^type (?<name>\w+) struct \{\n(?<body>[^]*?)^\}/gm)) {
    const fields = (groups?.['body'] ?? '').split('\n').flatMap((line) => {
      const [, type = '', name = ''] = FIELD.exec(line) ?? []
      const goType = type === '' ? undefined : toldType(path, type, imports)
      return goType === undefined ? [] : [`${name} ${goType}`]
    })
    if (fields.length > 0) told[`${prefix}${groups?.['name'] ?? ''}`] = fields.join(';')
  }
}
const known = JSON.parse(readFileSync(MESSAGES, 'utf8')) as Readonly<Record<string, string>>
const shown = Object.keys(told)
  .filter((name) => Object.hasOwn(known, name))
  .toSorted()
  .map((name) => `${JSON.stringify(name)}: ${JSON.stringify(told[name])}`)
writeFileSync(TARGET, `{\n${shown.join(',\n')}\n}\n`)
