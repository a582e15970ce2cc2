// A repository's refs as `git ls-remote` lists them, and how a target revision becomes a commit.
import { CapstanError } from '../../base/errors.ts'
import { isConstraint, newestMatch } from './tag-ranges.ts'

export interface Refs {
  /** The branch HEAD points to, as a full name; undefined for a detached or empty one. */
  readonly head: string | undefined
  /** Full ref name → commit; annotated tags are already peeled. `HEAD` is listed too. */
  readonly commits: ReadonlyMap<string, string>
}

/** Reads what `git ls-remote --symref` prints. */
export function parseRefs(output: string): Refs {
  const commits = new Map<string, string>()
  let head: string | undefined
  for (const line of output.split('\n')) {
    const tab = line.indexOf('\t')
    if (tab < 0) continue
    const value = line.slice(0, tab)
    const name = line.slice(tab + 1)
    if (value.startsWith('ref: ')) {
      if (name === 'HEAD') head = value.slice('ref: '.length)
    } else if (name.endsWith('^{}')) {
      commits.set(name.slice(0, -'^{}'.length), value)
    } else {
      commits.set(name, value)
    }
  }
  return { head, commits }
}

export type Resolution =
  | { readonly kind: 'commit'; readonly commit: string; readonly ref: string | undefined }
  /** Only the repository itself can complete an abbreviated commit id. */
  | { readonly kind: 'abbreviated'; readonly prefix: string }

/**
 * Resolves a target revision as upstream does (argo-cd util/git/client.go `lsRemote`): empty means HEAD, a full commit id stands for
 * itself, a semver range takes the newest matching tag, then exact names of refs, branches and tags.
 */
export function resolveRevision(refs: Refs, targetRevision: string | undefined, tagPrefix = ''): Resolution {
  const wanted = targetRevision === undefined || targetRevision === '' ? 'HEAD' : targetRevision
  if (/^[0-9a-f]{40}$|^[0-9a-f]{64}$/.test(wanted)) return { kind: 'commit', commit: wanted, ref: undefined }
  if (isConstraint(wanted)) {
    const tag = newestMatch(tagsOf(refs), wanted, tagPrefix)
    if (tag === undefined) throw unresolved(wanted, 'no tag satisfies this range')
    return resolveName(refs, `refs/tags/${tag}`, wanted)
  }
  for (const name of [wanted, `refs/heads/${wanted}`, `refs/tags/${wanted}`]) {
    if (refs.commits.has(name)) return resolveName(refs, name, wanted)
  }
  if (/^[0-9a-f]{7,39}$/.test(wanted)) return { kind: 'abbreviated', prefix: wanted }
  throw unresolved(wanted, hintFor(refs, wanted))
}

/** Names of tags, without `refs/tags/`. */
export function tagsOf(refs: Refs): readonly string[] {
  return namesBelow(refs, 'refs/tags/')
}

/** Names of branches, without `refs/heads/`. */
export function branchesOf(refs: Refs): readonly string[] {
  return namesBelow(refs, 'refs/heads/')
}

function namesBelow(refs: Refs, prefix: string): readonly string[] {
  return [...refs.commits.keys()].filter((name) => name.startsWith(prefix)).map((name) => name.slice(prefix.length))
}

function resolveName(refs: Refs, name: string, wanted: string): Resolution {
  const commit = refs.commits.get(name)
  if (commit === undefined) throw unresolved(wanted, 'the ref is gone')
  return { kind: 'commit', commit, ref: name === 'HEAD' ? (refs.head ?? name) : name }
}

/** Text upstream's clients know, then what to do. */
export function unresolved(wanted: string, hint: string): CapstanError {
  return new CapstanError('bad-input', `unable to resolve '${wanted}' to a commit SHA: ${hint}`)
}

function hintFor(refs: Refs, wanted: string): string {
  if (refs.commits.size === 0) return 'the repository has no commits yet; push one'
  const branches = branchesOf(refs)
  const shown = branches.slice(0, 5).join(', ')
  return `no branch or tag of that name; check targetRevision (branches: ${shown}${branches.length > 5 ? ', …' : ''}${wanted === 'HEAD' ? '; HEAD points to none of them' : ''})`
}
