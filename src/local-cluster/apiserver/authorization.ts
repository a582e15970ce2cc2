// Who may do what, while there is no evaluation of roles: administrators everything, others the few public paths.
import type { ApiRequest } from '../../kube/client/transport.ts'
import { isTrue } from './options.ts'
import type { ResourceRoute, Target } from './routing.ts'
import { ApiError, qualified } from './status.ts'
import type { UserInfo } from './user.ts'

/** What upstream's `system:public-info-viewer` and `system:discovery` let everybody read. */
const PUBLIC_PATHS = /^\/(healthz|livez|readyz|version)(\/|$)/
const KNOWN_PATHS = /^\/(api|apis|openapi|\.well-known)(\/|$)|^\/$/

/** Reviews of oneself are for everybody who is known (`system:basic-user`). */
const BASIC_RESOURCES: ReadonlySet<string> = new Set([
  'selfsubjectaccessreviews',
  'selfsubjectrulesreviews',
  'selfsubjectreviews',
])

/** Throws 403 where the user may not. */
export function authorize(request: ApiRequest, target: Target, user: UserInfo): void {
  if (user.groups.includes('system:masters')) return
  const { route, query } = target
  if (route.kind === 'plain') {
    if (mayRead(route.path, request, user)) return
    const verb = request.method.toLowerCase()
    throw new ApiError(
      403,
      'Forbidden',
      `forbidden: User ${JSON.stringify(user.name)} cannot ${verb} path ${JSON.stringify(route.path)}`,
      { details: {} },
    )
  }
  if (BASIC_RESOURCES.has(route.resource) && user.groups.includes('system:authenticated')) return
  throw forbiddenResource(route, verbOf(request, route, query), user)
}

function mayRead(path: string, request: ApiRequest, user: UserInfo): boolean {
  if (request.method !== 'GET') return false
  return PUBLIC_PATHS.test(path) || (KNOWN_PATHS.test(path) && user.groups.includes('system:authenticated'))
}

/** The verb as RBAC names it. */
export function verbOf(request: ApiRequest, route: ResourceRoute, query: URLSearchParams): string {
  const isOne = route.name !== undefined
  switch (request.method) {
    case 'GET':
      if (isTrue(query.get('watch')) || route.legacyWatch) return 'watch'
      return isOne ? 'get' : 'list'
    case 'POST':
      return 'create'
    case 'PUT':
      return 'update'
    case 'PATCH':
      return 'patch'
    case 'DELETE':
      return isOne ? 'delete' : 'deletecollection'
  }
}

function forbiddenResource(route: ResourceRoute, verb: string, user: UserInfo): ApiError {
  const { group, resource, name, namespace, subresource } = route
  const subject = name === undefined ? qualified(route) : `${qualified(route)} ${JSON.stringify(name)}`
  const full = subresource === undefined ? resource : `${resource}/${subresource}`
  const where = namespace === undefined ? 'at the cluster scope' : `in the namespace ${JSON.stringify(namespace)}`
  const message = `${subject} is forbidden: User ${JSON.stringify(user.name)} cannot ${verb} resource ${JSON.stringify(full)} in API group ${JSON.stringify(group)} ${where}`
  const details = {
    ...(name === undefined ? {} : { name }),
    ...(group === '' ? {} : { group }),
    kind: resource,
  }
  return new ApiError(403, 'Forbidden', message, { details })
}
