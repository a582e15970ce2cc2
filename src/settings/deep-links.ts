// Deep links of argocd-cm: addresses elsewhere that belong to applications, projects and resources.
import { CapstanError, messageOf } from '../base/errors.ts'
import type { KubeObject } from '../kube/object.ts'
import { readConfigMap } from './map-reader.ts'

export type DeepLinkKey = 'application.links' | 'project.links' | 'resource.links'

export interface DeepLink {
  /** A template. */
  readonly url: string
  readonly title: string
  readonly description?: string
  readonly iconClass?: string
  /** An expression; absent: always shown. */
  readonly condition?: string
}

/** More links than these are no menu. */
export const MAX_DEEP_LINKS = 200

/** Links by a key of argocd-cm (argo-cd v3.5.1 `util/settings/settings.go` GetDeepLinks). Throws `bad-input` with upstream's text. */
export function parseDeepLinks(configMap: KubeObject | undefined, key: DeepLinkKey): readonly DeepLink[] {
  if (configMap === undefined) return []
  const reader = readConfigMap(configMap)
  let value: unknown
  try {
    value = reader.yaml(key)
  } catch (error) {
    throw unreadable(messageOf(error))
  }
  if (value === undefined || value === null) return []
  if (!Array.isArray(value)) throw unreadable(`${key} is no list: write entries with title and url`)
  if (value.length > MAX_DEEP_LINKS) throw unreadable(`${key} has more than ${MAX_DEEP_LINKS} entries`)
  return value.map((entry: unknown) => linkOf(entry, key))
}

function linkOf(entry: unknown, key: DeepLinkKey): DeepLink {
  const fields: Readonly<Record<string, unknown>> = typeof entry === 'object' && entry !== null ? { ...entry } : {}
  const text = (name: string): string | undefined => {
    const value = fields[name] ?? undefined
    if (value === undefined || typeof value === 'string') return value
    throw unreadable(`${key} holds an entry whose ${name} is no text`)
  }
  const [description, iconClass, condition] = [text('description'), text('icon.class'), text('if')]
  return {
    url: text('url') ?? '',
    title: text('title') ?? '',
    ...(description === undefined ? {} : { description }),
    ...(iconClass === undefined ? {} : { iconClass }),
    ...(condition === undefined ? {} : { condition }),
  }
}

function unreadable(problem: string): CapstanError {
  return new CapstanError(
    'bad-input',
    `failed to read application deep links from configmap: error unmarshalling deep links ${problem}`,
  )
}
