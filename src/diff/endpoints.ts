// The order in which Kubernetes keeps the parts of Endpoints: addresses by IP, ports and subsets by a hash of what Go prints of them.
import { createHash } from 'node:crypto'
import { isList, isObject } from '../kube/json-value.ts'
import type { JsonObject, JsonValue } from '../kube/object.ts'
import { withKey } from './edit.ts'
import { asGoValue } from './go-value.ts'

const DEFINITION = 'io.k8s.api.core.v1.Endpoints'

/** The object as its type writes it, so that both sides lack what the type does not know; as it is where it does not fit. */
export function normalizeEndpoints(endpoints: JsonObject): JsonObject {
  const { apiVersion = null, kind = null } = endpoints
  try {
    const written = asGoValue(endpoints, DEFINITION)
    return isObject(written) ? sortSubsets({ apiVersion, kind, ...written }) : endpoints
  } catch {
    return endpoints // upstream logs it and compares what is there
  }
}

/**
 * Subsets with their ports' protocol filled in and everything in its order (gitops-engine `SortSubsets`, argo-cd v3.5.1).
 * What is no subset of Endpoints leaves all as it is.
 */
function sortSubsets(endpoints: JsonObject): JsonObject {
  const subsets = endpoints['subsets']
  if (!isList(subsets) || !subsets.every(isObject)) return endpoints
  return withKey(endpoints, 'subsets', inOrder(subsets.map(sortSubset), printSubset))
}

function sortSubset(subset: JsonObject): JsonObject {
  let result = subset
  for (const key of ['addresses', 'notReadyAddresses']) {
    const list = subset[key]
    if (isList(list)) result = withKey(result, key, list.toSorted(byAddress))
  }
  const ports = subset['ports']
  if (!isList(ports) || !ports.every(isObject)) return result
  return withKey(result, 'ports', inOrder(ports.map(withProtocol), printPort))
}

function withProtocol(port: JsonObject): JsonObject {
  return port['protocol'] ? port : withKey(port, 'protocol', 'TCP')
}

function inOrder(items: readonly JsonObject[], print: (item: JsonObject) => string): readonly JsonObject[] {
  if (items.length < 2) return items
  const hashed = items.map((item) => ({ item, hash: md5(print(item)) }))
  return hashed.toSorted((a, b) => compare(a.hash, b.hash)).map(({ item }) => item)
}

/** The hash of upstream's engine; later versions of Kubernetes itself take another. It guards nothing. */
function md5(text: string): string {
  return createHash('md5').update(text).digest('hex')
}

/** By IP; an address without a target stands before those with one, which stand by its UID. */
function byAddress(a: JsonValue, b: JsonValue): number {
  return compare(textOf(a, 'ip'), textOf(b, 'ip')) || compare(targetOf(a), targetOf(b))
}

function targetOf(address: JsonValue): string {
  const target = isObject(address) ? address['targetRef'] : undefined
  return isObject(target) ? ` ${textOf(target, 'uid')}` : ''
}

function compare(a: string, b: string): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}

function textOf(value: JsonValue, key: string): string {
  const held = isObject(value) ? value[key] : undefined
  return typeof held === 'string' ? held : ''
}

/** What k8s.io/utils/dump prints of a port to hash it. */
function printPort(port: JsonObject): string {
  return `(v1.EndpointPort)${portFields(port)}`
}

function portFields(port: JsonObject): string {
  const { port: number } = port
  const shown = typeof number === 'number' || typeof number === 'bigint' ? String(number) : '0'
  const protocol = `(v1.Protocol)${textOf(port, 'protocol')}`
  const application = pointer(port, 'appProtocol')
  return `{Name:(string)${textOf(port, 'name')} Port:(int32)${shown} Protocol:${protocol} AppProtocol:${application}}`
}

function printSubset(subset: JsonObject): string {
  const addresses = listOf(subset['addresses'], 'v1.EndpointAddress', addressFields)
  const notReady = listOf(subset['notReadyAddresses'], 'v1.EndpointAddress', addressFields)
  const ports = listOf(subset['ports'], 'v1.EndpointPort', portFields)
  return `(v1.EndpointSubset){Addresses:${addresses} NotReadyAddresses:${notReady} Ports:${ports}}`
}

function listOf(list: JsonValue | undefined, type: string, print: (item: JsonObject) => string): string {
  const items = isList(list) ? `[${list.map((item) => print(isObject(item) ? item : {})).join(' ')}]` : '<nil>'
  return `([]${type})${items}`
}

function addressFields(address: JsonObject): string {
  const place = `IP:(string)${textOf(address, 'ip')} Hostname:(string)${textOf(address, 'hostname')}`
  return `{${place} NodeName:${pointer(address, 'nodeName')} TargetRef:${targetFields(address['targetRef'])}}`
}

function targetFields(target: JsonValue | undefined): string {
  if (!isObject(target)) return '(*v1.ObjectReference)<nil>'
  const fields = [
    ['Kind', 'string', 'kind'],
    ['Namespace', 'string', 'namespace'],
    ['Name', 'string', 'name'],
    ['UID', 'types.UID', 'uid'],
    ['APIVersion', 'string', 'apiVersion'],
    ['ResourceVersion', 'string', 'resourceVersion'],
    ['FieldPath', 'string', 'fieldPath'],
  ] as const
  const shown = fields.map(([name, type, key]) => `${name}:(${type})${textOf(target, key)}`)
  return `(*v1.ObjectReference){${shown.join(' ')}}`
}

function pointer(value: JsonObject, key: string): string {
  return `(*string)${typeof value[key] === 'string' ? value[key] : '<nil>'}`
}
