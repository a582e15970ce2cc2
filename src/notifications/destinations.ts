// Who is told of what: subscriptions in annotations and in the configuration become destinations by trigger.
import { matchesLabels, type LabelSelector } from '../kube/selector.ts'
import { parseYaml } from '../lang/yaml/read.ts'
import type { Destination } from './notification.ts'
import { fieldsOf, listOf, textOf, textsOf } from './options.ts'

/** Destinations by the name of their trigger. */
export type Destinations = ReadonlyMap<string, readonly Destination[]>
type Annotations = Readonly<Record<string, string>>

const SUBSCRIBE = 'notifications.argoproj.io/subscribe.'
const SUBSCRIPTIONS = 'notifications.argoproj.io/subscriptions'

/** A subscription of the configuration; without triggers the default ones are meant. */
export interface GlobalSubscription {
  readonly recipients: readonly string[]
  readonly triggers: readonly string[]
  readonly selector: LabelSelector
}

export interface Defaults {
  readonly triggers: readonly string[]
  /** By the name of a service, in place of `triggers`. */
  readonly triggersOfService: Readonly<Record<string, readonly string[]>>
}

/** Whether any subscription stands in them; costs next to nothing. */
export function hasSubscriptions(annotations: Annotations | undefined): boolean {
  for (const key in annotations) if (key.startsWith('notifications.argoproj.io/subscri')) return true
  return false
}

/** `slack:channel`; what follows another colon is left out, as upstream does. */
export function parseDestination(text: string): Destination {
  const [service = '', recipient = ''] = text.split(':')
  return { service, recipient }
}

/** All that the annotations of an object ask for (notifications-engine subscriptions/annotations.go). */
export function annotatedDestinations(annotations: Annotations | undefined, defaults: Defaults): Destinations {
  const found = new Map<string, Destination[]>()
  const subscribe = (trigger: string, service: string, recipients: readonly string[]): void => {
    const own = Object.hasOwn(defaults.triggersOfService, service) ? defaults.triggersOfService[service] : undefined
    const triggers = trigger === '' ? (own ?? defaults.triggers) : [trigger]
    for (const recipient of recipients) for (const name of triggers) add(found, name, { service, recipient })
  }
  for (const [key, value] of Object.entries(annotations ?? {})) {
    if (key.startsWith(SUBSCRIBE)) {
      const [first = '', second] = key.slice(SUBSCRIBE.length).split('.')
      const recipients = value === '' ? [''] : parseRecipients(value)
      subscribe(second === undefined ? '' : first, second ?? first, recipients)
    } else if (key.startsWith(SUBSCRIPTIONS)) {
      readList(value, subscribe)
    }
  }
  return found
}

/** Recipients between semicolons. */
function parseRecipients(text: string): readonly string[] {
  return text
    .split(';')
    .map((recipient) => recipient.trim())
    .filter((recipient) => recipient !== '')
}

type Subscribe = (trigger: string, service: string, recipients: readonly string[]) => void

/** The YAML form: lists of triggers and destinations. One that cannot be read subscribes nobody. */
function readList(text: string, subscribe: Subscribe): void {
  for (const subscription of parsedList(text).map(fieldsOf)) {
    const triggers = textsOf(subscription, 'trigger')
    for (const destination of listOf(subscription, 'destinations').map(fieldsOf)) {
      const recipients = textsOf(destination, 'recipients')
      for (const trigger of triggers.length === 0 ? [''] : triggers) {
        subscribe(trigger, textOf(destination, 'service'), recipients)
      }
    }
  }
}

function parsedList(text: string): readonly unknown[] {
  try {
    const value: unknown = parseYaml(text)
    return Array.isArray(value) ? value : []
  } catch {
    return [] // what its author sees: nothing is sent; upstream logs and goes on too
  }
}

/** What the configuration subscribes for an object with these labels. */
export function globalDestinations(
  subscriptions: readonly GlobalSubscription[],
  labels: Readonly<Record<string, string>> | undefined,
  defaults: Defaults,
): Destinations {
  const found = new Map<string, Destination[]>()
  for (const { recipients, triggers, selector } of subscriptions) {
    if (!matchesLabels(selector, labels)) continue
    const named = triggers.length === 0 ? defaults.triggers : triggers
    for (const trigger of named) for (const one of recipients) add(found, trigger, parseDestination(one))
  }
  return found
}

/** All of them, each destination of a trigger once. */
export function mergeDestinations(...parts: readonly Destinations[]): Destinations {
  const all = new Map<string, Destination[]>()
  for (const part of parts) {
    for (const [trigger, destinations] of part) {
      for (const destination of destinations) add(all, trigger, destination)
    }
  }
  return all
}

function add(found: Map<string, Destination[]>, trigger: string, wanted: Destination): void {
  const known = found.get(trigger)
  if (known === undefined) {
    found.set(trigger, [wanted])
  } else if (!known.some(({ service, recipient }) => service === wanted.service && recipient === wanted.recipient)) {
    known.push(wanted)
  }
}
