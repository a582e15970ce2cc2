// The dry source of an application whose manifests are written to Git before they are synced.
import type { ApplicationSource, SourceHydrator } from '../crds/application.ts'

/** What is rendered (argo-cd v3.5.1 `SourceHydrator.GetDrySource`). */
export function drySourceOf({ drySource }: SourceHydrator): ApplicationSource {
  const { repoURL, targetRevision, path, helm, kustomize, directory, plugin } = drySource
  return {
    repoURL,
    targetRevision,
    path,
    ...(helm === undefined ? {} : { helm }),
    ...(kustomize === undefined ? {} : { kustomize }),
    ...(directory === undefined ? {} : { directory }),
    ...(plugin === undefined ? {} : { plugin }),
  }
}

/** What is delivered (argo-cd v3.5.1 `SourceHydrator.GetSyncSource`). */
export function syncSourceOf({ drySource, syncSource }: SourceHydrator): ApplicationSource {
  const { targetBranch: targetRevision, path, repoURL } = syncSource
  return { repoURL: repoURL || drySource.repoURL, targetRevision, path }
}

/** Renderings of dry sources are kept beside those of what is delivered. */
export const DRY_RENDERINGS = 'dry'
