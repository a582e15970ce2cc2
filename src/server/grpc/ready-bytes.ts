// Encoded objects of caches, kept as long as the objects are: lists, watches and gets take the same bytes again and again.
import { encodeMessage, type ReadyBytes } from '../../api/wire/encode.ts'
import { planOf } from '../../api/wire/plan.ts'

/** The message of a kind that caches hold; an object is known by its identity, so it must not change after it was answered. */
const PLANS: Readonly<Record<string, string>> = { Application: 'Application', AppProject: 'AppProject' }

/** Gives the bytes of objects of the kinds above, and writes each once. */
export function createReadyBytes(): ReadyBytes {
  const known = new WeakMap<object, Uint8Array>()
  return (value) => {
    const ready = known.get(value)
    if (ready !== undefined) return ready
    const kind: unknown = 'kind' in value ? value.kind : undefined
    const name = typeof kind === 'string' && 'apiVersion' in value && 'spec' in value ? PLANS[kind] : undefined
    if (name === undefined) return undefined
    // A copy of its own size: what is kept for long must not hold the whole buffer.
    const bytes = Uint8Array.prototype.slice.call(encodeMessage(planOf('v1alpha1', name), value))
    known.set(value, bytes)
    return bytes
  }
}
