// Makes manifests ready to be compared: scope settled, duplicates and excluded kinds taken out, marked as the application's.
import { keyText, kindOf, type KubeObject } from '../../kube/object.ts'
import { type TrackingMark, type TrackingSettings, withTracking } from '../../live/tracking.ts'
import { definedKind, kindText } from '../../sync/custom-kinds.ts'
import type { ScopeOf } from '../../sync/pair-objects.ts'
import type { JsonPath } from '../../diff/hide-values.ts'
import type { Condition } from './conditions.ts'
import { type FilledSecrets, NO_SECRETS } from './filled-secrets.ts'

export interface PreparedTargets {
  /** In the order of the manifests. */
  readonly objects: readonly KubeObject[]
  readonly conditions: readonly Condition[]
  readonly secrets: FilledSecrets
}

export interface TargetInput {
  readonly manifests: readonly KubeObject[]
  /** Where secrets were filled in, by manifest. */
  readonly filled?: {
    readonly places: ReadonlyMap<KubeObject, readonly JsonPath[]>
    readonly redact: (text: string) => string
  }
  readonly mark: TrackingMark
  readonly tracking: TrackingSettings
  readonly scopeOf: ScopeOf
  readonly isExcluded: (object: KubeObject) => boolean
}

/** Of several manifests of one object the last counts, each with a warning; excluded kinds are reported and left out. */
export function prepareTargets(input: TargetInput): PreparedTargets {
  const conditions: Condition[] = []
  const scopeOf = withDefinedKinds(input)
  const byKey = new Map<string, { object: KubeObject; count: number }>()
  const places = new Map<string, readonly JsonPath[]>()
  for (const [index, manifest] of input.manifests.entries()) {
    const object = placed(manifest, input.mark.namespace, scopeOf)
    const key = keyOfTarget(object, index)
    const before = byKey.get(key)
    byKey.set(key, { object, count: (before?.count ?? 0) + 1 })
    const paths = input.filled?.places.get(manifest)
    if (paths !== undefined) places.set(key, paths)
  }
  const objects: KubeObject[] = []
  for (const [key, { object, count }] of byKey) {
    if (count > 1) {
      const message = `Resource ${key} appeared ${count} times among application resources.`
      conditions.push({ type: 'RepeatedResourceWarning', message })
    }
    if (isNameless(object)) conditions.push(nameless(object))
    else if (input.isExcluded(object)) conditions.push(excluded(object))
    else if (lacksNamespace(object, scopeOf)) conditions.push(homeless(object))
    else objects.push(withTracking(object, input.mark, input.tracking))
  }
  const { filled } = input
  const secrets = filled === undefined ? NO_SECRETS : { places, redact: filled.redact }
  return { objects, conditions, secrets }
}

function isNameless({ metadata }: KubeObject): boolean {
  return (metadata.name ?? '') === '' && (metadata.generateName ?? '') === ''
}

function nameless({ apiVersion, kind }: KubeObject): Condition {
  return {
    type: 'ComparisonError',
    message: `a manifest of kind ${kind} (${apiVersion}) has no metadata.name: name it`,
  }
}

function keyOfTarget(object: KubeObject, index: number): string {
  const { group, kind } = kindOf(object)
  const { name = '', namespace = '', generateName } = object.metadata
  // Objects that get their name from the server are all different.
  if (name === '' && generateName !== undefined)
    return `${keyText({ group, kind, namespace, name: generateName })}#${index}`
  return keyText({ group, kind, namespace, name })
}

function lacksNamespace(object: KubeObject, scopeOf: ScopeOf): boolean {
  return (object.metadata.namespace ?? '') === '' && scopeOf(kindOf(object)) === true
}

/** Kind as Go prints a GroupVersionKind. */
function homeless(object: KubeObject): Condition {
  const { group, version, kind } = kindOf(object)
  const what = `${object.metadata.name ?? ''} ${group}/${version}, Kind=${kind}`
  return { type: 'InvalidSpecError', message: `Namespace for ${what} is missing.` }
}

function excluded(object: KubeObject): Condition {
  const { group, kind } = kindOf(object)
  const message = `Resource ${group}/${kind} ${object.metadata.name ?? ''} is excluded in the settings`
  return { type: 'ExcludedResourceWarning', message }
}

function placed(object: KubeObject, namespace: string, scopeOf: ScopeOf): KubeObject {
  const scope = scopeOf(kindOf(object))
  const own = object.metadata.namespace ?? ''
  if (scope === true && own === '') return { ...object, metadata: { ...object.metadata, namespace } }
  if (scope !== false || own === '') return object
  const { namespace: _namespace, ...metadata } = object.metadata
  return { ...object, metadata }
}

/** A kind that a CRD among the manifests brings has the scope that CRD says. */
function withDefinedKinds({ manifests, scopeOf }: TargetInput): ScopeOf {
  const defined = new Map<string, boolean>()
  for (const manifest of manifests) {
    const kind = definedKind(manifest)
    if (kind !== undefined) defined.set(kindText(kind), kind.namespaced)
  }
  return (kind) => scopeOf(kind) ?? defined.get(kindText(kind))
}
