// Target revisions that are semver ranges: the newest tag that satisfies one.
import { parseConstraint, satisfies } from '../../lang/semver/constraint.ts'
import { compareVersions, tryParseVersion, type Version } from '../../lang/semver/version.ts'

/** Says whether a target revision is a range: no exact version, but a constraint (argo-cd util/versions/tags.go `IsConstraint`). */
export function isConstraint(text: string): boolean {
  return MAY_BE_VERSION.test(text) && tryParseVersion(text) === undefined && isReadable(text)
}

/** Every version in a constraint has one of these (Masterminds/semver v3 `cvRegex`): most names of branches have none. */
const MAY_BE_VERSION = /[\d|xX*]/

/** The tag with the highest version that satisfies a range; with `prefix`, only tags that begin so count, read without it. */
export function newestMatch(tags: readonly string[], range: string, prefix = ''): string | undefined {
  const constraint = parseConstraint(range)
  let best: { readonly tag: string; readonly version: Version } | undefined
  for (const tag of tags) {
    if (!tag.startsWith(prefix)) continue
    const version = tryParseVersion(tag.slice(prefix.length))
    if (version === undefined || !satisfies(constraint, version)) continue
    if (best === undefined || compareVersions(version, best.version) > 0) best = { tag, version }
  }
  return best?.tag
}

function isReadable(text: string): boolean {
  try {
    parseConstraint(text)
    return true
  } catch {
    // Most target revisions are names, which no constraint looks like.
    return false
  }
}
