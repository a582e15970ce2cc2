// The small kinds of the core group: ConfigMaps, Secrets, Namespaces, ServiceAccounts, Nodes, Endpoints, Events, quotas and ranges.
import { isObject } from '../../../kube/json-value.ts'
import { Buffer } from 'node:buffer'
import type { JsonObject } from '../../../kube/object.ts'
import { change, changeEach, fill, listOf, objectOf, objectsOf, put, textOf, without } from '../edit.ts'
import { roundList } from '../pod/container-defaults.ts'
import type { Family } from './family.ts'

const NAMESPACE_LABEL = 'kubernetes.io/metadata.name'

export const coreFamily: Family = {
  '/v1/Secret': {
    setDefaults: defaultSecret,
    prepareForUpdate: (object, old) => (object['type'] === '' ? put(object, 'type', old['type'] ?? 'Opaque') : object),
    fieldLabels: (object) => ({ type: textOf(object['type']) }),
  },
  '/v1/Namespace': {
    setDefaults: defaultNamespace,
    prepareForCreate: (object) => ({ ...withFinalizer(object), status: { phase: 'Active' } }),
    prepareForUpdate: (object, old) => put(object, 'spec', old['spec'] ?? {}),
    fieldLabels: (object) => ({ 'status.phase': textOf(objectOf(object['status'])['phase']) }),
  },
  '/v1/Node': {
    setDefaults: (object) => change(change(object, 'status', defaultNodeStatus), 'spec', withOneRange),
    prepareForCreate: taintNode,
    fieldLabels: (object) => ({ 'spec.unschedulable': String(objectOf(object['spec'])['unschedulable'] === true) }),
  },
  '/v1/Endpoints': {
    setDefaults: (object) =>
      changeEach(object, 'subsets', (subset) => changeEach(subset, 'ports', (port) => fill(port, { protocol: 'TCP' }))),
  },
  '/v1/Event': { fieldLabels: coreEventLabels },
  'events.k8s.io/v1/Event': { fieldLabels: eventLabels },
  '/v1/LimitRange': {
    setDefaults: (object) => change(object, 'spec', (spec) => changeEach(spec, 'limits', defaultLimit)),
    // A range without a name gets one of its own kind.
    prepareForCreate: (object) =>
      change(object, 'metadata', (metadata) =>
        textOf(metadata['name']) === '' ? put(metadata, 'name', textOf(metadata['uid'])) : metadata,
      ),
  },
  '/v1/ResourceQuota': {
    setDefaults: (object) => change(change(object, 'spec', roundHard), 'status', roundHard),
  },
}

/** `stringData` is write-only: each value goes into `data`, over what stands there (v1 conversion of Secret). */
function defaultSecret(secret: JsonObject): JsonObject {
  const typed = fill(secret, { type: 'Opaque' })
  const texts = typed['stringData']
  if (!isObject(texts)) return typed
  const data: Record<string, string> = {}
  for (const [key, value] of Object.entries(texts)) data[key] = Buffer.from(textOf(value)).toString('base64')
  return put(without(typed, 'stringData'), 'data', { ...objectOf(typed['data']), ...data })
}

/** A namespace that waits for its generated name gets its label later. */
function defaultNamespace(namespace: JsonObject): JsonObject {
  const metadata = objectOf(namespace['metadata'])
  const name = textOf(metadata['name'])
  const phased = change(fill(namespace, { status: {} }), 'status', (status) => fill(status, { phase: 'Active' }))
  const labels = objectOf(metadata['labels'])
  if (name === '' || labels[NAMESPACE_LABEL] === name) return phased
  return put(phased, 'metadata', { ...metadata, labels: { ...labels, [NAMESPACE_LABEL]: name } })
}

function withFinalizer(namespace: JsonObject): JsonObject {
  const labelled = defaultNamespace(namespace)
  const spec = objectOf(labelled['spec'])
  const finalizers = listOf(spec['finalizers'])
  if (finalizers.includes('kubernetes')) return labelled
  return put(labelled, 'spec', { ...spec, finalizers: [...finalizers, 'kubernetes'] })
}

const NOT_READY = { key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule' }

/** A new node takes no pods before it is ready (admission plugin TaintNodesByCondition, on by default). */
function taintNode(node: JsonObject): JsonObject {
  const spec = objectOf(node['spec'])
  const taints = objectsOf(spec['taints'])
  const isTainted = taints.some((taint) => taint['key'] === NOT_READY.key && taint['effect'] === NOT_READY.effect)
  return isTainted ? node : put(node, 'spec', { ...spec, taints: [...taints, NOT_READY] })
}

/** The single range is the first of all; where they differ the single one wins (pkg/apis/core/v1/conversion.go, NodeSpec). */
function withOneRange(spec: JsonObject): JsonObject {
  const [single, ranges] = [textOf(spec['podCIDR']), listOf(spec['podCIDRs'])]
  if (single === '') return ranges.length === 0 || ranges[0] === '' ? spec : put(spec, 'podCIDR', ranges[0] ?? '')
  return ranges[0] === single ? spec : put(spec, 'podCIDRs', [single])
}

function defaultNodeStatus(status: JsonObject): JsonObject {
  const edited = change(change(status, 'capacity', roundList), 'allocatable', roundList)
  const capacity = edited['capacity']
  return capacity === undefined ? edited : fill(edited, { allocatable: capacity })
}

/** Ranges for containers complete one another: default from max, default request from default, then from min. */
function defaultLimit(limit: JsonObject): JsonObject {
  let edited = limit
  for (const key of ['max', 'min', 'default', 'defaultRequest', 'maxLimitRequestRatio'])
    edited = change(edited, key, roundList)
  if (limit['type'] !== 'Container') return edited
  const limits = { ...objectOf(edited['max']), ...objectOf(edited['default']) }
  const requests = { ...objectOf(edited['min']), ...limits, ...objectOf(edited['defaultRequest']) }
  const withLimits = Object.keys(limits).length > 0 ? put(edited, 'default', limits) : edited
  return Object.keys(requests).length > 0 ? put(withLimits, 'defaultRequest', requests) : withLimits
}

function roundHard(part: JsonObject): JsonObject {
  return change(change(part, 'hard', roundList), 'used', roundList)
}

const REFERENCE_PARTS = ['kind', 'namespace', 'name', 'uid', 'apiVersion', 'resourceVersion', 'fieldPath']

/** pkg/registry/core/event/strategy.go, ToSelectableFields; events.k8s.io names the reference `regarding`. */
function coreEventLabels(event: JsonObject): Record<string, string> {
  const component = textOf(event['reportingComponent'])
  return {
    reason: textOf(event['reason']),
    reportingComponent: component,
    source: textOf(objectOf(event['source'])['component']) || component,
    type: textOf(event['type']),
    ...referenceLabels(event, 'involvedObject'),
  }
}

/** Events of events.k8s.io name their fields anew, and have no source (`pkg/apis/events/v1/conversion.go`). */
function eventLabels(event: JsonObject): Record<string, string> {
  return {
    reason: textOf(event['reason']),
    reportingController: textOf(event['reportingController']),
    type: textOf(event['type']),
    ...referenceLabels(event, 'regarding'),
  }
}

function referenceLabels(event: JsonObject, key: string): Record<string, string> {
  const reference = objectOf(event[key])
  return Object.fromEntries(REFERENCE_PARTS.map((part) => [`${key}.${part}`, textOf(reference[part])]))
}
