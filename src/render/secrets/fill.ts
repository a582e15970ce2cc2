// Puts secrets where something stands for them in manifests: on the way to a cluster, and nowhere before.
import { createHmac, randomBytes } from 'node:crypto'
import { CapstanError } from '../../base/errors.ts'
import { maskSecrets, Secret } from '../../base/secret.ts'
import { jsonText, parseJson } from '../../kube/json-digits.ts'
import { isObject } from '../../kube/json-value.ts'
import type { JsonObject, JsonValue, KubeObject } from '../../kube/object.ts'
import type { HeldValues } from './held.ts'
import { isHeldNumber, mayHold } from './held.ts'
import { fillHeld } from './fill-held.ts'
import type { VaultRead, VaultReader, VaultSecret } from './vault/key-value.ts'
import { readKey } from './vault/key-value.ts'
import {
  asText,
  hasPathPlaceholder,
  MissingValue,
  readsOf,
  replacePlaceholders,
  rulesOfObject,
  type FoundSecrets,
  type PlaceholderRules,
} from './vault/placeholders.ts'

export type JsonPath = readonly (string | number)[]

export interface FillRequest {
  readonly manifests: readonly KubeObject[]
  readonly held: HeldValues
  /** The project's Vault; absent where it has none. */
  readonly vault: VaultReader | undefined
  readonly signal?: AbortSignal
}

export interface FilledManifests {
  /** In the same order; objects without secrets are the ones that came in. */
  readonly manifests: readonly KubeObject[]
  /** Where values were filled in, by the object of `manifests`. */
  readonly places: ReadonlyMap<KubeObject, readonly JsonPath[]>
  /** Differs where a value differs; says nothing of them and nothing to another process. */
  readonly fingerprint: string
  /** What was read, with versions: `vault secret/data/db@3`. */
  readonly inputs: readonly string[]
  /** A text from elsewhere, such as a server's answer, without the values that were filled in. */
  readonly redact: (text: string) => string
}

/** Values shorter than this occur in every text: masking them would tell more than it hides. */
const MIN_REDACTED_LENGTH = 4

const fingerprintKey: Buffer = randomBytes(32)

/** Fills in. Throws what Vault said, or `bad-input` naming object and path; never a value. */
export async function fillSecrets(request: FillRequest): Promise<FilledManifests> {
  const { manifests, held, vault, signal } = request
  const plans = manifests.map((object) => planOf(object, request))
  const reads = plans.flatMap((plan) => plan?.reads ?? [])
  const secrets = vault === undefined || reads.length === 0 ? new Map() : await vault.readAll(reads, signal)
  const values: Secret[] = []
  const places = new Map<KubeObject, readonly JsonPath[]>()
  const filled = manifests.map((object, index) => {
    const plan = plans[index]
    if (plan === undefined) return object
    const result = new ObjectFill(object, { plan, secrets, held, values }).run()
    if (result.object === object) return object
    places.set(result.object, result.places)
    return result.object
  })
  return {
    manifests: places.size === 0 ? manifests : filled,
    places,
    fingerprint: fingerprintOf(values),
    inputs: inputsOf(reads, secrets),
    redact: redactor(values),
  }
}

/** What the placeholders in manifests would read of a Vault with KV version 2, in their order. */
export function vaultReadsOf(manifests: readonly KubeObject[]): readonly VaultRead[] {
  return manifests.flatMap((object) => {
    const texts = textsOf(object, object.kind === 'Secret' && object.apiVersion === 'v1')
    const rules = rulesIfAny(object, texts, 2)
    return rules === undefined ? [] : texts.flatMap((text) => readsOf(text, rules))
  })
}

interface Plan {
  readonly rules: PlaceholderRules | undefined
  readonly reads: readonly VaultRead[]
}

/** Undefined for an object in which nothing stands for a secret: it is passed on untouched. */
function planOf(object: KubeObject, { held, vault }: FillRequest): Plan | undefined {
  const isSecret = object.kind === 'Secret' && object.apiVersion === 'v1'
  const looksAtPlaceholders = vault !== undefined || isSecret
  if (held.size === 0 && !looksAtPlaceholders) return undefined
  const texts = textsOf(object, isSecret)
  const placeholders = looksAtPlaceholders ? placeholdersIn(object, texts, vault) : undefined
  if (placeholders !== undefined) return placeholders
  return held.size > 0 && texts.some(mayHold) ? { rules: undefined, reads: [] } : undefined
}

function placeholdersIn(
  object: KubeObject,
  texts: readonly string[],
  vault: VaultReader | undefined,
): Plan | undefined {
  const rules = rulesIfAny(object, texts, vault?.kvVersion ?? 2)
  if (rules === undefined) return undefined
  const reads = texts.flatMap((text) => readsOf(text, rules))
  if (reads.length === 0) return undefined
  if (vault !== undefined) return { rules, reads }
  // Delivered as it is, an application would log in with the placeholder.
  if (!texts.some(hasPathPlaceholder)) return undefined
  throw new CapstanError(
    'precondition',
    `${labelOf(object)}: holds a placeholder of Vault, and its project has no Secret labelled argocd.argoproj.io/secret-type: vault; add one, or annotate the object with avp.kubernetes.io/ignore: "true"`,
  )
}

function rulesIfAny(object: KubeObject, texts: readonly string[], kvVersion: 1 | 2): PlaceholderRules | undefined {
  return texts.some((text) => text.includes('<')) ? rulesOfObject(object, kvVersion) : undefined
}

function labelOf({ kind, metadata }: KubeObject): string {
  return `${kind} ${metadata?.name ?? ''}`
}

/** All texts of an object; in a Secret also what its data holds in base64. */
function textsOf(object: KubeObject, isSecret: boolean): string[] {
  const texts: string[] = []
  collect(object as unknown as JsonValue, texts) // any object is a JSON value
  if (isSecret) {
    for (const value of Object.values(dataOf(object))) {
      if (typeof value === 'string' && value.length < MAX_DECODED) texts.push(decoded(value))
    }
  }
  return texts
}

/** A Secret is at most 1 MiB. */
const MAX_DECODED: number = 2 * 1024 * 1024

function decoded(value: string): string {
  return Buffer.from(value, 'base64').toString('utf8')
}

function dataOf(object: KubeObject): JsonObject {
  const { data } = object as unknown as JsonObject // any object is one
  return isObject(data) ? data : {}
}

function collect(value: JsonValue, texts: string[]): void {
  if (typeof value === 'string') texts.push(value)
  else if (Array.isArray(value)) for (const item of value as readonly JsonValue[]) collect(item, texts)
  else if (isObject(value)) {
    for (const [key, one] of Object.entries(value)) {
      // Keys are never filled in; what stands for a secret there is an error, which `fillHeld` words.
      if (key.includes('capstan-held-')) texts.push(key)
      collect(one, texts)
    }
  }
}

function inputsOf(reads: readonly VaultRead[], secrets: ReadonlyMap<string, VaultSecret>): readonly string[] {
  const inputs = reads.map((read) => {
    const version = secrets.get(readKey(read))?.version
    return `vault ${read.path}${version === undefined ? '' : `@${version}`}`
  })
  return [...new Set(inputs)].toSorted()
}

function fingerprintOf(values: readonly Secret[]): string {
  const mac = createHmac('sha256', fingerprintKey)
  for (const value of values) {
    const text = value.reveal()
    mac.update(`${text.length} `).update(text)
  }
  return mac.digest('hex')
}

function redactor(values: readonly Secret[]): (text: string) => string {
  const texts = new Set(values.map((value) => value.reveal()).filter((text) => text.length >= MIN_REDACTED_LENGTH))
  const encoded = [...texts].flatMap((text) => [text, Buffer.from(text, 'utf8').toString('base64')])
  const secrets = encoded.map((text) => new Secret(text))
  return (text) => maskSecrets(text, secrets)
}

interface Sources {
  readonly plan: Plan
  readonly secrets: ReadonlyMap<string, VaultSecret>
  readonly held: HeldValues
  /** Collects what was filled in. */
  readonly values: Secret[]
}

/** With every digit of it. */
function numberOf(text: string): JsonValue {
  const [value = null] = parseJson(`[${text}]`) as readonly JsonValue[] // a list, see the text
  return value
}

/** Marks a key that is left out. */
const LEFT_OUT = Symbol('left out')

/** Fields that name an object or say what it is: they are read before anything is filled in, and shown everywhere. */
const NAMING = new Set(['apiVersion', 'kind', 'metadata.name', 'metadata.namespace', 'metadata.generateName'])

class ObjectFill {
  readonly #object: KubeObject
  readonly #sources: Sources
  readonly #places: JsonPath[] = []

  constructor(object: KubeObject, sources: Sources) {
    this.#object = object
    this.#sources = sources
  }

  run(): { readonly object: KubeObject; readonly places: readonly JsonPath[] } {
    const filled = this.#value(this.#object as unknown as JsonValue, []) // any object is a JSON value
    return { object: filled as unknown as KubeObject, places: this.#places } // an object stays one
  }

  #value(value: JsonValue, path: JsonPath): JsonValue | typeof LEFT_OUT {
    if (typeof value === 'string') return this.#text(value, path)
    if (Array.isArray(value)) {
      const items = value as readonly JsonValue[]
      const filled = items.map((item, index) => this.#value(item, [...path, index]))
      return filled.every((item, index) => item === items[index]) ? value : filled.filter((item) => item !== LEFT_OUT)
    }
    return isObject(value) ? this.#fields(value, path) : value
  }

  #fields(fields: JsonObject, path: JsonPath): JsonObject {
    let hasChanged = false
    const filled: Record<string, JsonValue> = Object.create(null) as Record<string, JsonValue>
    for (const [key, value] of Object.entries(fields)) {
      this.#refuseKey(key, path)
      const one = this.#value(value, [...path, key])
      if (one !== value) hasChanged = true
      if (one !== LEFT_OUT) filled[key] = one
    }
    return hasChanged ? { ...filled } : fields
  }

  #refuseKey(key: string, path: JsonPath): void {
    if (mayHold(key)) throw this.#fault(path, 'a key is made of a decrypted value: only values can hold one')
  }

  #text(text: string, path: JsonPath): JsonValue | typeof LEFT_OUT {
    const { plan, held } = this.#sources
    let value: JsonValue = text
    if (plan.rules !== undefined) {
      const found = this.#placeholders(text, plan.rules, path)
      if (found === LEFT_OUT) return found
      value = found
    }
    if (typeof value === 'string' && held.size > 0 && mayHold(value)) value = this.#held(value, path)
    if (value === text) return text
    if (NAMING.has(path.join('.'))) throw this.#fault(path, 'a secret cannot stand here')
    this.#places.push(path)
    return value
  }

  #held(text: string, path: JsonPath): JsonValue {
    const { held, values } = this.#sources
    const filled = fillHeld(text, held)
    if (filled === undefined) {
      throw this.#fault(
        path,
        'a template has changed what stands for a decrypted value (cut it, or put it in an encoding other than base64): leave that value unencrypted, or use it as a whole',
      )
    }
    values.push(...filled.values)
    return isHeldNumber(text) ? numberOf(filled.text) : filled.text
  }

  #placeholders(text: string, rules: PlaceholderRules, path: JsonPath): JsonValue | typeof LEFT_OUT {
    const found: FoundSecrets = {
      rules,
      secrets: this.#sources.secrets,
      place: `${labelOf(this.#object)} ${path.join('.')}`,
    }
    try {
      return this.#isData(path) ? this.#data(text, found) : this.#plain(text, found, path)
    } catch (error) {
      if (error instanceof MissingValue && rules.removeMissing && path.length === 2) return LEFT_OUT
      throw error
    }
  }

  #isData(path: JsonPath): boolean {
    return this.#object.kind === 'Secret' && path.length === 2 && path[0] === 'data'
  }

  /** A value of a Secret's data that holds a placeholder in base64 is filled in there. */
  #data(text: string, found: FoundSecrets): string {
    const inner = text.includes('<') ? undefined : replacePlaceholders(decoded(text), found)
    const replaced = inner ?? replacePlaceholders(text, found)
    if (replaced === undefined) return text
    this.#sources.values.push(...replaced.secrets.map((secret) => new Secret(secret)))
    const value = asText(replaced.value)
    return inner === undefined ? value : Buffer.from(value, 'utf8').toString('base64')
  }

  #plain(text: string, found: FoundSecrets, path: JsonPath): JsonValue {
    const replaced = replacePlaceholders(text, found)
    if (replaced === undefined) return text
    this.#sources.values.push(...replaced.secrets.map((secret) => new Secret(secret)))
    const { kind } = this.#object
    const holdsTexts = (kind === 'Secret' || kind === 'ConfigMap') && path.length === 2
    return holdsTexts && typeof replaced.value !== 'string' ? jsonText(replaced.value) : replaced.value
  }

  #fault(path: JsonPath, problem: string): CapstanError {
    return new CapstanError('bad-input', `${labelOf(this.#object)}: ${path.join('.')}: ${problem}`)
  }
}
