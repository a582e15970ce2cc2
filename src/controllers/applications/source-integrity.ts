// Holds the signatures of an application's Git sources against what its project demands of them.
import { messageOf } from '../../base/errors.ts'
import type { AppProject } from '../../crds/app-project.ts'
import type { ApplicationSource } from '../../crds/application.ts'
import { hasSignaturePolicy, integrityText, signaturePolicy, signatureProblems } from '../../policy/source-integrity.ts'
import type { Condition } from './conditions.ts'
import type { Pass } from './pass.ts'

/** A source and the commit its files are of. */
export interface VerifiedSource {
  readonly source: ApplicationSource
  readonly revision: string
}

/** A ComparisonError per source whose signatures are not as the project wants them; none where it wants nothing. */
export async function integrityConditions(
  pass: Pass,
  project: AppProject,
  sources: readonly VerifiedSource[],
): Promise<readonly Condition[]> {
  if (!pass.settings.gpgEnabled) return []
  const conditions: Condition[] = []
  for (const [index, verified] of sources.entries()) {
    if (!isGit(verified.source)) continue
    const label = sources.length > 1 ? labelOf(verified.source, index, sources.length) : undefined
    try {
      const problems = await problemsOf(pass, project, verified)
      if (problems.length === 0) continue
      const message = problems.map((problem) => integrityText(problem, label)).join('\n')
      conditions.push({ type: 'ComparisonError', message })
    } catch (error) {
      pass.signal.throwIfAborted()
      const message = messageOf(error)
      conditions.push({ type: 'ComparisonError', message: label === undefined ? message : `${label}: ${message}` })
    }
  }
  return conditions
}

/** Manifests that a person sends along come from no commit that could be signed (upstream's words). */
export function refuseLocalManifests(
  { settings }: Pass,
  project: AppProject,
  sources: readonly ApplicationSource[],
): readonly Condition[] {
  const urls = sources.filter(isGit).map(({ repoURL }) => repoURL)
  if (!settings.gpgEnabled || !hasSignaturePolicy(project, urls)) return []
  return [{ type: 'ComparisonError', message: 'Cannot use local manifests when source integrity is enforced' }]
}

function isGit({ chart, repoURL }: ApplicationSource): boolean {
  return !chart && !repoURL.startsWith('oci://')
}

function labelOf({ name }: ApplicationSource, index: number, count: number): string {
  return name ? `source ${name}` : `source ${index + 1} of ${count}`
}

async function problemsOf(
  { application, dependencies, signal }: Pass,
  project: AppProject,
  { source, revision }: VerifiedSource,
): Promise<readonly string[]> {
  const policy = signaturePolicy(project, source.repoURL)
  if (policy === undefined) return []
  const { signaturesOf } = dependencies.desired
  if (signaturesOf === undefined) return [`signatures of ${source.repoURL} cannot be verified here`]
  const isDeep = policy.mode === 'strict'
  const wish = { project: application.spec.project || 'default', revision, isDeep, signal }
  return signatureProblems(policy, await signaturesOf(source, wish))
}
