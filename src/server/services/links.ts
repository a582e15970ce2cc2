// The calls that list deep links: of an application, of one of its resources, of a project.
import { CapstanError } from '../../base/errors.ts'
import type { Application } from '../../crds/application.ts'
import type { KubeObject } from '../../kube/object.ts'
import { isDestinationPermitted } from '../../policy/project-rules.ts'
import { type DeepLinkKey, parseDeepLinks } from '../../settings/deep-links.ts'
import type { Call, Cluster } from '../context.ts'
import type { ShownLink } from '../links/evaluate-links.ts'
import { findApplication, projectOf } from './applications/find.ts'
import { getResource } from './applications/resources.ts'
import { textField, type RequestFields } from './fields.ts'
import { findProject } from './projects/find.ts'

interface Links {
  readonly items: readonly ShownLink[]
}

/** GET ~/applications/{name}/links: conditions and addresses speak of `application` (`app`), `cluster` and `managedByURL`. */
export async function listApplicationLinks(request: RequestFields, call: Call): Promise<Links> {
  const application = findApplication(call, { ...request, appNamespace: textField(request, 'namespace') }, 'get')
  return linksOf(call, 'application.links', {
    object: application,
    names: async () => {
      const { url } = call.context.settings()
      const managedByURL = managedBy(application) ?? (url === '' ? undefined : url)
      return { application, app: application, managedByURL, cluster: await clusterOf(application, call) }
    },
  })
}

/** GET ~/applications/{name}/resource/links: they speak of `resource` and `project`, too. */
export async function listResourceLinks(request: RequestFields, call: Call): Promise<Links> {
  const application = findApplication(call, request, 'get')
  const resource = await resourceOf(application, request, call)
  return linksOf(call, 'resource.links', {
    object: resource,
    names: async () => {
      const { context } = call
      const found = context.projects.get(context.namespace, projectOf(application))
      const cluster = await clusterOf(application, call)
      // A cluster that is not known hides the project, as upstream has it.
      const project = found === undefined || cluster === undefined ? undefined : withoutStatus(found)
      const managedByURL = managedBy(application)
      return { resource, application, app: application, managedByURL, cluster, project }
    },
  })
}

/** GET ~/projects/{name}/links: they speak of `project`. */
export async function listProjectLinks(request: RequestFields, call: Call): Promise<Links> {
  const project = withoutStatus(findProject(request, call, 'get'))
  return linksOf(call, 'project.links', { object: project, names: async () => ({ project }) })
}

interface Subject {
  readonly object: KubeObject
  /** Made only where there are links. */
  readonly names: () => Promise<Readonly<Record<string, unknown>>>
}

async function linksOf({ context }: Call, key: DeepLinkKey, { object, names }: Subject): Promise<Links> {
  const links = parseDeepLinks(context.store.find('ConfigMap', 'argocd-cm'), key)
  if (links.length === 0) return { items: [] }
  const { evaluateLinks } = await import('../links/evaluate-links.ts')
  const name = object.metadata.name ?? ''
  const { items, errors } = evaluateLinks(links, await names(), { name, nowMs: () => context.clock.now() })
  if (errors.length > 0) context.log.error('deep links cannot be shown', { key, errors: errors.join(', ') })
  return { items }
}

/** The live object, secrets masked; the application itself is none of its resources. */
async function resourceOf(application: Application, request: RequestFields, call: Call): Promise<KubeObject> {
  const isItself =
    textField(request, 'kind') === 'Application' &&
    textField(request, 'group') === 'argoproj.io' &&
    textField(request, 'resourceName') === application.metadata.name
  if (isItself) return application
  const { manifest } = await getResource(request, call)
  return JSON.parse(manifest) as KubeObject // as the cluster gave it
}

/** What may be told of the destination; undefined where it is not known. Throws where the project does not permit it. */
async function clusterOf(application: Application, call: Call): Promise<object | undefined> {
  const { destination } = application.spec
  const project = call.context.effectiveProject(projectOf(application))
  const clusters = await call.context.clusters()
  const cluster = clusters.find((one) => isDestination(one, destination))
  if (cluster === undefined) return undefined
  const { server = '', name = '', namespaces, shard, project: owner, labels, annotations } = cluster
  const place = { server, name, namespace: destination.namespace ?? '' }
  const scoped = clusters.filter((one) => one.project === project?.metadata.name)
  if (project === undefined || !isDestinationPermitted(project, place, scoped)) {
    throw new CapstanError('forbidden', 'error getting destination cluster')
  }
  return { server, name, namespaces, shard, project: owner, labels, annotations }
}

function isDestination(
  cluster: Cluster,
  { server = '', name = '' }: { readonly server?: string; readonly name?: string },
): boolean {
  return server === '' ? name !== '' && cluster.name === name : cluster.server === server
}

/** The annotation that names the Argo CD that looks after an application, where it is an address. */
function managedBy({ metadata: { annotations } }: Application): string | undefined {
  const url = URL.parse(annotations?.['argocd.argoproj.io/managed-by-url'] ?? '')
  return url?.protocol === 'http:' || url?.protocol === 'https:'
    ? annotations?.['argocd.argoproj.io/managed-by-url']
    : undefined
}

/** Tokens stand in a project's status. */
function withoutStatus<T extends KubeObject>(project: T): T {
  return { ...project, status: {} }
}
