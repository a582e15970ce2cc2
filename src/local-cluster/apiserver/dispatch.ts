// From a request to its verb: which resource, which subresource, which method.
import type { ApiRequest, ApiResponse } from '../../kube/client/transport.ts'
import { checkRequest } from './authorization/check-request.ts'
import { actingUser } from './authorization/impersonation.ts'
import type { Call, ServerParts, Verb } from './call.ts'
import { metricsVerb } from './metrics/metrics-routes.ts'
import { negotiateForm, type Offer } from './negotiation.ts'
import { isTrue } from './options.ts'
import { notFoundText } from './plain-answer.ts'
import { answerPlain } from './plain-routes.ts'
import { keyOf, type Resource } from './resource.ts'
import { createReview, isReview } from './reviews/reviews.ts'
import { parseTarget, type ResourceRoute, type Target } from './routing.ts'
import { warningHeader } from './respond.ts'
import { ApiError, methodNotAllowed, noSuchResource } from './status.ts'
import { isDefinition } from './strategy.ts'
import { subresourceVerb } from './subresources/subresources.ts'
import type { UserInfo } from './user.ts'
import { createFromBody } from './verbs/create.ts'
import { deleteCollection } from './verbs/delete-collection.ts'
import { deleteObject } from './verbs/delete.ts'
import { getObject } from './verbs/get.ts'
import { listCollection } from './verbs/list.ts'
import { patchFromBody } from './verbs/patch.ts'
import { updateFromBody } from './verbs/update.ts'

/** Built-in kinds that are on their way out; they are all of the core group, and no other has kinds of these names (`APILifecycleDeprecated` of k8s.io/api v0.36.3). */
const DEPRECATED: Readonly<Record<string, string>> = {
  Endpoints: 'v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice',
  ComponentStatus: 'v1 ComponentStatus is deprecated in v1.19+',
}
const RULES_KEY = 'x-kubernetes-validations'
const PROTOBUF_START = Buffer.from('k8s')

/** Answers one request. Throws `ApiError` for what becomes a Status. */
export async function dispatch(server: ServerParts, request: ApiRequest, sender: UserInfo): Promise<ApiResponse> {
  const target = parseTarget(request.path)
  const { route, query } = target
  const user = actingUser(server.authorizer, request.headers, sender)
  checkRequest(server.authorizer, request, target, user)
  if (route.kind === 'plain') return answerPlain(server, request, { path: route.path, query }, user)
  const resource = server.registry.find(route.group, route.version, route.resource)
  if (resource === undefined) return unknownResource(server, route)
  if (resource.namespaced !== (route.namespace !== undefined) && !isClusterWide(request, resource, route)) {
    return misplaced(resource)
  }
  const call = makeCall({ server, request, user, resource }, { route, query })
  const deprecation = resource.custom === undefined ? DEPRECATED[resource.kind] : resource.custom.deprecationWarning
  const run = verbOf(call)
  if (deprecation !== undefined) call.warnings.push(deprecation)
  try {
    if (needsRules(call)) await server.registry.rules.load()
    return await run(call)
  } catch (error) {
    // Refusals carry the warnings that came before them.
    throw error instanceof ApiError ? error.withHeaders(warningHeader(call.warnings)) : error
  }
}

/** Whether a write may meet rules of schemas: of the object's kind, or of the definition it brings. */
function needsRules(call: Call): boolean {
  const { request, resource } = call
  if (request.method === 'GET') return false
  if (resource.custom !== undefined) return resource.custom.hasRules
  return isDefinition(resource) && [request.body, storedText(call)].some(mayHaveRules)
}

function storedText({ server, resource, route }: Call): string | undefined {
  return route.name === undefined ? undefined : server.store.get(keyOf(resource, '', route.name))?.value
}

/** Protobuf names no fields, so any definition in it may have rules. */
function mayHaveRules(text: string | Uint8Array | undefined): boolean {
  if (text === undefined || typeof text === 'string') return text?.includes(RULES_KEY) === true
  const bytes = Buffer.from(text.buffer, text.byteOffset, text.byteLength)
  return bytes.includes(RULES_KEY) || bytes.subarray(0, 3).equals(PROTOBUF_START)
}

/** A namespaced resource read across all namespaces, or a namespace-less path of a method that then says no. */
function isClusterWide(request: ApiRequest, resource: Resource, route: ResourceRoute): boolean {
  if (!resource.namespaced) return false
  if (route.name !== undefined) return false
  if (request.method === 'GET') return true
  throw methodNotAllowed()
}

function misplaced(resource: Resource): ApiResponse {
  if (resource.custom !== undefined) return notFoundText()
  throw noSuchResource()
}

function unknownResource(server: ServerParts, route: ResourceRoute): ApiResponse {
  const isKnown = route.group === '' || server.registry.isBuiltinGroup(route.group)
  if (isKnown) throw noSuchResource()
  return notFoundText()
}

function makeCall(
  parts: Pick<Call, 'server' | 'request' | 'user' | 'resource'>,
  target: Target & { route: ResourceRoute },
): Call {
  return {
    ...parts,
    ...target,
    namespace: target.route.namespace ?? '',
    form: negotiateForm(parts.request.headers['accept'], offerOf(parts, target)),
    warnings: [],
  }
}

function offerOf(
  { request, resource }: Pick<Call, 'request' | 'resource'>,
  { route, query }: Target & { route: ResourceRoute },
): Offer {
  const isCollection = request.method === 'GET' && route.name === undefined
  return {
    isCustom: resource.custom !== undefined,
    isCollection,
    isWatch: route.legacyWatch || (isCollection && isTrue(query.get('watch'))),
  }
}

function verbOf(call: Call): Verb {
  const { route, resource } = call
  if (route.subresource !== undefined) return subresourceVerb(call)
  const metrics = metricsVerb(call)
  if (metrics !== undefined) return metrics
  if (isReview(resource)) return createReview
  const verb = route.name === undefined ? collectionVerb(call) : objectVerb(call)
  if (verb === undefined || !resource.verbs.includes(verb.name)) throw methodNotAllowed()
  return verb.run
}

interface NamedVerb {
  /** As discovery names it. */
  readonly name: string
  readonly run: Verb
}

function collectionVerb(call: Call): NamedVerb | undefined {
  switch (call.request.method) {
    case 'GET':
      return { name: 'list', run: listCollection }
    case 'POST':
      return { name: 'create', run: createFromBody }
    case 'DELETE':
      return { name: 'deletecollection', run: deleteCollection }
    default:
      return undefined
  }
}

function objectVerb(call: Call): NamedVerb | undefined {
  switch (call.request.method) {
    case 'GET':
      return { name: 'get', run: getObject }
    case 'PUT':
      return { name: 'update', run: updateFromBody }
    case 'PATCH':
      return { name: 'patch', run: patchFromBody }
    case 'DELETE':
      return { name: 'delete', run: deleteObject }
    default:
      return undefined
  }
}
