// Defaults of pods and of pod templates (pkg/apis/core/v1/defaults.go, 1.36.3).
import type { JsonObject } from '../../../kube/object.ts'
import { change, changeEach, fill, isAbsent, objectOf, put, textOf } from '../edit.ts'
import { defaultContainer, portsOfHost, requestsFromLimits, roundList } from './container-defaults.ts'
import { defaultVolume } from './volume-defaults.ts'

const POD_SPEC: JsonObject = {
  dnsPolicy: 'ClusterFirst',
  restartPolicy: 'Always',
  securityContext: {},
  terminationGracePeriodSeconds: 30,
  schedulerName: 'default-scheduler',
}

/** The spec of a pod or of a template. */
export function defaultPodSpec(spec: JsonObject): JsonObject {
  let edited = mirrorServiceAccount(fill(spec, POD_SPEC))
  if (edited['volumes'] !== undefined) edited = changeEach(edited, 'volumes', defaultVolume)
  for (const list of ['initContainers', 'containers', 'ephemeralContainers'])
    if (edited[list] !== undefined) edited = changeEach(edited, list, defaultContainer)
  return edited['overhead'] === undefined ? edited : change(edited, 'overhead', roundList)
}

/** `serviceAccount` is the old name of `serviceAccountName`, and the server writes both. */
function mirrorServiceAccount(spec: JsonObject): JsonObject {
  const name = textOf(spec['serviceAccountName']) || textOf(spec['serviceAccount'])
  if (name === '') return spec
  return put(put(spec, 'serviceAccountName', name), 'serviceAccount', name)
}

/** The template under `key` of a workload's spec. */
export function defaultTemplate(spec: JsonObject, key = 'template'): JsonObject {
  return change(spec, key, (template) => change(template, 'spec', defaultPodSpec))
}

/** A pod itself: what a template does not get. */
export function defaultPod(pod: JsonObject): JsonObject {
  return change(pod, 'spec', (spec) => {
    let edited = spec
    for (const list of ['containers', 'initContainers']) {
      edited = changeEach(edited, list, requestsFromLimits)
      if (spec['hostNetwork'] === true) edited = changeEach(edited, list, portsOfHost)
    }
    edited = change(edited, 'resources', podResources)
    return defaultPodSpec(fill(edited, { enableServiceLinks: true }))
  })
}

/** Resources of the pod as a whole: requests follow the limits where the containers ask for nothing. */
function podResources(resources: JsonObject): JsonObject {
  const limits = objectOf(resources['limits'])
  if (isAbsent(resources['limits']) || Object.keys(limits).length === 0) return resources
  return put(resources, 'requests', { ...limits, ...objectOf(resources['requests']) })
}
