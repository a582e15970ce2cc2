// Decides whether an application is compared again, and how much is read anew for it.
import { isDeepStrictEqual } from 'node:util'
import type { Application } from '../../crds/application.ts'
import { isMultiSource, sourcesOf } from './application-name.ts'

/**
 * How much a comparison reads anew. `tree`: only what the objects own; `recent`: what is live, against the manifests of last
 * time; `latest`: also resolves the revision, a recent answer will do; `forced`: asks the repository; `hard`: drops cached manifests.
 */
export type CompareLevel = 'tree' | 'recent' | 'latest' | 'forced' | 'hard'

const ORDER: readonly CompareLevel[] = ['tree', 'recent', 'latest', 'forced', 'hard']

export const REFRESH_ANNOTATION = 'argocd.argoproj.io/refresh'

/** The level that does at least what both do. */
export function higherLevel(a: CompareLevel | undefined, b: CompareLevel | undefined): CompareLevel | undefined {
  if (a === undefined || b === undefined) return a ?? b
  return ORDER.indexOf(a) >= ORDER.indexOf(b) ? a : b
}

export interface RefreshInput {
  readonly application: Application
  /** What watchers and the engine itself have asked for. */
  readonly asked: CompareLevel | undefined
  /** False right after the start of the process. */
  readonly hasComparison: boolean
  /** The spec differs from the one that was compared last, in whatever field. */
  readonly hasNewWish: boolean
}

/** Undefined where nothing asks for a comparison (facts section 15, refresh reasons). */
export function decideRefresh(input: RefreshInput): CompareLevel | undefined {
  const { application, asked } = input
  const requested = application.metadata.annotations?.[REFRESH_ANNOTATION]
  if (requested !== undefined) return requested === 'hard' ? 'hard' : 'forced'
  const { status } = application
  if (status?.reconciledAt === undefined || specHasChanged(application)) return 'forced'
  return higherLevel(asked, input.hasComparison && !input.hasNewWish ? undefined : 'recent')
}

/** True where sources, destination or ignoreDifferences differ from what the status was compared to. */
function specHasChanged({ spec, status }: Application): boolean {
  const compared = status?.sync?.comparedTo
  if (compared === undefined) return true
  const sources = isMultiSource(spec)
    ? (compared.sources ?? [])
    : compared.source === undefined
      ? []
      : [compared.source]
  return !(
    isDeepStrictEqual([...sources], [...sourcesOf(spec)]) &&
    isDeepStrictEqual(compared.destination, spec.destination) &&
    isDeepStrictEqual(compared.ignoreDifferences ?? [], spec.ignoreDifferences ?? [])
  )
}
