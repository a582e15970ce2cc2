// What triggers and templates may name: the application, its project, the context, and functions.
import type { KubeObject } from '../kube/object.ts'
import { BYTES, GoTyped, mapOf, STRING, STRING_MAP } from '../lang/go/values.ts'
import type { GoMap, GoValue } from '../lang/go/values.ts'
import { bytesOfText } from '../lang/go/text.ts'
import type { NotificationsConfig } from './config.ts'
import type { Facts } from './facts.ts'
import { repoFunctions, type SourceFacts, STRING_FUNCTIONS, SYNC_FUNCTIONS, timeFunctions } from './functions.ts'
import { kubernetesValue } from './go-app.ts'
import type { Destination } from './notification.ts'

/** An object as triggers and templates see it; made once for all of them. */
export interface Subject {
  readonly object: KubeObject
  readonly variables: GoMap
  readonly facts: Facts
}

export interface SubjectOptions {
  readonly object: KubeObject
  readonly project?: KubeObject
  readonly facts: Facts
  readonly sources?: SourceFacts
  readonly nowMs: () => number
}

/** `app`, `appProject`, `time`, `strings`, `sync` and `repo`. */
export function createSubject({ object, project, facts, sources, nowMs }: SubjectOptions): Subject {
  const app = kubernetesValue(object)
  const variables: GoMap = new Map<GoValue, GoValue>([
    ['app', app],
    ['appProject', project === undefined ? new Map() : kubernetesValue(project)],
    ['time', timeFunctions(nowMs)],
    ['strings', STRING_FUNCTIONS],
    ['sync', SYNC_FUNCTIONS],
    ['repo', repoFunctions(app instanceof Map ? app : new Map(), facts, sources)],
  ])
  return { object, variables, facts }
}

const SECRETS = mapOf(STRING, BYTES)

/**
 * The subject's variables with those of a configuration and, for templates, of a destination. Where every namespace may
 * bring its own configuration, templates see no secrets, as upstream has it.
 */
export function variablesFor(
  { variables }: Subject,
  config: NotificationsConfig,
  more: { readonly to?: Destination; readonly hidesSecrets: boolean },
): GoMap {
  const all: GoMap = new Map(variables)
  const context = new Map<GoValue, GoValue>(Object.entries(config.context))
  if (more.to !== undefined) {
    context.set('notificationType', more.to.service)
    all.set('serviceType', more.to.service)
    all.set('recipient', more.to.recipient)
  }
  all.set('context', new GoTyped(STRING_MAP, context))
  if (!more.hidesSecrets) {
    const values = [...config.secrets].map(([key, secret]) => [key, bytes(secret.reveal())] as const)
    all.set('secrets', new GoTyped(SECRETS, new Map<GoValue, GoValue>(values)))
  }
  return all
}

function bytes(text: string): GoTyped {
  return new GoTyped(BYTES, bytesOfText(text))
}
