// What spec.sourceHydrator says: where from, where to, and which applications are written together.
import { isDeepStrictEqual } from 'node:util'
import type { Application, SourceHydrator } from '../../crds/application.ts'
import { normalizeGitUrl } from '../../settings/git-url.ts'

/** An application with a hydrator. */
export type HydratedApplication = Application & {
  readonly spec: Application['spec'] & { readonly sourceHydrator: SourceHydrator }
}

export function isHydrated(application: Application): application is HydratedApplication {
  return application.spec.sourceHydrator !== undefined
}

export function projectOf({ spec }: Application): string {
  return spec.project || 'default'
}

/** `namespace/name`, as upstream names applications in messages. */
export function qualifiedName({ metadata }: Application): string {
  return `${metadata.namespace ?? ''}/${metadata.name ?? ''}`
}

export interface HydrateTarget {
  readonly repoURL: string
  /** Written to: the sync branch, or the one before it that somebody merges into it. */
  readonly branch: string
  readonly path: string
}

/** Where the manifests go (argo-cd v3.5.1 `GetHydrateToSource`). */
export function targetOf({ drySource, syncSource, hydrateTo }: SourceHydrator): HydrateTarget {
  return {
    repoURL: syncSource.repoURL || drySource.repoURL,
    branch: hydrateTo?.targetBranch ?? syncSource.targetBranch,
    path: syncSource.path,
  }
}

/** Applications of one key go into one commit. */
export function hydrationKeyOf({ spec: { sourceHydrator } }: HydratedApplication): string {
  const { repoURL, branch } = targetOf(sourceHydrator)
  const { drySource } = sourceHydrator
  return JSON.stringify([urlOf(drySource.repoURL), drySource.targetRevision, urlOf(repoURL), branch])
}

/** Paths on a disk are no URLs, and mean themselves. */
function urlOf(repoURL: string): string {
  return normalizeGitUrl(repoURL) || repoURL
}

/** The same wish, whatever order its fields were written in. */
export function isSameHydrator(a: SourceHydrator | undefined, b: SourceHydrator | undefined): boolean {
  return isDeepStrictEqual(plain(a), plain(b))
}

function plain(hydrator: SourceHydrator | undefined): unknown {
  return hydrator === undefined ? undefined : JSON.parse(JSON.stringify(hydrator))
}

/** `.`, `/` and the like: all of the repository. */
export function isRootPath(path: string): boolean {
  return path.split('/').every((step) => step === '' || step === '.')
}
