// How hydrated manifests are committed: keys of argocd-cm.
import type { KubeObject } from '../kube/object.ts'
import { readConfigMap } from './map-reader.ts'

/** Empty texts stand for the defaults. */
export interface HydratorSettings {
  readonly commitMessageTemplate: string
  readonly readmeMessageTemplate: string
  readonly author: { readonly name: string; readonly email: string }
}

/** argo-cd v3.5.1 commitserver. */
const AUTHOR = { name: 'Argo CD', email: 'argo-cd@example.com' }

/** `sourceHydrator.commitMessageTemplate`, `sourceHydrator.readmeMessageTemplate`, `commit.author.name`, `commit.author.email`. */
export function parseHydratorSettings(configMap: KubeObject | undefined): HydratorSettings {
  const text = (key: string): string => (configMap === undefined ? '' : (readConfigMap(configMap).text(key) ?? ''))
  return {
    commitMessageTemplate: text('sourceHydrator.commitMessageTemplate'),
    readmeMessageTemplate: text('sourceHydrator.readmeMessageTemplate'),
    author: { name: text('commit.author.name') || AUTHOR.name, email: text('commit.author.email') || AUTHOR.email },
  }
}
