// Placeholders of secrets in manifests, in the manner of argocd-vault-plugin: `<path:secret/data/db#password>`, `<password>`.
import { CapstanError } from '../../../base/errors.ts'
import { jsonText } from '../../../kube/json-digits.ts'
import type { JsonValue, KubeObject } from '../../../kube/object.ts'
import { readKey, type VaultRead, type VaultSecret } from './key-value.ts'
import { applyModifier } from './modifiers.ts'

const ANNOTATION = 'avp.kubernetes.io/'

/** What an object's annotations say about its placeholders. */
export interface PlaceholderRules {
  /** Absent: only placeholders that name a path count. */
  readonly path: string | undefined
  readonly kvVersion: 1 | 2
  /** Of the annotated path. */
  readonly version: string
  /** Leave out keys whose placeholder has no value. */
  readonly removeMissing: boolean
}

/** Undefined for an object that is to be left alone. Throws `bad-input` for annotations that mean nothing. */
export function rulesOfObject(object: KubeObject, kvVersion: 1 | 2): PlaceholderRules | undefined {
  const annotations = object.metadata?.annotations ?? {}
  const of = (name: string): string | undefined => annotations[ANNOTATION + name]
  if (of('ignore') === 'true') return undefined
  const removeMissing = of('remove-missing') === 'true'
  if (removeMissing && object.kind !== 'Secret' && object.kind !== 'ConfigMap') {
    throw new CapstanError(
      'bad-input',
      'avp.kubernetes.io/remove-missing annotation can only be used on Secret or ConfigMap resources',
    )
  }
  const written = of('kv-version') ?? String(kvVersion)
  if (written !== '1' && written !== '2') {
    throw new CapstanError('bad-input', `avp.kubernetes.io/kv-version is ${written}: write 1 or 2`)
  }
  return { path: of('path'), kvVersion: written === '1' ? 1 : 2, version: of('secret-version') ?? '', removeMissing }
}

const WITH_PATH = /<path:[^#\n<>]+#[^#\n<>]+(?:#[^#\n<>]+)?>/g
const ANY = /<[^\n<>]*>/g
const PARTS = /^path:(?<path>[^#]+)#(?<key>[^#]+)(?:#(?<version>[^#]+))?$/

/** Has a text a placeholder that names its path? */
export function hasPathPlaceholder(text: string): boolean {
  return text.includes('<path:') && text.search(WITH_PATH) >= 0
}

interface Placeholder {
  readonly read: VaultRead
  readonly key: string
  readonly modifiers: readonly string[]
  readonly hasOwnPath: boolean
}

function patternOf({ path }: PlaceholderRules): RegExp {
  return path === undefined ? WITH_PATH : ANY
}

function parse(match: string, rules: PlaceholderRules): Placeholder {
  const [head = '', ...modifiers] = match.slice(1, -1).split('|')
  const groups = PARTS.exec(head.trim())?.groups
  const { kvVersion } = rules
  if (groups === undefined) {
    const read = { path: rules.path ?? '', version: rules.version, kvVersion }
    return { read, key: head.trim(), modifiers, hasOwnPath: false }
  }
  const { path = '', key = '', version = '' } = groups
  return {
    read: { path: path.trim(), version: version.trim(), kvVersion },
    key: key.trim(),
    modifiers,
    hasOwnPath: true,
  }
}

/** What has to be read for a text. */
export function readsOf(text: string, rules: PlaceholderRules): readonly VaultRead[] {
  if (!text.includes('<')) return []
  return Array.from(text.matchAll(patternOf(rules)), ([match]) => parse(match, rules).read)
}

/** Thrown where a placeholder has no value and its key is to be left out. */
export class MissingValue extends CapstanError {
  constructor(placeholder: string, place: string) {
    super('not-found', `replaceString: missing Vault value for placeholder ${placeholder} in ${place}`)
  }
}

export interface Replacement {
  readonly value: JsonValue
  /** Texts that were filled in. */
  readonly secrets: readonly string[]
}

export interface FoundSecrets {
  readonly rules: PlaceholderRules
  readonly secrets: ReadonlyMap<string, VaultSecret>
  /** Kind, name and path of keys, for messages. */
  readonly place: string
}

/** The text with its placeholders replaced, or the value itself where the text is one placeholder; undefined where it has none. */
export function replacePlaceholders(text: string, found: FoundSecrets): Replacement | undefined {
  if (!text.includes('<')) return undefined
  const secrets: string[] = []
  let whole: JsonValue | undefined
  const replaced = text.replaceAll(patternOf(found.rules), (match) => {
    const value = valueOf(match, found)
    const shown = asText(value)
    secrets.push(shown)
    if (match.length === text.length) whole = value
    return shown
  })
  return secrets.length === 0 ? undefined : { value: whole ?? replaced, secrets }
}

function valueOf(match: string, { rules, secrets, place }: FoundSecrets): JsonValue {
  const { read, key, modifiers, hasOwnPath } = parse(match, rules)
  const data = secrets.get(readKey(read))?.data ?? {}
  const value = Object.hasOwn(data, key) ? data[key] : undefined
  if (value === undefined || value === null) {
    const missing = new MissingValue(match, place)
    throw hasOwnPath ? new CapstanError(missing.code, missing.message) : missing
  }
  let result: JsonValue = value
  for (const modifier of modifiers) result = applyModifier(modifier, result, match)
  return result
}

export function asText(value: JsonValue): string {
  return typeof value === 'string' ? value : jsonText(value)
}
