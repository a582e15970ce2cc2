// The ApplicationSet resource and its parts as TypeScript types, by upstream's names.
import type { KubeObject } from '../kube/object.ts'
import type { Message } from './message-type.ts'
import { parseMessage } from './parse-message.ts'

export type ApplicationSet = KubeObject & Message<'ApplicationSet'>
export type ApplicationSetSpec = Message<'ApplicationSetSpec'>
export type ApplicationSetStatus = Message<'ApplicationSetStatus'>
export type ApplicationSetGenerator = Message<'ApplicationSetGenerator'>
export type ApplicationSetTemplate = Message<'ApplicationSetTemplate'>
export type ApplicationSetCondition = Message<'ApplicationSetCondition'>

/**
 * Reads an ApplicationSet of unknown origin. Unknown fields survive; a null where a field is optional counts as absent.
 * Throws a CapstanError `bad-input` that names every wrong field.
 */
export function parseApplicationSet(value: unknown): ApplicationSet {
  return parseMessage<ApplicationSet>(value, { kind: 'ApplicationSet', message: 'ApplicationSet' })
}
