// Who may open a terminal where: asked before it opens, and again as long as it is open (server/application/terminal.go, v3.5.1).
import type { IncomingMessage } from 'node:http'
import { CapstanError } from '../../base/errors.ts'
import type { Secret } from '../../base/secret.ts'
import { rfc3339Seconds } from '../../base/rfc3339.ts'
import type { Application } from '../../crds/application.ts'
import type { KubeClient, ResourceRef } from '../../kube/client/client.ts'
import type { KubeObject } from '../../kube/object.ts'
import type { Identity } from '../auth/identity.ts'
import type { ServerContext } from '../context.ts'
import { tokenOf } from '../rest/cookies.ts'
import { TerminalRefusal, type TerminalQuery } from './terminal-query.ts'

/** A container that may be entered now. */
export interface Place {
  readonly client: KubeClient
  readonly pod: ResourceRef
  readonly container: string
}

export interface Guest {
  readonly token: Secret
  readonly identity: Identity
}

/** The caller; a terminal is opened by a login or a token, never by nobody. */
export async function guestOf({ authenticator }: ServerContext, request: IncomingMessage): Promise<Guest> {
  const token = tokenOf(request)
  if (token === undefined) throw new TerminalRefusal(400, 'Auth cookie not found')
  try {
    return { token, identity: await authenticator.identify(token.reveal()) }
  } catch (error) {
    if (!(error instanceof CapstanError) || error.code !== 'unauthenticated') throw error
    throw new TerminalRefusal(401, 'Invalid token')
  }
}

/** Throws `TerminalRefusal` 401 with upstream's words for a right that is missing. */
export function requireRights(context: ServerContext, identity: Identity, query: TerminalQuery): void {
  const object = rbacObject(context, query)
  for (const [resource, action] of RIGHTS) {
    if (context.isAllowed(identity, resource, action, object)) continue
    const issued = rfc3339Seconds(identity.issuedAt * 1000)
    const who = `sub: ${identity.subject}, iat: ${issued}`
    throw new TerminalRefusal(401, `permission denied: ${resource}, ${action}, ${object}, ${who}`)
  }
}

const RIGHTS = [
  ['applications', 'get'],
  ['exec', 'create'],
] as const

function rbacObject({ namespace: own }: ServerContext, query: TerminalQuery): string {
  const { project, application, applicationNamespace } = query
  const isElsewhere = applicationNamespace !== '' && applicationNamespace !== own
  return isElsewhere ? `${project}/${applicationNamespace}/${application}` : `${project}/${application}`
}

/** The application, if it is one of the project that was named. */
function applicationOf(context: ServerContext, query: TerminalQuery): Application {
  const { application: name, applicationNamespace } = query
  const application = context.applications.get(applicationNamespace || context.namespace, name)
  if (application === undefined) throw new TerminalRefusal(404, 'App not found')
  if ((application.spec.project || 'default') !== query.project) {
    throw new TerminalRefusal(400, 'The wrong project was specified for the app')
  }
  return application
}

/** The container, if its pod belongs to the application and it runs. */
export async function placeOf(context: ServerContext, query: TerminalQuery, signal: AbortSignal): Promise<Place> {
  const application = applicationOf(context, query)
  const { name = '', namespace: home = '' } = application.metadata
  const { client } = await clusterOf(context, application)
  const tree = await context.views.resourceTree({ name, namespace: home })
  const { pod: podName, namespace, container } = query
  const isOurs = (tree.nodes ?? []).some(
    (node) =>
      node.kind === 'Pod' &&
      (node.group ?? '') === '' &&
      (node.uid ?? '') !== '' &&
      node.name === podName &&
      node.namespace === namespace,
  )
  if (!isOurs) throw new TerminalRefusal(400, "Pod doesn't belong to specified app")
  const type = await client.resourceOf({ group: '', kind: 'Pod', version: 'v1' }, signal)
  const pod = type === undefined ? undefined : await client.get({ type, namespace, name: podName }, signal)
  if (type === undefined || pod === undefined) throw new TerminalRefusal(400, 'Cannot find pod')
  // Upstream's words.
  if (!isRunning(pod, container)) throw new TerminalRefusal(400, 'container find running')
  return { client, pod: { type, namespace, name: podName }, container }
}

async function clusterOf(context: ServerContext, application: Application): Promise<{ readonly client: KubeClient }> {
  try {
    return await context.clusterOf(application.spec.destination)
  } catch (error) {
    if (!(error instanceof CapstanError)) throw error
    throw new TerminalRefusal(400, 'Cannot get raw cluster config')
  }
}

interface PodStatus {
  readonly containerStatuses?: readonly ContainerStatus[]
  readonly initContainerStatuses?: readonly ContainerStatus[]
}

interface ContainerStatus {
  readonly name: string
  readonly state?: { readonly running?: object }
}

function isRunning(pod: KubeObject, container: string): boolean {
  const { status = {} } = pod as KubeObject & { readonly status?: PodStatus } // an API server's pod
  const all = [...(status.containerStatuses ?? []), ...(status.initContainerStatuses ?? [])]
  return all.find(({ name }) => name === container)?.state?.running !== undefined
}

/** How things stand with somebody whose terminal is open. */
export type Standing = 'good' | 'logged-out' | 'denied'

/** Asks again: the session may have ended, a right been taken away, the terminal been switched off, the application moved. */
export async function standingOf(context: ServerContext, { token }: Guest, query: TerminalQuery): Promise<Standing> {
  let identity: Identity
  try {
    identity = await context.authenticator.identify(token.reveal())
  } catch {
    return 'logged-out' // whatever the reason: nothing is typed for somebody who cannot be told
  }
  try {
    if (!context.settings().execEnabled) return 'denied'
    requireRights(context, identity, query)
    applicationOf(context, query)
    return 'good'
  } catch (error) {
    if (error instanceof TerminalRefusal) return 'denied'
    throw error
  }
}
