// Decides whether an application is to be hydrated now, without rendering it (argo-cd v3.5.1 hydrator `appNeedsHydration`).
import type { Application, ApplicationStatus, SourceHydrator } from '../../crds/application.ts'
import { type HydratedApplication, isSameHydrator } from './hydrator-spec.ts'

export const HYDRATE_ANNOTATION = 'argocd.argoproj.io/hydrate'
/** What failed is tried again after so long, if nothing new comes before. */
export const FAILED_PAUSE_MS = 120_000

export type HydratorStatus = NonNullable<ApplicationStatus['sourceHydrator']>

export function hydratorStatusOf(application: Application): HydratorStatus {
  return application.status?.sourceHydrator ?? {}
}

export type Need =
  | { readonly kind: 'yes'; readonly reason: string }
  | { readonly kind: 'no'; readonly reason: string }
  /** Only the dry source can tell. */
  | { readonly kind: 'ask' }

/** What the application itself says. */
export function needOf(application: HydratedApplication, nowMs: number): Need {
  const requested = application.metadata.annotations?.[HYDRATE_ANNOTATION]
  const { currentOperation, lastComparedDryRevision = '' } = hydratorStatusOf(application)
  if (currentOperation === undefined) return yes('no previous hydrate operation')
  if (currentOperation.phase === 'Hydrating') return no('hydration operation already in progress')
  if (requested === 'hard') return yes('hard hydrate requested')
  if (isOther(currentOperation.sourceHydrator, application.spec.sourceHydrator)) {
    return yes('spec.sourceHydrator differs')
  }
  const hasBaseline = lastComparedDryRevision !== ''
  if (currentOperation.phase !== 'Failed') return hasBaseline ? { kind: 'ask' } : yes(NO_BASELINE)
  return requested === undefined
    ? needAfterFailure(Date.parse(currentOperation.finishedAt ?? ''), { nowMs, hasBaseline })
    : yes('retrying previous failed hydration')
}

function needAfterFailure(
  finishedMs: number,
  { nowMs, hasBaseline }: { readonly nowMs: number; readonly hasBaseline: boolean },
): Need {
  // A time that cannot be read is waited out like one just now.
  if (nowMs - finishedMs > FAILED_PAUSE_MS) return yes('previous hydrate operation failed more than 2 minutes ago')
  // Without a baseline the source would always be news, and be tried without end.
  return hasBaseline ? { kind: 'ask' } : no('previous hydrate operation failed')
}

const NO_BASELINE = 'new revision may have changes'

function isOther(done: SourceHydrator | undefined, wanted: SourceHydrator): boolean {
  return !isSameHydrator(done, wanted)
}

function yes(reason: string): Need {
  return { kind: 'yes', reason }
}

function no(reason: string): Need {
  return { kind: 'no', reason }
}
