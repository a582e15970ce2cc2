// When a wave may go on past an Application that it has applied: once that has delivered what it now asks for.
import { isDeepStrictEqual } from 'node:util'
import { messageOf } from '../../base/errors.ts'
import { type Application, type ApplicationStatus, parseApplication } from '../../crds/application.ts'
import { assessHealth } from '../../health/assess.ts'
import type { Health } from '../../health/health.ts'
import { kindOf, type KubeObject } from '../../kube/object.ts'
import { isMultiSource, sourcesOf } from './application-name.ts'
import { isAutomated } from './auto-sync.ts'
import type { EngineSettings } from './engine-settings.ts'

/**
 * The health of an object as waves wait for it. Applications have none upstream unless
 * `resource.customizations.health.argoproj.io_Application` gives them one; here their own status counts where nothing is set, for
 * waves alone: nobody else's health changes by it.
 */
export function waveHealth(object: KubeObject, override: EngineSettings['healthOverride']): Health | undefined {
  const { group, kind } = kindOf(object)
  const isChild = group === 'argoproj.io' && kind === 'Application'
  if (!isChild || object.metadata.deletionTimestamp !== undefined || override(object) !== undefined) {
    return assessHealth(object, override)
  }
  try {
    return childHealth(parseApplication(object))
  } catch (error) {
    return { status: 'Degraded', message: messageOf(error) }
  }
}

/** Undefined for a child that does nothing by itself: a wave that waited for a person would wait for ever. */
function childHealth(application: Application): Health | undefined {
  if (!isAutomated(application) && application.operation === undefined) return undefined
  if (isBeingSynced(application)) return waiting('is being synced')
  if (!isCompared(application)) return waiting('has not been compared yet')
  return failureOf(application) ?? ownHealth(application.status ?? {})
}

function isBeingSynced({ operation, status }: Application): boolean {
  const phase = status?.operationState?.phase
  return operation !== undefined || phase === 'Running' || phase === 'Terminating'
}

/** What will not mend itself. */
function failureOf(application: Application): Health | undefined {
  const { conditions = [], sync, operationState } = application.status ?? {}
  const invalid = conditions.find(({ type }) => type === 'InvalidSpecError')
  if (invalid !== undefined) return { status: 'Degraded', message: invalid.message }
  if (sync?.status === 'Synced' || !isOfRevision(application)) return undefined
  const hasFailed = operationState?.phase === 'Failed' || operationState?.phase === 'Error'
  return hasFailed ? { status: 'Degraded', message: operationState.message ?? '' } : undefined
}

function ownHealth({ sync, health }: ApplicationStatus): Health {
  if (sync?.status !== 'Synced') return waiting(`is ${sync?.status ?? 'Unknown'}`)
  const status = health?.status ?? 'Unknown'
  return status === 'Unknown' || status === 'Missing' ? waiting(`is ${status}`) : { status, message: '' }
}

function waiting(what: string): Health {
  return { status: 'Progressing', message: `the application ${what}` }
}

/** What its status says must be of what its spec asks for now, or yesterday's health would let the wave pass. */
function isCompared({ spec, status }: Application): boolean {
  const compared = status?.sync?.comparedTo
  if (compared === undefined || !isDeepStrictEqual(compared.destination, spec.destination)) return false
  const own = sourcesOf(spec)
  return isMultiSource(spec) ? isDeepStrictEqual(compared.sources, own) : isDeepStrictEqual(compared.source, own[0])
}

/** The sync that failed was of the revision that is wanted, and not of one before. */
function isOfRevision({ status = {} }: Application): boolean {
  const { revision = '', revisions = [] } = status.operationState?.syncResult ?? {}
  const wanted = status.sync ?? { status: 'Unknown' }
  return revision === (wanted.revision ?? '') && isDeepStrictEqual(revisions, wanted.revisions ?? [])
}
