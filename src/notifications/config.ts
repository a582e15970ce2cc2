// argocd-notifications-cm and argocd-notifications-secret in Argo CD's format (notifications-engine api/config.go).
import { CapstanError, messageOf } from '../base/errors.ts'
import { Secret } from '../base/secret.ts'
import type { KubeObject } from '../kube/object.ts'
import { parseLabelSelector } from '../kube/selector.ts'
import { parseYaml } from '../lang/yaml/read.ts'
import { readConfigMap, readSecret } from '../settings/map-reader.ts'
import type { Defaults, GlobalSubscription } from './destinations.ts'
import type { Block } from './notification.ts'
import { fieldsOf, textMapOf, textOf, textsOf } from './options.ts'

export const CONFIG_MAP = 'argocd-notifications-cm'
export const SECRET = 'argocd-notifications-secret'

export interface Condition {
  readonly when: string
  readonly send: readonly string[]
  readonly oncePer: string
  readonly description: string
}

export interface ServiceConfig {
  readonly type: string
  /** With the secrets filled in: never shown. */
  readonly options: unknown
}

export interface NotificationsConfig {
  readonly namespace: string
  /** By name. */
  readonly triggers: ReadonlyMap<string, readonly Condition[]>
  readonly templates: ReadonlyMap<string, Block>
  readonly services: ReadonlyMap<string, ServiceConfig>
  readonly subscriptions: readonly GlobalSubscription[]
  readonly defaults: Defaults
  readonly context: Readonly<Record<string, string>>
  /** The values of the Secret by key. */
  readonly secrets: ReadonlyMap<string, Secret>
  /** What could not be read, by key of the config map; the rest works without it. */
  readonly faults: ReadonlyMap<string, string>
}

interface Reading {
  readonly triggers: Map<string, readonly Condition[]>
  readonly templates: Map<string, Block>
  readonly services: Map<string, ServiceConfig>
  readonly triggersOfService: Record<string, readonly string[]>
  readonly faults: Map<string, string>
  readonly secrets: ReadonlyMap<string, Secret>
}

/** Never throws: an entry that cannot be read is told in `faults` and missing. */
export function parseNotificationsConfig(
  configMap: KubeObject | undefined,
  secret: KubeObject | undefined,
  namespace: string,
): NotificationsConfig {
  const data = configMap === undefined ? new Map<string, string>() : texts(readConfigMap(configMap))
  const secrets = new Map(
    [...(secret === undefined ? [] : texts(readSecret(secret)))].map(([key, value]) => [key, new Secret(value)]),
  )
  const reading: Reading = {
    triggers: new Map(),
    templates: new Map(),
    services: new Map(),
    triggersOfService: {},
    faults: new Map(),
    secrets,
  }
  for (const [key, value] of data) attempt(reading, key, () => readEntry(reading, key, value))
  const read = <Value>(key: string, parse: (value: unknown) => Value): Value =>
    attempt(reading, key, () => parse(parseYaml(data.get(key) ?? ''))) ?? parse(undefined)
  return {
    ...reading,
    namespace,
    subscriptions: read('subscriptions', readSubscriptions),
    defaults: { triggers: read('defaultTriggers', readTexts), triggersOfService: reading.triggersOfService },
    context: read('context', (value) => textMapOf({ value }, 'value')),
  }
}

function texts(reader: { keys(): readonly string[]; text(key: string): string | undefined }): Map<string, string> {
  return new Map(reader.keys().map((key) => [key, reader.text(key) ?? '']))
}

function attempt<Value>({ faults }: Reading, key: string, read: () => Value): Value | undefined {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof CapstanError)) throw error
    faults.set(key, messageOf(error))
    return undefined
  }
}

function readEntry(reading: Reading, key: string, value: string): void {
  const [kind = '', ...rest] = key.split('.')
  const name = rest.join('.')
  if (kind === 'trigger' && name !== '') reading.triggers.set(name, readTrigger(parseYaml(value)))
  else if (kind === 'template' && name !== '') reading.templates.set(name, readTemplate(parseYaml(value)))
  else if (kind === 'service') readService(reading, key, value)
  else if (kind === 'defaultTriggers' && name !== '') reading.triggersOfService[name] = readTexts(parseYaml(value))
}

function readTrigger(value: unknown): readonly Condition[] {
  if (!Array.isArray(value)) throw new CapstanError('bad-input', 'a trigger is a list of conditions (when, send)')
  return value.map(fieldsOf).map((condition) => ({
    when: textOf(condition, 'when'),
    send: textsOf(condition, 'send'),
    oncePer: textOf(condition, 'oncePer'),
    description: textOf(condition, 'description'),
  }))
}

function readTemplate(value: unknown): Block {
  if (value === null || value === undefined) return {}
  if (typeof value !== 'object' || Array.isArray(value)) {
    throw new CapstanError('bad-input', 'a template is a map: message, and a block for each kind of service')
  }
  return value as Block // what YAML gives is JSON
}

/** `service.<type>` or `service.<type>.<name>`. */
function readService(reading: Reading, key: string, value: string): void {
  const [, type, name = type, ...more] = key.split('.')
  if (type === undefined || name === undefined || more.length > 0) {
    throw new CapstanError('bad-input', `invalid service key; expected 'service.<type>(.<name>)' but got '${key}'`)
  }
  reading.services.set(name, { type, options: withSecrets(parseYaml(value), reading.secrets) })
}

const REFERENCE = /\$[\w-]+/g

/** `$key` in any text is the value of that key of the Secret; a key that is not there leaves the text as it is. */
function withSecrets(value: unknown, secrets: ReadonlyMap<string, Secret>): unknown {
  if (typeof value === 'string') {
    return value.replaceAll(REFERENCE, (found) => secrets.get(found.slice(1))?.reveal() ?? found)
  }
  if (Array.isArray(value)) return value.map((item) => withSecrets(item, secrets))
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).map(([key, item]) => [withSecrets(key, secrets), withSecrets(item, secrets)])
  return Object.fromEntries(entries)
}

function readTexts(value: unknown): readonly string[] {
  return textsOf({ value }, 'value')
}

function readSubscriptions(value: unknown): readonly GlobalSubscription[] {
  if (!Array.isArray(value)) return []
  return value.map(fieldsOf).map((subscription) => ({
    recipients: textsOf(subscription, 'recipients'),
    triggers: textsOf(subscription, 'triggers'),
    selector: parseLabelSelector(textOf(subscription, 'selector')),
  }))
}
