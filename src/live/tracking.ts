// How an object says which application it belongs to: the tracking annotation, or a label.
import { kindOf, type KubeObject } from '../kube/object.ts'

export type TrackingMethod = 'annotation' | 'label' | 'annotation+label'

export const TRACKING_ANNOTATION = 'argocd.argoproj.io/tracking-id'
export const INSTALLATION_ANNOTATION = 'argocd.argoproj.io/installation-id'
/** The longest value a label may have. */
const MAX_LABEL = 63

export interface TrackingSettings {
  readonly method: TrackingMethod
  /** `app.kubernetes.io/instance` unless set otherwise. */
  readonly labelKey: string
  /** Empty unless several installations share a cluster. */
  readonly installationId: string
}

export const DEFAULT_TRACKING: TrackingSettings = {
  method: 'annotation',
  labelKey: 'app.kubernetes.io/instance',
  installationId: '',
}

export interface TrackingId {
  readonly app: string
  readonly group: string
  readonly kind: string
  readonly namespace: string
  readonly name: string
}

/** `<app>:<group>/<kind>:<namespace>/<name>`, split at the first two colons; undefined for anything else. */
export function parseTrackingId(text: string): TrackingId | undefined {
  const first = text.indexOf(':')
  const second = text.indexOf(':', first + 1)
  if (first < 0 || second < 0) return undefined
  const [group, kind, ...moreKind] = text.slice(first + 1, second).split('/')
  const [namespace, name, ...moreName] = text.slice(second + 1).split('/')
  if (group === undefined || kind === undefined || namespace === undefined || name === undefined) return undefined
  if (moreKind.length > 0 || moreName.length > 0) return undefined
  return { app: text.slice(0, first), group, kind, namespace, name }
}

export function formatTrackingId(id: TrackingId): string {
  return `${id.app}:${id.group}/${id.kind}:${id.namespace}/${id.name}`
}

/** The application an object names, `<name>` or `<namespace>_<name>`; undefined where it names none, or another installation's. */
export function applicationOf(object: KubeObject, settings: TrackingSettings): string | undefined {
  const { annotations, labels } = object.metadata
  const installation = annotations?.[INSTALLATION_ANNOTATION] ?? ''
  if (settings.installationId !== '' && installation !== settings.installationId) return undefined
  if (settings.method === 'label') return labels?.[settings.labelKey] || undefined
  const text = annotations?.[TRACKING_ANNOTATION]
  return text === undefined ? undefined : parseTrackingId(text)?.app || undefined
}

export interface TrackingMark {
  /** As `applicationOf` gives it back. */
  readonly app: string
  /** The application's destination namespace, written also for objects of cluster scope. */
  readonly namespace: string
}

/** The wanted object with its tracking marks. CRDs are not tracked: several applications may bring the same. */
export function withTracking(object: KubeObject, mark: TrackingMark, settings: TrackingSettings): KubeObject {
  const { group, kind } = kindOf(object)
  if (kind === 'CustomResourceDefinition' && group === 'apiextensions.k8s.io') return object
  let { annotations, labels } = object.metadata
  if (settings.method !== 'label') {
    const namespace = object.metadata.namespace || mark.namespace
    const id = formatTrackingId({ app: mark.app, group, kind, namespace, name: object.metadata.name ?? '' })
    annotations = { ...annotations, [TRACKING_ANNOTATION]: id }
  }
  if (settings.installationId !== '') {
    annotations = { ...annotations, [INSTALLATION_ANNOTATION]: settings.installationId }
  }
  if (settings.method === 'label') labels = { ...labels, [settings.labelKey]: mark.app }
  if (settings.method === 'annotation+label') labels = { ...labels, [settings.labelKey]: labelValue(mark.app) }
  return {
    ...object,
    metadata: {
      ...object.metadata,
      ...(annotations === undefined ? {} : { annotations }),
      ...(labels === undefined ? {} : { labels }),
    },
  }
}

/**
 * False for a live object whose tracking id was copied from another object: it is neither compared nor pruned.
 * With a target its group and kind count, so that a move to another API group does not orphan the object.
 */
export function isSelfReferenced(
  live: KubeObject,
  target: KubeObject | undefined,
  mark: TrackingMark,
  settings: TrackingSettings,
): boolean {
  if (settings.method === 'label') return true
  const text = live.metadata.annotations?.[TRACKING_ANNOTATION]
  const id = text === undefined ? undefined : parseTrackingId(text)
  if (id === undefined || id.app !== mark.app) return true
  const { group, kind } = kindOf(target ?? live)
  if (id.kind !== kind || (id.group !== group && id.group !== kindOf(live).group)) return false
  // An object of cluster scope carries the namespace its application had when it was marked; kind and name suffice.
  const namespace = live.metadata.namespace || id.namespace
  // A hook without a name of its own carries an id without one.
  return ['', live.metadata.name].includes(id.name) && ['', namespace].includes(id.namespace)
}

/** Cut to what a label may hold, ending in a letter or digit. */
function labelValue(name: string): string {
  return name.slice(0, MAX_LABEL).replace(/[^A-Za-z0-9]+$/, '')
}
