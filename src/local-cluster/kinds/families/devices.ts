// Devices that pods ask for: defaults of claims and slices (pkg/apis/resource/v1/defaults.go, 1.36.3).
import { rfc3339Seconds } from '../../../base/rfc3339.ts'
import type { JsonObject } from '../../../kube/object.ts'
import {
  change,
  changeAt,
  changeEach,
  fill,
  isAbsent,
  numberOf,
  objectOf,
  objectsOf,
  put,
  textOf,
  without,
} from '../edit.ts'
import { specParts, type Family } from './family.ts'

export const deviceFamily: Family = {
  'resource.k8s.io/v1/DeviceClass': { generationParts: specParts },
  'resource.k8s.io/v1/ResourceClaim': {
    setDefaults: (object) =>
      changeAt(change(object, 'spec', defaultClaim), ['status', 'allocation', 'devices'], (devices) =>
        changeEach(devices, 'results', defaultTolerations),
      ),
    prepareForCreate: (object) => put(object, 'status', {}),
  },
  'resource.k8s.io/v1/ResourceClaimTemplate': {
    setDefaults: (object) => changeAt(object, ['spec', 'spec'], defaultClaim),
  },
  'resource.k8s.io/v1/ResourceSlice': {
    prepareForCreate: (object, { nowMs }) => change(object, 'spec', (spec) => prepareSlice(spec, {}, nowMs)),
    prepareForUpdate: (object, old, { nowMs }) =>
      change(object, 'spec', (spec) => prepareSlice(spec, objectOf(old['spec']), nowMs)),
    fieldLabels: (object) => {
      const { nodeName, driver } = objectOf(object['spec'])
      return { 'spec.nodeName': textOf(nodeName), 'spec.driver': textOf(driver) }
    },
    generationParts: specParts,
  },
}

function defaultClaim(spec: JsonObject): JsonObject {
  return change(spec, 'devices', (devices) =>
    changeEach(devices, 'requests', (request) =>
      changeEach(change(request, 'exactly', defaultRequest), 'firstAvailable', defaultRequest),
    ),
  )
}

function defaultRequest(request: JsonObject): JsonObject {
  const mode = textOf(request['allocationMode']) === '' ? put(request, 'allocationMode', 'ExactCount') : request
  const isCounted = mode['allocationMode'] === 'ExactCount' && numberOf(mode['count']) === 0
  return defaultTolerations(isCounted ? put(mode, 'count', 1) : mode)
}

function defaultTolerations(request: JsonObject): JsonObject {
  return changeEach(request, 'tolerations', (toleration) =>
    textOf(toleration['operator']) === '' ? put(toleration, 'operator', 'Equal') : toleration,
  )
}

/** Values of attributes that are lists, and amounts of a node: both wait for a feature that is off, and are dropped in silence. */
const LISTS = ['bools', 'ints', 'strings', 'versions']
const OF_NODES = 'nodeAllocatableResourceMappings'

function prepareSlice(spec: JsonObject, before: JsonObject, nowMs: number): JsonObject {
  const timeAdded = rfc3339Seconds(nowMs)
  const keeps = { lists: usesLists(before), ofNodes: devicesOf(before).some((device) => !isAbsent(device[OF_NODES])) }
  return changeEach(spec, 'devices', (device) => {
    const timed = changeEach(device, 'taints', (taint) => fill(taint, { timeAdded }))
    const ofNodes = keeps.ofNodes ? timed : without(timed, OF_NODES)
    return keeps.lists ? ofNodes : change(ofNodes, 'attributes', withoutLists)
  })
}

function withoutLists(attributes: JsonObject): JsonObject {
  let edited = attributes
  for (const key in attributes) edited = change(edited, key, (attribute) => without(attribute, ...LISTS))
  return edited
}

function usesLists(spec: JsonObject): boolean {
  return devicesOf(spec).some((device) =>
    Object.values(objectOf(device['attributes'])).some((attribute) =>
      LISTS.some((key) => !isAbsent(objectOf(attribute)[key])),
    ),
  )
}

function devicesOf(spec: JsonObject): readonly JsonObject[] {
  return objectsOf(spec['devices'])
}
