// The dry source of an application: what it resolves to, whether that is news, and its manifests.
import { CapstanError, messageOf } from '../../base/errors.ts'
import { DRY_RENDERINGS, drySourceOf } from '../../desired/hydrated-source.ts'
import type { AppProject } from '../../crds/app-project.ts'
import type { DesiredRequest } from '../../desired/contract.ts'
import { signaturePolicy, signatureProblems } from '../../policy/source-integrity.ts'
import type { HydratorDependencies } from './dependencies.ts'
import type { HydratedPath } from './hydrated-files.ts'
import { type HydratedApplication, projectOf, qualifiedName, targetOf } from './hydrator-spec.ts'
import { renderCommands } from './render-commands.ts'

/** Refs listed a moment ago will do: many applications share a dry source. */
const REFS_AGE_MS = 10_000

/** What there is to render, at its newest or at a revision. */
export async function dryRequest(
  application: HydratedApplication,
  { clusterOf, namespace: controlNamespace }: HydratorDependencies,
  wish: { readonly revision?: string; readonly freshness: DesiredRequest['freshness']; readonly signal: AbortSignal },
): Promise<DesiredRequest> {
  const { spec, metadata } = application
  const { namespace = '', name = '' } = metadata
  const instance = namespace === controlNamespace ? {} : { instanceName: `${namespace}_${name}` }
  const { revision, freshness, signal } = wish
  return {
    application: {
      name,
      ...instance,
      namespace,
      project: projectOf(application),
      destinationNamespace: spec.destination.namespace ?? '',
    },
    sources: [drySourceOf(spec.sourceHydrator)],
    keptAs: DRY_RENDERINGS,
    ...(revision === undefined ? {} : { revisions: [revision] }),
    freshness,
    ...(freshness === 'cached' ? { maxAgeMs: REFS_AGE_MS } : {}),
    cluster: await clusterOf(spec.destination),
    signal,
  }
}

export interface DryManifests {
  readonly revision: string
  readonly path: HydratedPath
  /** Tells renderings apart. */
  readonly rendering: string
}

/** Throws `CapstanError` in upstream's words for what cannot be rendered, is not signed as wanted, or holds secrets. */
export async function renderDry(
  application: HydratedApplication,
  project: AppProject,
  dependencies: HydratorDependencies,
  wish: Parameters<typeof dryRequest>[2],
): Promise<DryManifests> {
  const name = JSON.stringify(qualifiedName(application))
  try {
    const request = await dryRequest(application, dependencies, wish)
    const { manifests, sources, held, rendering } = await dependencies.desired.generate(request)
    const revision = sources[0]?.revision ?? ''
    await verify({ application, project, revision }, dependencies, wish.signal)
    if (held !== undefined && held.size > 0) {
      const text = 'its files are encrypted: what is decrypted must not be written to Git; sync them without a hydrator'
      throw new CapstanError('forbidden', text)
    }
    const source = sources[0]
    const commands = source === undefined ? [] : renderCommands(source, request)
    const { path } = targetOf(application.spec.sourceHydrator)
    return { revision, path: { path, manifests, commands }, rendering }
  } catch (error) {
    wish.signal.throwIfAborted()
    const code = error instanceof CapstanError ? error.code : 'internal'
    const text = `failed to get manifests: failed to get repo objects for app ${name}: ${messageOf(error)}`
    throw new CapstanError(code, text, { cause: error })
  }
}

/** Hydrating a commit that may not be synced would be a way round the policy. */
async function verify(
  { application, project, revision }: { application: HydratedApplication; project: AppProject; revision: string },
  { desired, gpgEnabled }: HydratorDependencies,
  signal: AbortSignal,
): Promise<void> {
  const source = drySourceOf(application.spec.sourceHydrator)
  const policy = gpgEnabled ? signaturePolicy(project, source.repoURL) : undefined
  if (policy === undefined) return
  const place = `app ${JSON.stringify(qualifiedName(application))} dry revision ${JSON.stringify(revision)}`
  const { signaturesOf } = desired
  if (signaturesOf === undefined) {
    throw new CapstanError('forbidden', `source integrity verification required but not performed for ${place}`)
  }
  const wish = { project: projectOf(application), revision, isDeep: policy.mode === 'strict', signal }
  const problems = signatureProblems(policy, await signaturesOf(source, wish))
  if (problems.length === 0) return
  throw new CapstanError('forbidden', `source integrity verification failed for ${place}: ${problems.join('\n')}`)
}
