// Defaults of containers, their probes and resources (pkg/apis/core/v1/defaults.go, 1.36.3).
import { isObject } from '../../../kube/json-value.ts'
import type { JsonObject } from '../../../kube/object.ts'
import { formatQuantity, quantityOf, roundUpToMilli } from '../../../kube/quantity.ts'
import { change, changeEach, fill, objectOf, put, textOf } from '../edit.ts'
import { defaultPullPolicy } from '../../../registry/image-reference.ts'

const PROBES = ['livenessProbe', 'readinessProbe', 'startupProbe']
const PROBE = { timeoutSeconds: 1, periodSeconds: 10, successThreshold: 1, failureThreshold: 3 }
const TERMINATION = { terminationMessagePath: '/dev/termination-log', terminationMessagePolicy: 'File' }

/** A container of any of the three lists of a pod. */
export function defaultContainer(container: JsonObject): JsonObject {
  let edited = fill(container, TERMINATION)
  if (edited['imagePullPolicy'] === undefined)
    edited = { ...edited, imagePullPolicy: defaultPullPolicy(textOf(container['image'])) }
  if (edited['ports'] !== undefined) edited = changeEach(edited, 'ports', defaultPort)
  if (edited['env'] !== undefined) edited = changeEach(edited, 'env', defaultVariable)
  edited = change(edited, 'resources', roundResources)
  for (const probe of PROBES) if (edited[probe] !== undefined) edited = change(edited, probe, defaultProbe)
  return edited['lifecycle'] === undefined ? edited : change(edited, 'lifecycle', defaultLifecycle)
}

function defaultPort(port: JsonObject): JsonObject {
  return port['protocol'] === undefined ? { ...port, protocol: 'TCP' } : port
}

function defaultVariable(variable: JsonObject): JsonObject {
  return change(variable, 'valueFrom', (source) =>
    change(change(source, 'fieldRef', defaultFieldRef), 'fileKeyRef', (file) => fill(file, { optional: false })),
  )
}

/** A reference to a field of the pod is one of v1 unless it says otherwise. */
export function defaultFieldRef(reference: JsonObject): JsonObject {
  return fill(reference, { apiVersion: 'v1' })
}

function defaultProbe(probe: JsonObject): JsonObject {
  const edited = change(fill(probe, PROBE), 'httpGet', defaultHttpGet)
  return change(edited, 'grpc', (grpc) => fill(grpc, { service: '' }))
}

function defaultLifecycle(lifecycle: JsonObject): JsonObject {
  return ['postStart', 'preStop'].reduce(
    (edited, key) => change(edited, key, (hook) => change(hook, 'httpGet', defaultHttpGet)),
    lifecycle,
  )
}

function defaultHttpGet(action: JsonObject): JsonObject {
  return fill(action, { path: '/', scheme: 'HTTP' })
}

/** Rounds limits and requests up to thousandths. */
export function roundResources(resources: JsonObject): JsonObject {
  return change(change(resources, 'limits', roundList), 'requests', roundList)
}

/** Rounds the quantities of a resource list; finer than thousandths are only those in `u` and `n`, with long fractions or negative exponents. */
export function roundList(list: JsonObject): JsonObject {
  let edited = list
  for (const [name, value] of Object.entries(list)) {
    const text = textOf(value)
    const quantity = /[un]$|e-|\.\d{4}/i.test(text) ? quantityOf(text) : undefined
    if (quantity !== undefined) edited = put(edited, name, formatQuantity(roundUpToMilli(quantity)))
  }
  return edited
}

/** Requests that are absent are taken from the limits; in pods alone, never in templates. */
export function requestsFromLimits(container: JsonObject): JsonObject {
  const resources = objectOf(container['resources'])
  const limits = resources['limits']
  if (!isObject(limits)) return container
  const requests: JsonObject = { ...limits, ...objectOf(resources['requests']) }
  return put(container, 'resources', { ...resources, requests })
}

/** With the host's network a container's port is the host's port too. */
export function portsOfHost(container: JsonObject): JsonObject {
  return changeEach(container, 'ports', (port) => fill(port, { hostPort: port['containerPort'] ?? 0 }))
}
