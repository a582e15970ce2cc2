// What a project demands of the signatures of its Git sources, and what is wrong with those that were found.
import { matchesGlob } from '../base/glob.ts'
import { CapstanError } from '../base/errors.ts'
import type { AppProject, SourceIntegrity, SourceIntegrityGitPolicy } from '../crds/app-project.ts'
import { normalizeGitUrl } from '../settings/git-url.ts'

/** The name of the check, as upstream puts it before each problem. */
const CHECK = 'GIT/GPG'
/** More would flood conditions and pages; the newest come first. */
const MAX_PROBLEMS = 10

export interface SignaturePolicy {
  readonly mode: 'head' | 'strict'
  /** As they are written in the project. */
  readonly keys: readonly string[]
}

/** A revision and who signed it. */
export interface SignatureFacts {
  /** A commit id, or the name of an annotated tag. */
  readonly revision: string
  /** `signed`, or what is wrong, in upstream's words. */
  readonly result: string
  readonly keyID: string
  readonly author: string
}

/**
 * The policies in force: the old signatureKeys count as one of mode head for every repository, unless there are policies for Git
 * already (argo-cd v3.5.1 `EffectiveSourceIntegrity`).
 */
export function effectiveIntegrity({ spec }: AppProject): SourceIntegrity | undefined {
  const { signatureKeys = [], sourceIntegrity } = spec
  if (signatureKeys.length === 0 || sourceIntegrity?.git !== undefined) return sourceIntegrity
  const keys = signatureKeys.map(({ keyID }) => keyID)
  return { ...sourceIntegrity, git: { policies: [{ repos: [{ url: '*' }], gpg: { mode: 'head', keys } }] } }
}

/**
 * The policy for a repository; undefined where none fits, or the one that does says `none`. Throws `bad-input` where several
 * fit, or the mode is unknown: a mistake must not switch verification off.
 */
export function signaturePolicy(project: AppProject, repoURL: string): SignaturePolicy | undefined {
  const policies = effectiveIntegrity(project)?.git?.policies ?? []
  const fitting = policies.filter((policy) => fits(policy, repoURL))
  if (fitting.length > 1) {
    const count = `multiple (${fitting.length}) git source integrity policies`
    throw new CapstanError('bad-input', `${count} found for repo URL: ${repoURL}`)
  }
  const gpg = fitting[0]?.gpg
  if (gpg === undefined || gpg.mode === 'none') return undefined
  const { mode, keys = [] } = gpg
  if (mode === 'head' || mode === 'strict') return { mode, keys }
  const written = JSON.stringify(mode)
  throw new CapstanError('bad-input', `unknown GPG mode ${written} configured for GIT source integrity`)
}

/**
 * Some entry fits and none with `!` does. Upstream compares addresses as they are written; here entries also fit another way to
 * write the address, which sourceRepos let pass, too. Exceptions do not: nobody gets out by another way to write it.
 */
function fits({ repos }: SourceIntegrityGitPolicy, repoURL: string): boolean {
  const denied = repos.some(({ url }) => url.startsWith('!') && matchesGlob(url.slice(1), repoURL))
  return !denied && repos.some(({ url }) => !url.startsWith('!') && isFor(url, repoURL))
}

function isFor(entry: string, repoURL: string): boolean {
  if (matchesGlob(entry, repoURL)) return true
  const address = normalizeGitUrl(repoURL)
  return address !== '' && matchesGlob(normalizeGitUrl(entry), address)
}

/** True where some repository has a policy: then manifests that come from elsewhere are refused. */
export function hasSignaturePolicy(project: AppProject, repoURLs: readonly string[]): boolean {
  return repoURLs.some((repoURL) => {
    try {
      return signaturePolicy(project, repoURL) !== undefined
    } catch {
      return true // what is wrong with the policy is told where it is applied
    }
  })
}

/**
 * What is wrong with the signatures under a policy, at most ten: each key once, unsigned commits and tags each for itself
 * (argo-cd v3.5.1 `util/sourceintegrity/source_integrity.go` `describeProblems`).
 */
export function signatureProblems(policy: SignaturePolicy, signatures: readonly SignatureFacts[]): readonly string[] {
  const allowed = new Set(policy.keys.map(keyIdOf).filter((key) => key !== undefined))
  const reported = new Set<string>()
  const problems: string[] = []
  for (const signature of signatures) {
    const problem = problemOf(signature, allowed)
    if (problem === undefined) continue
    const { keyID, revision } = signature
    if (keyID !== '' && isCommit(revision)) {
      if (reported.has(keyID)) continue
      reported.add(keyID)
    }
    problems.push(problem)
    if (problems.length >= MAX_PROBLEMS) break
  }
  return problems
}

/** One problem as a condition tells it; with several sources each is named. */
export function integrityText(problem: string, source: string | undefined): string {
  return source === undefined ? `${CHECK}: ${problem}` : `${CHECK}: ${source}: ${problem}`
}

function problemOf(
  { revision, author, result, keyID }: SignatureFacts,
  allowed: ReadonlySet<string>,
): string | undefined {
  if (result === 'signed' && allowed.has(keyID.toUpperCase())) return undefined
  const what = result === 'signed' ? 'signed with unallowed key' : result
  return `Failed verifying revision ${revision} by '${author}': ${what} (key_id=${keyID})`
}

/** The id, in capitals, of a key that is written as a fingerprint or as the id itself; undefined for what is neither. */
export function keyIdOf(key: string): string | undefined {
  if (/^[0-9a-f]{40}$/i.test(key)) return key.slice(24).toUpperCase()
  return /^[0-9a-f]{16}$/i.test(key) ? key.toUpperCase() : undefined
}

function isCommit(revision: string): boolean {
  return /^[0-9a-f]{40}$|^[0-9a-f]{64}$/.test(revision)
}
