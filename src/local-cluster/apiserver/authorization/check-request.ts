// Refuses requests whose sender may not make them, and names what a request does as roles name it.
import type { ApiRequest } from '../../../kube/client/transport.ts'
import { isTrue } from '../options.ts'
import type { ResourceRoute, Target } from '../routing.ts'
import { ApiError, qualified } from '../status.ts'
import type { UserInfo } from '../user.ts'
import { MASTERS, type Authorizer } from './authorizer.ts'
import type { Action, ResourceAction } from './policy-rule.ts'

/** Throws 403 where the user may not. */
export function checkRequest(authorizer: Authorizer, request: ApiRequest, target: Target, user: UserInfo): void {
  if (user.groups.includes(MASTERS)) return
  const action = actionOf(request, target)
  checkAction(authorizer, user, action)
  if (isConnection(action)) checkAction(authorizer, user, { ...action, verb: 'create' })
}

/** Throws 403 where the user may not. */
export function checkAction(authorizer: Authorizer, user: UserInfo, action: Action): void {
  const { allowed, reason } = authorizer.decide(user, action)
  if (!allowed) throw forbiddenAction(user, action, reason)
}

/** What a request does (apiserver `RequestInfoFactory`, v0.36.3). */
export function actionOf(request: ApiRequest, { route, query }: Target): Action {
  if (route.kind === 'plain') return { kind: 'path', verb: request.method.toLowerCase(), path: route.path }
  const verb = verbOf(request, route, query)
  const { group, resource, name, subresource = '' } = route
  // A namespace belongs to itself.
  const ownNamespace = group === '' && resource === 'namespaces' ? name : undefined
  const namespace = route.namespace ?? ownNamespace ?? ''
  return { kind: 'resource', verb, group, resource, subresource, name: name ?? selectedName(verb, query), namespace }
}

/** Commands in pods by GET of a web socket need what a POST would need (`AuthorizePodWebsocketUpgradeCreatePermission`). */
function isConnection(action: Action): action is ResourceAction {
  if (action.kind === 'path' || action.verb !== 'get' || action.resource !== 'pods') return false
  return ['exec', 'attach', 'portforward'].includes(action.subresource)
}

const SELECTING: ReadonlySet<string> = new Set(['list', 'watch', 'deletecollection'])
const NAME_SELECTOR = /(?:^|,)metadata\.name==?(?<name>[^,=!]+)(?:,|$)/

/** Whoever may see one object may also list and watch it alone. */
function selectedName(verb: string, query: URLSearchParams): string {
  if (!SELECTING.has(verb)) return ''
  return NAME_SELECTOR.exec(query.get('fieldSelector') ?? '')?.groups?.['name'] ?? ''
}

/** The verb as RBAC names it; empty for methods that are none. */
function verbOf(request: ApiRequest, route: ResourceRoute, query: URLSearchParams): string {
  const isOne = route.name !== undefined
  // Senders outside the process may use any method.
  switch (request.method as string) {
    case 'GET':
    case 'HEAD':
      if (route.legacyWatch || (!isOne && isTrue(query.get('watch')))) return 'watch'
      return isOne ? 'get' : 'list'
    case 'POST':
      return 'create'
    case 'PUT':
      return 'update'
    case 'PATCH':
      return 'patch'
    case 'DELETE':
      return isOne ? 'delete' : 'deletecollection'
    default:
      return ''
  }
}

/** 403 as apiserver's `ForbiddenStatusError` words it. */
export function forbiddenAction(user: UserInfo, action: Action, reason: string): ApiError {
  const why = reason === '' ? '' : `: ${reason}`
  if (action.kind === 'path') {
    const text = `forbidden: User ${JSON.stringify(user.name)} cannot ${action.verb} path ${JSON.stringify(action.path)}${why}`
    return new ApiError(403, 'Forbidden', text, { details: {} })
  }
  const { verb, group, resource, subresource, name, namespace } = action
  const subject = name === '' ? qualified(action) : `${qualified(action)} ${JSON.stringify(name)}`
  const full = subresource === '' ? resource : `${resource}/${subresource}`
  const where = namespace === '' ? 'at the cluster scope' : `in the namespace ${JSON.stringify(namespace)}`
  const message = `${subject} is forbidden: User ${JSON.stringify(user.name)} cannot ${verb} resource ${JSON.stringify(full)} in API group ${JSON.stringify(group)} ${where}${why}`
  const details = {
    ...(name === '' ? {} : { name }),
    ...(group === '' ? {} : { group }),
    kind: resource,
  }
  return new ApiError(403, 'Forbidden', message, { details })
}
