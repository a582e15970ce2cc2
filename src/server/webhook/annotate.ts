// Asks controllers, wherever they run, by annotations: to refresh an application, or to run an ApplicationSet again.
import { CapstanError } from '../../base/errors.ts'
import { API_GROUP } from '../../crds/application.ts'
import { type KubeClient, KubeError } from '../../kube/client/client.ts'
import type { ApplicationRef } from '../context.ts'
import type { ApplicationRefresh } from './refresh-plan.ts'

const PREFIX = 'argocd.argoproj.io'
/** Upstream's RefreshApp tries a patch again as often. */
const ATTEMPTS = 5

export interface AnnotateOptions {
  readonly client: KubeClient
  readonly signal: AbortSignal
}

/** What the application controller takes for a normal refresh, and the hydrator for its part (argo-cd v3.5.1 `util/argo/argo.go` RefreshApp). */
export async function annotateRefresh(application: ApplicationRefresh, options: AnnotateOptions): Promise<void> {
  const hydrate = application.isHydrated ? { [`${PREFIX}/hydrate`]: 'normal' } : {}
  await annotate('Application', application, { [`${PREFIX}/refresh`]: 'normal', ...hydrate }, options)
}

/** What the ApplicationSet controller takes for a run (upstream's common.AnnotationApplicationSetRefresh). */
export async function annotateApplicationSet(applicationSet: ApplicationRef, options: AnnotateOptions): Promise<void> {
  await annotate('ApplicationSet', applicationSet, { [`${PREFIX}/application-set-refresh`]: 'true' }, options)
}

async function annotate(
  kind: string,
  { namespace, name }: ApplicationRef,
  annotations: Readonly<Record<string, string>>,
  { client, signal }: AnnotateOptions,
): Promise<void> {
  const type = await client.resourceOf({ group: API_GROUP, kind }, signal)
  if (type === undefined) throw new CapstanError('unavailable', `the cluster serves no ${kind}s`)
  for (let attempt = 1; ; attempt++) {
    try {
      await client.patch({ type, namespace, name }, 'merge', { metadata: { annotations } }, { signal })
      return
    } catch (error) {
      const isGone = error instanceof KubeError && error.status === 404
      if (isGone) return
      if (!(error instanceof KubeError) || error.status !== 409 || attempt === ATTEMPTS) throw error
    }
  }
}
