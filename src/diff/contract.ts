// What a comparison takes and gives.
import type { GroupKind, GroupVersionKind, KubeObject } from '../kube/object.ts'
import type { TypeSchema } from '../kube/schema/schema.ts'
import type { KnownTypeRule } from './known-types.ts'

/** One rule that hides fields from the comparison; several rules that fit an object add up. */
export interface IgnoreRule extends GroupKind {
  /** `group` and `kind` are globs; `name` and `namespace` are exact, absent or empty fits all. */
  readonly name?: string
  readonly namespace?: string
  readonly jsonPointers?: readonly string[]
  readonly jqPathExpressions?: readonly string[]
  readonly managedFieldsManagers?: readonly string[]
}

/** Deletes what a jq path expression selects; main/ passes it in, for the language is no business of a comparison. */
export type DeleteByJq = (object: KubeObject, expression: string) => KubeObject

export interface DiffOptions {
  /**
   * How the predicted object is found. `three-way` (default) becomes `structured-merge` for an object that carries the sync
   * option `ServerSideApply=true`; `server-side` needs `dryRunResult`.
   */
  readonly mode?: 'three-way' | 'structured-merge' | 'server-side'
  /** The API server's defaulting of built-in kinds; without it what the server filled in counts as a difference of lists. */
  readonly applyDefaults?: (object: KubeObject) => KubeObject
  /** The schema of a kind; built-in kinds are known without it. */
  readonly schemaOf?: (gvk: GroupVersionKind) => TypeSchema | undefined
  /** A built-in object in another version of its kind, for fields that were applied in that one; without it all versions are alike. */
  readonly convert?: (object: KubeObject, apiVersion: string) => KubeObject
  readonly ignore?: readonly IgnoreRule[]
  /** Fields of custom resources that hold a type of Kubernetes' own. */
  readonly knownTypes?: readonly KnownTypeRule[]
  readonly deleteByJq?: DeleteByJq
  /** `resource.compareoptions`: rules of aggregated roles are filled in by the cluster. */
  readonly ignoreAggregatedRoles?: boolean
  /** What the API server answered to a dry-run server-side apply of the wanted object. */
  readonly dryRunResult?: KubeObject
  /** Compare option `IncludeMutationWebhook=true`: fields that others than `manager` set in the dry run count too. */
  readonly includeMutationWebhook?: boolean
  /** Field manager of server-side applies; default `argocd-controller`. */
  readonly manager?: string
}

export interface Difference {
  readonly isModified: boolean
  /** The live object as it was compared; absent where there is none. */
  readonly normalizedLive?: KubeObject
  /** What the live object would be after an apply; absent where nothing is wanted. */
  readonly predictedLive?: KubeObject
}

/** Upstream's field manager for server-side applies. */
export const DEFAULT_MANAGER = 'argocd-controller'
