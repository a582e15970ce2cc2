// Looks after projects: keeps the tokens of their roles in step, and lets a deleted one go once no application needs it.
import type { Clock } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'
import type { AppProject } from '../../crds/app-project.ts'
import type { Application } from '../../crds/application.ts'
import type { KubeClient, ResourceRef } from '../../kube/client/client.ts'
import type { Informer } from '../../kube/client/informer.ts'
import { isApplicationNamespacePermitted } from '../../policy/project-rules.ts'
import { withTokensInStep } from '../../policy/project-tokens.ts'
import { type Controller, createController, type ReconcileContext } from '../../reconcile/controller.ts'
import type { Request } from '../../reconcile/request.ts'

/** Keeps a deleted project until the last of its applications is gone (argo-cd v3.5.1 `finalizeProjectDeletion`). */
export const PROJECT_FINALIZER = 'resources-finalizer.argocd.argoproj.io'

export interface ProjectControllerOptions {
  readonly client: KubeClient
  readonly projects: Informer<AppProject>
  readonly applications: Informer<Application>
  readonly clock: Clock
  readonly log: Log
  /** Namespace of the control plane, where the projects are. */
  readonly namespace: string
  /** True for other namespaces that may hold Applications; without it none may. */
  readonly allowsNamespace?: (namespace: string) => boolean
}

/** Runs from `start` to `stop`. */
export class ProjectController {
  readonly #options: ProjectControllerOptions
  readonly #controller: Controller
  readonly #ends: (() => void)[] = []

  constructor(options: ProjectControllerOptions) {
    const { clock, log } = options
    this.#options = options
    this.#controller = createController({
      name: 'projects',
      clock,
      log,
      reconcile: (request, context) => this.#reconcile(request, context),
    })
  }

  start(): void {
    const { projects, applications } = this.#options
    this.#ends.push(
      projects.onChange(({ object }) => this.#enqueue(object.metadata.name)),
      // One that leaves a project, by its deletion or by its spec, may have been the last there.
      applications.onChange(({ type, object, old }) => {
        if (old !== undefined && old.spec.project !== object.spec.project) this.#enqueue(projectOf(old))
        if (type === 'DELETED') this.#enqueue(projectOf(object))
      }),
    )
    this.#controller.start()
  }

  async stop(): Promise<void> {
    for (const end of this.#ends) end()
    await this.#controller.stop()
  }

  #enqueue(name: string | undefined): void {
    if (name !== undefined) this.#controller.enqueue({ namespace: this.#options.namespace, name })
  }

  async #reconcile({ name }: Request, { signal }: ReconcileContext): Promise<void> {
    const { client, projects, namespace } = this.#options
    const project = projects.get(namespace, name)
    if (project === undefined) return
    const ref = { type: projects.type, namespace, name }
    if (project.metadata.deletionTimestamp !== undefined) {
      await this.#finalize(project, ref, signal)
      return
    }
    const next = withTokensInStep(project)
    if (next === project) return
    const { resourceVersion = '' } = project.metadata
    const roles = next.spec.roles
    const patch = {
      metadata: { resourceVersion },
      ...(next.spec === project.spec || roles === undefined ? {} : { spec: { roles } }),
      ...(next.status === project.status ? {} : { status: { jwtTokensByRole: tokensPatch(project, next) } }),
    }
    await client.patch(ref, 'merge', patch, { signal })
  }

  async #finalize(project: AppProject, ref: ResourceRef, signal: AbortSignal): Promise<void> {
    const { finalizers = [], resourceVersion = '' } = project.metadata
    if (!finalizers.includes(PROJECT_FINALIZER) || this.#isUsed(project)) return
    const left = finalizers.filter((finalizer) => finalizer !== PROJECT_FINALIZER)
    await this.#options.client.patch(ref, 'merge', { metadata: { finalizers: left, resourceVersion } }, { signal })
  }

  /** Applications that may not use the project do not hold it up. */
  #isUsed(project: AppProject): boolean {
    const { applications, namespace: own, allowsNamespace = () => false } = this.#options
    return [...applications.list()].some((application) => {
      const { namespace = '' } = application.metadata
      if (projectOf(application) !== project.metadata.name) return false
      if (namespace !== own && !allowsNamespace(namespace)) return false
      return isApplicationNamespacePermitted(project, namespace, own)
    })
  }
}

function projectOf({ spec }: Application): string {
  return spec.project || 'default'
}

/** A merge patch takes nothing away by leaving it out: roles that are gone are named as null. */
function tokensPatch(before: AppProject, next: AppProject): Readonly<Record<string, TokensPatch>> {
  const gone = Object.keys(before.status?.jwtTokensByRole ?? {}).map((role) => [role, null] as const)
  const kept = Object.entries(next.status?.jwtTokensByRole ?? {}).map(
    ([role, { items = [] }]) => [role, { items: items.map((token) => ({ ...token })) }] as const,
  )
  return Object.fromEntries([...gone, ...kept])
}

type TokensPatch = {
  readonly items: readonly { readonly iat: number; readonly exp?: number; readonly id?: string }[]
} | null
