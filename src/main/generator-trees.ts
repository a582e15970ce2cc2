// Files of Git for generators, once their commit is signed as the project wants it.
import { CapstanError } from '../base/errors.ts'
import type { AppProject } from '../crds/app-project.ts'
import type { TreeQuery } from '../generators/contract.ts'
import { integrityText, signaturePolicy, signatureProblems } from '../policy/source-integrity.ts'
import type { FileTree } from '../source/file-tree.ts'
import type { SourceProvider } from '../source/provider.ts'

export interface GeneratorTreeSources {
  readonly sources: Pick<SourceProvider, 'open' | 'signaturesOf'>
  readonly projectOf: (name: string) => AppProject | undefined
  readonly isGpgEnabled: boolean
}

/**
 * The files of a revision. Throws `not-found` where the project is none, and `forbidden` with each problem where signatures are
 * not as it demands (argo-cd v3.5.1 `generators/git.go`).
 */
export async function openGeneratorTree(
  { sources, projectOf, isGpgEnabled }: GeneratorTreeSources,
  query: TreeQuery,
  signal: AbortSignal,
): Promise<FileTree> {
  const { repoURL, project: projectName, freshness } = query
  const location = { repoURL, targetRevision: query.revision }
  const project = query.isSignatureChecked ? projectOf(projectName) : undefined
  if (query.isSignatureChecked && project === undefined) {
    const quoted = JSON.stringify(projectName)
    throw new CapstanError(
      'not-found',
      `error getting project ${projectName}: appprojects.argoproj.io ${quoted} not found`,
    )
  }
  const { tree, revision } = await sources.open(location, { project: projectName, freshness, signal })
  const policy = project === undefined || !isGpgEnabled ? undefined : signaturePolicy(project, repoURL)
  if (policy === undefined) return tree
  if (sources.signaturesOf === undefined) {
    throw new CapstanError('forbidden', `signatures of ${repoURL} cannot be verified here`)
  }
  const wish = { project: projectName, revision, isDeep: policy.mode === 'strict', signal }
  const problems = signatureProblems(policy, await sources.signaturesOf(location, wish))
  if (problems.length === 0) return tree
  // Upstream's controller passes on what its repository server answers: conditions are told in these words.
  const told = problems.map((problem) => integrityText(problem, undefined)).join('\n')
  throw new CapstanError('forbidden', `rpc error: code = Unknown desc = ${told}`)
}
