// Which verb answers for a subresource.
import { namespaceOf } from '../admission/namespace-lifecycle.ts'
import type { Call, Verb } from '../call.ts'
import { notFoundText } from '../plain-answer.ts'
import { methodNotAllowed, noSuchResource, notFound } from '../status.ts'
import { getObject } from '../verbs/get.ts'
import { finalizeNamespace } from './finalize.ts'
import { bindPod } from './pod-binding.ts'
import { evictPod } from './pod-eviction.ts'
import { connectToPod } from './pod-connect.ts'
import { podLog } from './pod-log.ts'
import { patchPart, updatePart } from './pod-parts.ts'
import { proxyToNode, proxyToPod, proxyToService } from './proxy.ts'
import { getScale, patchScale, updateScale } from './scale.ts'
import { patchStatus, updateStatus } from './status.ts'
import { createToken } from './token.ts'

type Methods = Partial<Record<Call['request']['method'], Verb>>

const STATUS: Methods = { GET: getObject, PUT: updateStatus, PATCH: patchStatus }
const CONNECT: Methods = { GET: connectToPod, POST: connectToPod }
const PART: Methods = { GET: getObject, PUT: updatePart, PATCH: patchPart }

const SUBRESOURCES: Readonly<Record<string, Methods>> = {
  status: STATUS,
  scale: { GET: getScale, PUT: updateScale, PATCH: patchScale },
  approval: STATUS,
  finalize: { PUT: finalizeNamespace },
  binding: { POST: bindPod },
  eviction: { POST: evictPod },
  log: { GET: podLog },
  attach: CONNECT,
  exec: CONNECT,
  portforward: CONNECT,
  token: { POST: createToken },
  ephemeralcontainers: PART,
  resize: PART,
}

/** Whose POST creates something, unlike that of a conversation. */
const CREATED: ReadonlySet<string> = new Set(['binding', 'eviction', 'token'])

/** By the resource the request is passed on to. */
const PROXIES: Readonly<Record<string, Verb>> = {
  pods: proxyToPod,
  services: proxyToService,
  nodes: proxyToNode,
}

/** The verb of a call whose path names a subresource. Throws 404 where the resource has none of that name, 405 for a method it does not take. */
export function subresourceVerb(call: Call): Verb {
  const { resource, route, request } = call
  const name = route.subresource ?? ''
  const served = resource.subresources.find((one) => one.name === name)
  if (served === undefined) {
    if (resource.custom !== undefined) return unservedCustom(call)
    throw noSuchResource()
  }
  if (route.name === undefined) throw methodNotAllowed()
  const verb = name === 'proxy' ? PROXIES[resource.resource] : SUBRESOURCES[name]?.[request.method]
  if (verb === undefined) throw methodNotAllowed()
  if (CREATED.has(name)) namespaceOf(call)
  return verb
}

/** status and scale are known to every custom resource, served or not; other names are no path at all. */
function unservedCustom(call: Call): Verb {
  const { name = '', subresource } = call.route
  if (subresource === 'status' || subresource === 'scale') throw notFound(call.resource, name)
  return async () => notFoundText()
}
