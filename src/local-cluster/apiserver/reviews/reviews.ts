// Reviews: questions posted as objects that are answered and not stored.
import type { ApiResponse } from '../../../kube/client/transport.ts'
import type { JsonObject, KubeObject } from '../../../kube/object.ts'
import type { Call } from '../call.ts'
import { decodeCall } from '../expected-kind.ts'
import { trackUpdate } from '../managed-fields.ts'
import { writeOptions } from '../options.ts'
import type { Resource } from '../resource.ts'
import { objectAnswer } from '../respond.ts'
import { badRequest, methodNotAllowed } from '../status.ts'
import { timeText } from '../strategy.ts'
import type { UserInfo } from '../user.ts'
import { localSubjectAccess, selfAccess, selfRules, subjectAccess } from './access-reviews.ts'

type Answer = (call: Call, review: KubeObject) => JsonObject | Promise<JsonObject>

const ANSWERS: Readonly<Record<string, Answer>> = {
  'authentication.k8s.io/selfsubjectreviews': whoAmI,
  'authentication.k8s.io/tokenreviews': reviewToken,
  'authorization.k8s.io/selfsubjectaccessreviews': selfAccess,
  'authorization.k8s.io/subjectaccessreviews': subjectAccess,
  'authorization.k8s.io/localsubjectaccessreviews': localSubjectAccess,
  'authorization.k8s.io/selfsubjectrulesreviews': selfRules,
}

/** Whether a resource takes questions instead of objects. */
export function isReview(resource: Resource): boolean {
  return Object.hasOwn(ANSWERS, `${resource.group}/${resource.resource}`)
}

/** POST of a review: 201 with the object and its answer. */
export async function createReview(call: Call): Promise<ApiResponse> {
  const { resource, request, server } = call
  const answer = ANSWERS[`${resource.group}/${resource.resource}`]
  if (request.method !== 'POST' || answer === undefined || call.route.name !== undefined) throw methodNotAllowed()
  const options = writeOptions('CreateOptions', call.query, request.headers['user-agent'])
  const review = decodeCall(call, options.fieldValidation)
  const status = await answer(call, review)
  const tracked = trackUpdate({
    live: undefined,
    object: review,
    manager: options.fieldManager,
    subresource: '',
    resource,
    nowMs: server.clock.now(),
  })
  return objectAnswer(call, { ...shaped(resource, tracked, server.clock.now()), status } as KubeObject, 201)
}

/** What the real server gives back of the question itself. */
function shaped(resource: Resource, review: KubeObject, nowMs: number): KubeObject {
  switch (resource.resource) {
    case 'selfsubjectreviews':
      return { ...review, metadata: { creationTimestamp: timeText(nowMs) } }
    case 'selfsubjectrulesreviews':
      return { ...review, metadata: {}, spec: {} } as KubeObject
    default:
      return review
  }
}

function whoAmI(call: Call): JsonObject {
  return { userInfo: userObject(call.user) }
}

function userObject(user: UserInfo): JsonObject {
  return {
    username: user.name,
    ...(user.uid === undefined ? {} : { uid: user.uid }),
    ...(user.groups.length === 0 ? {} : { groups: [...user.groups] }),
    ...(user.extra === undefined ? {} : { extra: user.extra }),
  }
}

type Review = KubeObject & { readonly spec?: JsonObject }

async function reviewToken(call: Call, review: KubeObject): Promise<JsonObject> {
  const { token, audiences } = (review as Review).spec ?? {}
  if (typeof token !== 'string' || token === '') throw badRequest('token is required for TokenReview in authentication')
  const wanted = Array.isArray(audiences) ? audiences.map(String) : []
  const user = await call.server.tokens?.review(token, wanted)
  if (user === undefined) return { user: {}, error: 'invalid bearer token' }
  return {
    authenticated: true,
    user: userObject(user),
    audiences: wanted.length > 0 ? wanted : [...(call.server.tokens?.defaultAudiences ?? [])],
  }
}
