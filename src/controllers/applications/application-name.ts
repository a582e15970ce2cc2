// How applications are named: by namespace and name, and in the marks on their objects.
import type { Application, ApplicationSource } from '../../crds/application.ts'
import type { Request } from '../../reconcile/request.ts'

/** In tracking marks: the name, with `<namespace>_` in front outside the control plane's namespace. */
export function markedName(request: Request, controlNamespace: string): string {
  return request.namespace === controlNamespace ? request.name : `${request.namespace}_${request.name}`
}

/** The inverse of `markedName`; names of Kubernetes objects hold no underscore. */
export function requestOfMark(mark: string, controlNamespace: string): Request {
  const at = mark.indexOf('_')
  if (at < 0) return { namespace: controlNamespace, name: mark }
  return { namespace: mark.slice(0, at), name: mark.slice(at + 1) }
}

/** The sources of an application; `sources` wins over `source`. */
export function sourcesOf(spec: Application['spec']): readonly ApplicationSource[] {
  if (spec.sources !== undefined && spec.sources.length > 0) return spec.sources
  if (spec.sourceHydrator !== undefined) return [hydratedSource(spec.sourceHydrator)]
  return spec.source === undefined ? [] : [spec.source]
}

export function isMultiSource(spec: Application['spec']): boolean {
  return spec.sources !== undefined && spec.sources.length > 0
}

/** Hydrated manifests are synced from the branch they were written to. */
function hydratedSource(hydrator: NonNullable<Application['spec']['sourceHydrator']>): ApplicationSource {
  const { drySource, syncSource } = hydrator
  return {
    repoURL: syncSource.repoURL || drySource.repoURL,
    targetRevision: syncSource.targetBranch,
    path: syncSource.path,
  }
}

export function projectOf(spec: Application['spec']): string {
  return spec.project || 'default'
}
