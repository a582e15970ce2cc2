// The options of a sync, read from their `Name=value` texts, and what an object's own annotation makes of them.
import type { KubeObject } from '../kube/object.ts'
import { hasSyncOption } from './annotations.ts'

export type PropagationPolicy = 'Foreground' | 'Background' | 'Orphan'

/** Application-level options (facts section 7). */
export interface SyncOptions {
  readonly validate: boolean
  readonly createNamespace: boolean
  readonly pruneLast: boolean
  readonly applyOutOfSyncOnly: boolean
  readonly replace: boolean
  readonly serverSideApply: boolean
  readonly failOnSharedResource: boolean
  readonly respectIgnoreDifferences: boolean
  readonly skipDryRunOnMissingResource: boolean
  readonly clientSideApplyMigration: boolean
  readonly prunePropagationPolicy: PropagationPolicy
  readonly prune: 'yes' | 'no' | 'confirm'
  readonly delete: 'yes' | 'no' | 'confirm'
}

/** Reads options by exact match; later and unknown ones change nothing, as upstream has it. */
export function parseSyncOptions(texts: readonly string[]): SyncOptions {
  const has = (text: string): boolean => texts.includes(text)
  return {
    validate: !has('Validate=false'),
    createNamespace: has('CreateNamespace=true'),
    pruneLast: has('PruneLast=true'),
    applyOutOfSyncOnly: has('ApplyOutOfSyncOnly=true'),
    replace: has('Replace=true'),
    serverSideApply: has('ServerSideApply=true'),
    failOnSharedResource: has('FailOnSharedResource=true'),
    respectIgnoreDifferences: has('RespectIgnoreDifferences=true'),
    skipDryRunOnMissingResource: has('SkipDryRunOnMissingResource=true'),
    clientSideApplyMigration: !has('ClientSideApplyMigration=false'),
    prunePropagationPolicy: propagationOf(texts),
    prune: decisionOf('Prune', has),
    delete: decisionOf('Delete', has),
  }
}

export function wantsReplace(options: SyncOptions, target: KubeObject, live: KubeObject | undefined): boolean {
  return options.replace || hasSyncOption('Replace=true', target, live)
}

export function wantsForce(force: boolean, target: KubeObject, live: KubeObject | undefined): boolean {
  return force || hasSyncOption('Force=true', target, live)
}

/** `ServerSideApply=false` on the object wins over everything. */
export function wantsServerSideApply(options: SyncOptions, target: KubeObject): boolean {
  if (hasSyncOption('ServerSideApply=false', target)) return false
  return options.serverSideApply || hasSyncOption('ServerSideApply=true', target)
}

export function wantsValidation(options: SyncOptions, target: KubeObject): boolean {
  return options.validate && !hasSyncOption('Validate=false', target)
}

/** What may be done to a live object that nothing wants: an annotation beats the application's option. */
export function pruneDecision(options: SyncOptions, live: KubeObject): SyncOptions['prune'] {
  return objectDecision('Prune', options.prune, live)
}

/** The same for the objects of an application that is deleted. */
export function deleteDecision(options: SyncOptions, live: KubeObject): SyncOptions['delete'] {
  return objectDecision('Delete', options.delete, live)
}

function objectDecision(
  option: 'Prune' | 'Delete',
  general: SyncOptions['prune'],
  live: KubeObject,
): SyncOptions['prune'] {
  if (hasSyncOption(`${option}=false`, live)) return 'no'
  if (hasSyncOption(`${option}=confirm`, live)) return 'confirm'
  return hasSyncOption(`${option}=true`, live) ? 'yes' : general
}

function decisionOf(option: 'Prune' | 'Delete', has: (text: string) => boolean): SyncOptions['prune'] {
  if (has(`${option}=false`)) return 'no'
  return has(`${option}=confirm`) ? 'confirm' : 'yes'
}

function propagationOf(texts: readonly string[]): PropagationPolicy {
  for (const text of texts) {
    switch (text.toLowerCase()) {
      case 'prunepropagationpolicy=background':
        return 'Background'
      case 'prunepropagationpolicy=orphan':
        return 'Orphan'
      default:
    }
  }
  return 'Foreground'
}
