// Hooks: objects that run at a phase of a sync instead of being kept in step; their types and when they are deleted.
import type { HookType, SyncPhase } from '../crds/application.ts'
import type { KubeObject } from '../kube/object.ts'
import { ANNOTATION, annotationList, annotationOf } from './annotations.ts'

export type HookDeletePolicy = 'HookSucceeded' | 'HookFailed' | 'BeforeHookCreation'

/** In the order they run; SyncFail runs only after a failure. */
export const SYNC_PHASES: readonly SyncPhase[] = ['PreSync', 'Sync', 'PostSync', 'SyncFail']

const HOOK_TYPES: ReadonlyMap<string, HookType> = new Map(
  ([...SYNC_PHASES, 'PreDelete', 'PostDelete', 'Skip'] as const).map((type): [string, HookType] => [type, type]),
)
const HELM_TYPES: ReadonlyMap<string, HookType> = new Map([
  ['pre-install', 'PreSync'],
  ['pre-upgrade', 'PreSync'],
  ['post-install', 'PostSync'],
  ['post-upgrade', 'PostSync'],
  ['pre-delete', 'PreDelete'],
  ['post-delete', 'PostDelete'],
])
const DELETE_POLICIES: ReadonlyMap<string, HookDeletePolicy> = new Map([
  ['HookSucceeded', 'HookSucceeded'],
  ['HookFailed', 'HookFailed'],
  ['BeforeHookCreation', 'BeforeHookCreation'],
])
const HELM_DELETE_POLICIES: ReadonlyMap<string, HookDeletePolicy> = new Map([
  ['hook-succeeded', 'HookSucceeded'],
  ['hook-failed', 'HookFailed'],
  ['before-hook-creation', 'BeforeHookCreation'],
])

/** The valid hook types of an object; Helm's annotation counts only where ours names none. */
export function hookTypesOf(object: KubeObject): readonly HookType[] {
  const own = pick(annotationList(object, ANNOTATION.hook), HOOK_TYPES)
  return own.length > 0 ? own : pick(annotationList(object, ANNOTATION.helmHook), HELM_TYPES)
}

/** True for `Skip` alone: an ordinary object that is never applied. */
export function isSkipped(object: KubeObject): boolean {
  const types = annotationList(object, ANNOTATION.hook)
  return types.length === 1 && types[0] === 'Skip'
}

/** True for an object with a hook annotation, also one whose type means nothing: it is neither applied nor compared. */
export function isHook(object: KubeObject): boolean {
  if (annotationOf(object, ANNOTATION.hook) !== undefined) return !isSkipped(object)
  const helm = annotationOf(object, ANNOTATION.helmHook)
  // Helm 2 marked CRDs with this annotation; they are ordinary objects.
  return helm !== undefined && helm !== 'crd-install'
}

/** The phases of a sync in which an object is applied: `Sync` for an ordinary one, none for a skipped one. */
export function phasesOf(object: KubeObject): readonly SyncPhase[] {
  if (isSkipped(object)) return []
  if (!isHook(object)) return ['Sync']
  const types = hookTypesOf(object)
  return SYNC_PHASES.filter((phase) => types.includes(phase))
}

/** True for a hook that runs when the application is deleted. */
export function isDeletionHook(object: KubeObject, type: 'PreDelete' | 'PostDelete'): boolean {
  return isHook(object) && hookTypesOf(object).includes(type)
}

/** When a hook is deleted; without a valid policy before it is created anew. */
export function deletePoliciesOf(object: KubeObject): readonly HookDeletePolicy[] {
  const own = pick(annotationList(object, ANNOTATION.hookDeletePolicy), DELETE_POLICIES)
  const helm = pick(annotationList(object, ANNOTATION.helmHookDeletePolicy), HELM_DELETE_POLICIES)
  const policies = [...new Set([...own, ...helm])]
  return policies.length > 0 ? policies : ['BeforeHookCreation']
}

/** Says in a hook which run made it: an object with several types runs once in each of its phases. */
export function hookMark({ operationId }: { readonly operationId: string }, phase: SyncPhase): string {
  return `${operationId}.${phase}`
}

/** The name of a hook that has only generateName: the revision's first seven characters, the phase and the start of the operation. */
export function generatedHookName(
  generateName: string,
  revision: string,
  phase: SyncPhase,
  startedAtMs: number,
): string {
  const short = revision.length >= 8 ? revision.slice(0, 7) : revision
  return generateName + `${short}-${phase}-${Math.floor(startedAtMs / 1000)}`.toLowerCase()
}

function pick<T>(texts: readonly string[], table: ReadonlyMap<string, T>): readonly T[] {
  const found = new Set<T>()
  for (const text of texts) {
    const value = table.get(text)
    if (value !== undefined) found.add(value)
  }
  return [...found]
}
