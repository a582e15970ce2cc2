// Events of watches as they are sent: lines of JSON or frames of protobuf, made once an event for all who watch.
import { jsonText } from '../../../kube/json-digits.ts'
import type { JsonObject, KubeObject } from '../../../kube/object.ts'
import { encodeObject, encodeWatchEvent } from '../../../kube/protobuf/encode-object.ts'
import type { StoredObject, StoreEvent } from '../../storage/store.ts'
import type { Call } from '../call.ts'
import type { Format } from '../negotiation.ts'
import { parseObject, textInVersion } from '../objects.ts'
import { partialMetadata } from '../partial-metadata.ts'
import { apiVersionOf } from '../resource.ts'
import { messageBody, messageOf, storedMessage } from '../stored-message.ts'
import { inVersion } from '../write-object.ts'

export type EventType = 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR'

/** One event as it is sent: a line of JSON, or bytes with their length before them. */
export type Frame = string | Uint8Array

/** An event with any object. */
export function frame(format: Format, type: EventType, object: JsonObject): Frame {
  return format === 'protobuf' ? encodeWatchEvent(type, encodeObject(object)) : line(type, jsonText(object))
}

function line(type: EventType, object: string): string {
  return `{"type":"${type}","object":${object}}\n`
}

/** A watch has frames of one form only. */
export function joined(frames: readonly Frame[]): Frame {
  const [first] = frames
  if (frames.length === 1 && first !== undefined) return first
  if (typeof first === 'string') return frames.join('')
  return Buffer.concat(frames.map((one) => (typeof one === 'string' ? Buffer.from(one) : one)))
}

/** A stored object of a built-in kind as the state a watch begins with. */
export function storedFrame(call: Call, stored: StoredObject): Frame {
  const { resource, form } = call
  if (form.format !== 'protobuf') return line('ADDED', textInVersion(resource, stored.value))
  return encodeWatchEvent('ADDED', messageBody(resource, storedMessage(call, stored)))
}

/** What was derived from one event, kept while the event lives: many watchers want the same. */
interface Derived {
  object?: KubeObject
  previous?: KubeObject
  readonly frames: Map<string, Frame>
}

/** Keyed by the events themselves, so it holds nothing that the store does not hold. */
const derived = new WeakMap<StoreEvent, Derived>()

function derivedOf(event: StoreEvent): Derived {
  const known = derived.get(event)
  if (known !== undefined) return known
  const made: Derived = { frames: new Map() }
  derived.set(event, made)
  return made
}

/** The object after a change; for a delete, its last state. */
export function eventObject(event: StoreEvent): KubeObject {
  const shared = derivedOf(event)
  shared.object ??= parseObject(event.value)
  return shared.object
}

/** The object before a change. */
export function previousObject(event: StoreEvent): KubeObject {
  const shared = derivedOf(event)
  shared.previous ??= parseObject(event.previous ?? event.value)
  return shared.previous
}

/** The frame of a change for everyone who watches in the same form and version. */
export function sharedFrame(call: Call, type: EventType, event: StoreEvent): Frame {
  const { frames } = derivedOf(event)
  const { form, resource, server } = call
  // A definition may change what its objects look like while an event lives.
  const generation = resource.custom === undefined ? 0 : server.registry.generation
  const key = `${form.format} ${form.as} ${form.metaVersion} ${type} ${apiVersionOf(resource)} ${generation}`
  const known = frames.get(key)
  if (known !== undefined) return known
  const made = eventFrame(call, type, event)
  frames.set(key, made)
  return made
}

function eventFrame({ form, resource }: Call, type: EventType, event: StoreEvent): Frame {
  if (form.as !== 'object') {
    return frame(form.format, type, partialMetadata(inVersion(resource, eventObject(event)), form.metaVersion))
  }
  if (form.format === 'protobuf') {
    return encodeWatchEvent(type, messageBody(resource, messageOf(resource, eventObject(event))))
  }
  if (resource.custom === undefined) return line(type, textInVersion(resource, event.value))
  return line(type, jsonText(inVersion(resource, eventObject(event))))
}
