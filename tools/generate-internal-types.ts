// Makes the shapes of the server's internal types (node tools/generate-internal-types.ts) from the Go module k8s.io/kubernetes 1.36.3.
//
// Some faults show values of internal types, which have no JSON names: Go prints their fields by name and in order, empty ones too.
// Takes the structs that such values are made of out of pkg/apis/*/types.go (downloaded by `go mod download`). Types of other groups
// than the core one have their package before them: `storage.CSINodeDriver`.
import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const MODULE = 'k8s.io/kubernetes@v1.36.3'
const TARGET = join(import.meta.dirname, '../src/local-cluster/kinds/generated/internal-types.json')
/** What is printed of each package. */
const ROOTS: Readonly<Record<string, readonly string[]>> = {
  core: [
    'PodTemplateSpec',
    'PersistentVolumeClaimSpec',
    'PersistentVolumeSource',
    'VolumeNodeAffinity',
    'Taint',
    'ServicePort',
  ],
  admissionregistration: ['RuleWithOperations', 'ParamRef'],
  apps: ['DeploymentStrategy', 'StatefulSetUpdateStrategy', 'DaemonSetUpdateStrategy'],
  batch: ['PodFailurePolicy', 'SuccessPolicy'],
  certificates: ['CertificateSigningRequestSpec'],
  discovery: ['Endpoint', 'EndpointPort'],
  flowcontrol: ['FlowSchemaSpec', 'PriorityLevelConfigurationSpec'],
  networking: ['IPAddressSpec', 'ServiceCIDRSpec', 'IngressBackend', 'IngressSpec'],
  node: ['Overhead'],
  policy: ['PodDisruptionBudgetSpec'],
  resource: ['ResourceClaimSpec', 'ResourceClaimTemplateSpec', 'DeviceClassSpec', 'ResourceSliceSpec'],
  storage: ['VolumeAttachmentSpec', 'CSINodeDriver'],
}
/** What packages call one another. */
const PACKAGES: Readonly<Record<string, string>> = { api: 'core', core: 'core', v1: 'core' }

/** Types of other packages, and how they print: text, number, quantity, JSON as it stands, metadata. */
const FOREIGN: Readonly<Record<string, string>> = {
  'metav1.ObjectMeta': 'meta',
  'metav1.LabelSelector': 'selector',
  'metav1.MicroTime': 'json',
  'runtime.RawExtension': 'json',
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

/** The name of a type that a package mentions: its own, or one of another package. */
function qualified(package_: string, type: string): string {
  const [first = '', second] = type.split('.')
  const [owner, name] = second === undefined ? [package_, first] : [PACKAGES[first] ?? first, second]
  return owner === 'core' ? name : `${owner}.${name}`
}

function readTypes(package_: string, source: string): void {
  let current: string[] | undefined
  for (const line of source.split('\n')) {
    const [, struct] = /^type (?<name>\w+) struct \{$/.exec(line) ?? []
    const [, alias = '', base = ''] = /^type (?<name>\w+) (?<base>[\w.[\]*]+)$/.exec(line) ?? []
    if (struct !== undefined) structs.set(qualified(package_, struct), (current = []))
    else if (line === '}') current = undefined
    else if (current !== undefined && /^\t[\w*[]/.test(line))
      current.push(fieldText(package_, line.replace(/\/\/.*$/, '').trim()))
    else if (alias !== '') named.set(qualified(package_, alias), shapeOf(package_, base))
  }
}

/** How a type prints: `*` pointer, `[]` list, `map`, a scalar, or the name of a struct. */
function shapeOf(package_: string, type: string): string {
  if (type.startsWith('*')) return `*${shapeOf(package_, type.slice(1))}`
  if (type === '[]byte') return 'text'
  if (type.startsWith('[]')) return `[]${shapeOf(package_, type.slice(2))}`
  if (type.startsWith('map[')) return 'map'
  return FOREIGN[type] ?? SCALARS[type] ?? qualified(package_, type)
}

function fieldText(package_: string, line: string): string {
  const [name = '', type] = line.split(/\s+/)
  return type === undefined ? `=${FOREIGN[name] ?? qualified(package_, name)}` : `${name} ${shapeOf(package_, type)}`
}

/** Names of other types replaced by what they stand for. */
function resolved(text: string): string {
  const parts = /^(?<head>(?:=|\w+ )(?:\*|\[\])*)(?<name>.*)$/.exec(text)?.groups
  const base = named.get(parts?.['name'] ?? '')
  return base === undefined ? text : resolved(`${parts?.['head'] ?? ''}${base}`)
}

const found = new Map<string, string>()

function collect(name: string): void {
  const fields = structs.get(name)
  if (fields === undefined || found.has(name)) return
  const texts = fields.map(resolved)
  found.set(name, texts.join(';'))
  for (const text of texts) collect(text.replace(/^(?:=|\w+ )(?:\*|\[\])*/, ''))
}

const directory = moduleDirectory()
for (const package_ of Object.keys(ROOTS))
  readTypes(package_, readFileSync(join(directory, `pkg/apis/${package_}/types.go`), 'utf8'))
for (const [package_, roots] of Object.entries(ROOTS)) for (const root of roots) collect(qualified(package_, root))
const lines = [...found]
  .sort(([a], [b]) => (a < b ? -1 : 1))
  .map(([k, v]) => `${JSON.stringify(k)}: ${JSON.stringify(v)}`)
writeFileSync(TARGET, `{\n${lines.join(',\n')}\n}\n`)
