// Whether a ref that moved is the one a source follows.
import { parseConstraint, satisfies, type Constraint } from '../../lang/semver/constraint.ts'
import { tryParseVersion } from '../../lang/semver/version.ts'
import { shortRevision } from './payload.ts'

/** The refs that moved; `touchedHead`: the default branch among them. */
export interface MovedRefs {
  readonly revisions: readonly string[]
  readonly touchedHead: boolean
}

/**
 * An empty target and HEAD follow the default branch; a name follows that ref; a range of versions follows the tags in it,
 * those with `tagPrefix` where there is one (argo-cd v3.5.1 `util/webhook/webhook.go` sourceRevisionHasChanged).
 */
export function followsRef(targetRevision: string, moved: MovedRefs, tagPrefix = ''): boolean {
  const short = shortRevision(targetRevision)
  if (short === 'HEAD' || short === '') return moved.touchedHead
  const wanted = /^refs\/(?:heads|tags)\//.test(targetRevision) ? short : targetRevision
  return moved.revisions.some(revisionTest(wanted, tagPrefix))
}

/** The revision by name, or a version in the range. */
export function isRevision(revision: string, wanted: string): boolean {
  return revisionTest(wanted, '')(revision)
}

/** Reads the range once, and only for a revision that is a version. */
function revisionTest(wanted: string, tagPrefix: string): (revision: string) => boolean {
  let range: { readonly constraint: Constraint | undefined } | undefined
  return (revision) => {
    if (revision === wanted) return true
    const isName = range !== undefined && range.constraint === undefined
    if (isName || !revision.startsWith(tagPrefix)) return false
    const version = tryParseVersion(revision.slice(tagPrefix.length))
    if (version === undefined) return false
    range ??= { constraint: readConstraint(wanted) }
    return range.constraint !== undefined && satisfies(range.constraint, version)
  }
}

function readConstraint(text: string): Constraint | undefined {
  try {
    return parseConstraint(text)
  } catch {
    // Most target revisions are names, which no constraint looks like.
    return undefined
  }
}
