// The rendered files become manifests: split, told apart from hooks, sorted by kind.
import { CapstanError } from '../../base/errors.ts'
import { bytesOfText, compareText } from '../../lang/go/text.ts'
import { readYamlBytes } from '../../lang/yaml/bytes.ts'
import { CONVERSION_PREFIX, YamlError } from '../../lang/yaml/error.ts'
import type { HelmRules } from './rules.ts'
import { parseYaml } from '../../lang/yaml/read.ts'
import { jsonText } from '../../kube/json-digits.ts'
import type { YamlObject, YamlValue } from '../../lang/yaml/value.ts'

/** One document of a rendered file. */
export interface ChartManifest {
  /** Path of the template. */
  readonly path: string
  /** As rendered; the last of a file keeps the white space behind it. */
  readonly text: string
  /** Null for a document of comments. */
  readonly value: YamlObject | null
}

export interface ChartHook extends ChartManifest {
  readonly isTest: boolean
}

export interface SortedManifests {
  readonly manifests: readonly ChartManifest[]
  readonly hooks: readonly ChartHook[]
}

/** The order in which helm installs kinds; others come behind, by name (v4.2.1 releaseutil.InstallOrder). */
const INSTALL_ORDER: ReadonlyMap<string, number> = new Map(
  (
    'PriorityClass Namespace NetworkPolicy ResourceQuota LimitRange PodSecurityPolicy PodDisruptionBudget ' +
    'ServiceAccount Secret SecretList ConfigMap StorageClass PersistentVolume PersistentVolumeClaim ' +
    'CustomResourceDefinition ClusterRole ClusterRoleList ClusterRoleBinding ClusterRoleBindingList Role RoleList ' +
    'RoleBinding RoleBindingList Service DaemonSet Pod ReplicationController ReplicaSet Deployment ' +
    'HorizontalPodAutoscaler StatefulSet Job CronJob IngressClass Ingress APIService MutatingWebhookConfiguration ' +
    'ValidatingWebhookConfiguration'
  )
    .split(' ')
    .map((kind, index) => [kind, index]),
)

const KINDS_OF_HELM_4: number = INSTALL_ORDER.size
/** All but the two kinds of webhook configurations, which helm 3 does not know an order for. */
const KINDS_OF_HELM_3: number = INSTALL_ORDER.size - 2

/**
 * Splits and sorts rendered files (helm v4.2.1 releaseutil.SortManifests): by path, then stable by kind. A document
 * whose hook annotation names an unknown event is left out, as helm leaves it out.
 * Throws `bad-input` for a document that is no YAML map.
 */
export function sortManifests(files: ReadonlyMap<string, string>, rules: HelmRules): SortedManifests {
  const manifests: ChartManifest[] = []
  const hooks: ChartHook[] = []
  for (const path of [...files.keys()].toSorted(compareText)) {
    for (const part of splitManifests(files.get(path) ?? '')) {
      const text = rules.trimsDocuments ? part.trimEnd() : part
      const value = readManifest(path, text, rules)
      const hook = hookOf(path, value)
      if (hook === 'none') manifests.push({ path, text, value })
      else if (hook !== 'unknown') hooks.push({ path, text, value, isTest: hook === 'test' })
    }
  }
  const known = rules.version === '3' ? KINDS_OF_HELM_3 : KINDS_OF_HELM_4
  const compare = (a: ChartManifest, b: ChartManifest): number => byKind(a, b, known)
  return { manifests: manifests.sort(compare), hooks: hooks.sort(compare) }
}

/** Go's `\s`, which knows fewer spaces than JavaScript's. */
const SEPARATOR = /(?:^|[\t\n\f\r ]*\n)---[\t\n\f\r ]*/

/** The documents of a text that are not blank. */
export function splitManifests(text: string): string[] {
  if (!text.includes('---')) return text.trim() === '' ? [] : [text.trimStart()]
  return text
    .trimStart()
    .split(SEPARATOR)
    .map((part) => part.trimStart())
    .filter((part) => part !== '')
}

function readManifest(path: string, text: string, rules: HelmRules): YamlObject | null {
  let value: YamlValue
  try {
    // Bytes that are no text make the reader fail in its own words. The newline is the one that ends it in helm's output.
    if (!text.isWellFormed()) readYamlBytes(bytesOfText(text))
    // Where documents are trimmed, objects are read from that output all the same.
    value = parseYaml(text.endsWith('\n') ? text : `${text}\n`, { bigIntegers: 'exact' })
  } catch (error) {
    if (error instanceof YamlError) throw manifestError(path, withPrefix(error.message), error)
    throw error
  }
  if (value === null) return null
  if (typeof value === 'object' && !Array.isArray(value)) {
    requireHead(path, value)
    return value
  }
  throw decodeError(path, value, `Go value of type ${rules.version === '3' ? 'releaseutil' : 'util'}.SimpleHead`)
}

function withPrefix(message: string): string {
  return message.startsWith(CONVERSION_PREFIX) ? message : CONVERSION_PREFIX + message
}

function manifestError(path: string, reason: string, cause?: unknown): CapstanError {
  const options = cause === undefined ? undefined : { cause }
  return new CapstanError('bad-input', `YAML parse error on ${path}: ${reason}`, options)
}

function decodeError(path: string, value: YamlValue, target: string): CapstanError {
  const kind = Array.isArray(value) ? 'array' : typeof value === 'boolean' ? 'bool' : typeof value
  const reason = `error unmarshaling JSON: while decoding JSON: json: cannot unmarshal ${kind} into ${target}`
  return manifestError(path, reason)
}

/** Throws where a field that helm reads of every document has the wrong type; scalars pass as texts. */
function requireHead(path: string, object: YamlObject): void {
  for (const field of ['apiVersion', 'kind']) {
    const value = object[field]
    if (typeof value === 'object' && value !== null) {
      throw decodeError(path, value, `Go struct field SimpleHead.${field} of type string`)
    }
  }
  const metadata = tableField(path, object, 'metadata', SIMPLE_METADATA)
  if (metadata !== undefined) requireMetadata(path, metadata)
}

const SIMPLE_METADATA =
  'struct { Name string "json:\\"name\\""; Annotations map[string]string "json:\\"annotations\\"" }'

function requireMetadata(path: string, metadata: YamlObject): void {
  const { name } = metadata
  if (typeof name === 'object' && name !== null) {
    throw decodeError(path, name, 'Go struct field .metadata.name of type string')
  }
  const annotations = tableField(path, metadata, 'annotations', 'map[string]string')
  if (annotations === undefined) return
  for (const value of Object.values(annotations)) {
    if (typeof value === 'object' && value !== null) {
      throw decodeError(path, value, 'Go struct field .metadata.annotations of type string')
    }
  }
}

function tableField(path: string, object: YamlObject, field: string, type: string): YamlObject | undefined {
  const value = object[field]
  if (value === undefined || value === null) return undefined
  if (typeof value === 'object' && !Array.isArray(value)) return value
  const owner = field === 'metadata' ? 'SimpleHead.metadata' : '.metadata.annotations'
  throw decodeError(path, value, `Go struct field ${owner} of type ${type}`)
}

const HOOK_ANNOTATION = 'helm.sh/hook'

const HOOK_EVENTS: ReadonlySet<string> = new Set([
  'pre-install',
  'post-install',
  'pre-delete',
  'post-delete',
  'pre-upgrade',
  'post-upgrade',
  'pre-rollback',
  'post-rollback',
  'test',
  'test-success',
])

function hookOf(path: string, value: YamlObject | null): 'none' | 'unknown' | 'test' | 'hook' {
  const metadata = value === null ? undefined : tableField(path, value, 'metadata', SIMPLE_METADATA)
  const annotations = metadata === undefined ? undefined : tableField(path, metadata, 'annotations', '')
  const hook = annotations?.[HOOK_ANNOTATION]
  if (hook === undefined) return 'none'
  const events = scalarText(hook)
    .split(',')
    .map((event) => event.trim().toLowerCase())
  if (events.some((event) => !HOOK_EVENTS.has(event))) return 'unknown'
  return events.includes('test') || events.includes('test-success') ? 'test' : 'hook'
}

function byKind(a: ChartManifest, b: ChartManifest, count: number): number {
  const kindA = kindOf(a)
  const kindB = kindOf(b)
  if (kindA === kindB) return 0
  const known = Math.min(INSTALL_ORDER.get(kindA) ?? count, count) - Math.min(INSTALL_ORDER.get(kindB) ?? count, count)
  return known === 0 ? compareText(kindA, kindB) : known
}

function kindOf(manifest: ChartManifest): string {
  const kind = manifest.value?.['kind']
  return scalarText(kind)
}

/** A scalar where a text is expected, as sigs.k8s.io/yaml takes it. */
function scalarText(value: YamlValue | undefined): string {
  if (typeof value === 'string') return value
  return value === undefined || value === null ? '' : jsonText(value)
}
