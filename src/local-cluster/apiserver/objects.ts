// Objects in the store: text under a key, and parsed values kept for as long as they are wanted often.
import { jsonText, parseJson } from '../../kube/json-digits.ts'
import type { KubeObject } from '../../kube/object.ts'
import type { StoredObject } from '../storage/store.ts'
import { convertBuiltin } from './conversion.ts'
import { apiVersionOf, type Resource } from './resource.ts'

/** Parsed objects are kept up to this much JSON text; a parsed one takes about one and a half times its text. */
const CACHE_TEXT_BYTES = 16 * 1024 * 1024

interface CachedObject {
  readonly revision: number
  readonly object: KubeObject
  /** Its protobuf messages by version, made when first asked for. */
  messages: ReadonlyMap<string, Uint8Array> | undefined
  size: number
}

/** Turns stored text into objects and back. */
export class ObjectCodec {
  readonly #cache = new Map<string, CachedObject>()
  /** What an object was read from or written as. */
  readonly #texts = new WeakMap<KubeObject, string>()
  readonly #limit: number
  #size = 0

  constructor(limit: number = CACHE_TEXT_BYTES) {
    this.#limit = limit
  }

  /** The object of a stored text in its stored version. */
  parse(stored: Pick<StoredObject, 'key' | 'value' | 'revision'>): KubeObject {
    const cached = this.#cache.get(stored.key)
    if (cached?.revision === stored.revision) return cached.object
    const object = parseObject(stored.value)
    this.remember(stored, object)
    return object
  }

  /** Keeps a value that was just encoded, so that the next reader need not parse it. */
  remember(stored: Pick<StoredObject, 'key' | 'value' | 'revision'>, object: KubeObject): void {
    this.forget(stored.key)
    const size = stored.value.length
    this.#texts.set(object, stored.value)
    this.#cache.set(stored.key, { revision: stored.revision, object, messages: undefined, size })
    this.#grow(size)
  }

  /** The JSON of an object that was just stored or read, so that an answer need not write it anew; undefined for others. */
  textOf(object: KubeObject): string | undefined {
    return this.#texts.get(object)
  }

  /** The object as a protobuf message of a version; `make` makes it from the parsed object where it is not kept. */
  message(
    stored: Pick<StoredObject, 'key' | 'value' | 'revision'>,
    apiVersion: string,
    make: (object: KubeObject) => Uint8Array,
  ): Uint8Array {
    const object = this.parse(stored)
    const cached = this.#cache.get(stored.key)
    const known = cached?.messages?.get(apiVersion)
    if (known !== undefined) return known
    const message = make(object)
    if (cached === undefined) return message // larger than all that is kept
    cached.messages = new Map([...(cached.messages ?? []), [apiVersion, message]])
    cached.size += message.length
    this.#grow(message.length)
    return message
  }

  /** Makes room: what was kept first goes first. */
  #grow(size: number): void {
    this.#size += size
    for (const key of this.#cache.keys()) {
      if (this.#size <= this.#limit) break
      this.forget(key)
    }
  }

  forget(key: string): void {
    this.#size -= this.#cache.get(key)?.size ?? 0
    this.#cache.delete(key)
  }
}

/** Text the server itself wrote. */
export function parseObject(text: string): KubeObject {
  return parseJson(text) as unknown as KubeObject // only `encodeObject` writes what is read here
}

/** The object with a resourceVersion, its fields in the order the real server writes them. */
export function withRevision(object: KubeObject, revision: number): KubeObject {
  const { kind, apiVersion, metadata, ...rest } = object
  const {
    name,
    generateName,
    namespace,
    uid,
    resourceVersion: _old,
    generation,
    creationTimestamp,
    managedFields,
    ...more
  } = metadata
  return {
    kind,
    apiVersion,
    metadata: {
      ...(name === undefined ? {} : { name }),
      ...(generateName === undefined ? {} : { generateName }),
      ...(namespace === undefined ? {} : { namespace }),
      ...(uid === undefined ? {} : { uid }),
      resourceVersion: String(revision),
      ...(generation === undefined ? {} : { generation }),
      ...(creationTimestamp === undefined ? {} : { creationTimestamp }),
      ...more,
      ...(managedFields === undefined ? {} : { managedFields }),
    },
    ...rest,
  }
}

/** Stored text as an answer in the version of `resource`; the versions of one kind share their objects. */
export function textInVersion(resource: Resource, text: string): string {
  const wanted = headOf(resource)
  if (text.startsWith(wanted)) return text
  return jsonText(convertBuiltin({ ...parseObject(text), kind: resource.kind }, apiVersionOf(resource)))
}

/** The text of a list: stored texts as its items between what comes before and after them. Items of built-in kinds carry neither kind nor apiVersion. */
export function listOfTexts(
  resource: Resource,
  stored: readonly Pick<StoredObject, 'value'>[],
  [before, after]: readonly [before: string, after: string],
): string {
  const head = headOf(resource)
  const tails = stored.map(({ value }) => tailOf(resource, head, value))
  return joined(tails, ',{', [tails.length === 0 ? before : `${before}{`, after])
}

/** One item of such a list. */
export function itemText(resource: Resource, stored: Pick<StoredObject, 'value'>): string {
  return `{${tailOf(resource, headOf(resource), stored.value)}`
}

/** What follows kind and apiVersion. */
function tailOf(resource: Resource, head: string, value: string): string {
  const text = value.startsWith(head) ? value : textInVersion(resource, value)
  return text.slice(text.startsWith(head) ? head.length : 1)
}

/** Texts with something before, between and after them, in one step: a text put together in two is copied twice when it leaves. */
export function joined(
  texts: readonly string[],
  between: string,
  [before, after]: readonly [before: string, after: string],
): string {
  if (texts.length === 0) return before + after
  const last = texts.length - 1
  const pieces = texts.map((text, index) => `${index === 0 ? before : ''}${text}${index === last ? after : ''}`)
  return pieces.join(between)
}

function headOf(resource: Resource): string {
  return `{"kind":"${resource.kind}","apiVersion":"${apiVersionOf(resource)}",`
}
