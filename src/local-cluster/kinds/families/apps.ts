// Deployments, ReplicaSets, StatefulSets, DaemonSets, ReplicationControllers and ControllerRevisions (pkg/apis/apps/v1/defaults.go, 1.36.3).
import { deepEqual, isObject } from '../../../kube/json-value.ts'
import type { JsonObject } from '../../../kube/object.ts'
import { change, changeEach, fill, isAbsent, numberOf, objectOf, put, without } from '../edit.ts'
import { defaultTemplate } from '../pod/pod-defaults.ts'
import { defaultClaimSpec } from '../pod/volume-defaults.ts'
import { specParts, type Family } from './family.ts'

/** Deployments count a change of annotations as a new generation too. */
function deploymentParts(object: JsonObject): ReturnType<typeof specParts> {
  return [object['spec'], objectOf(object['metadata'])['annotations']]
}

export const appsFamily: Family = {
  'apps/v1/Deployment': {
    setDefaults: (object) => change(object, 'spec', defaultDeploymentSpec),
    generationParts: deploymentParts,
  },
  'apps/v1/ReplicaSet': {
    setDefaults: (object) => change(object, 'spec', (spec) => defaultTemplate(fill(spec, { replicas: 1 }))),
    generationParts: specParts,
  },
  'apps/v1/StatefulSet': {
    setDefaults: (object) => change(object, 'spec', defaultStatefulSetSpec),
    prepareForCreate: withoutUnavailable,
    prepareForUpdate: withoutUnavailable,
    generationParts: specParts,
  },
  'apps/v1/DaemonSet': {
    setDefaults: (object) => change(withTemplateCount(object), 'spec', defaultDaemonSetSpec),
    prepareForCreate: (object) => withTemplateGeneration(object, 1),
    prepareForUpdate: keepTemplateGeneration,
    generationParts: specParts,
  },
  '/v1/ReplicationController': {
    setDefaults: defaultReplicationController,
    generationParts: specParts,
    fieldLabels: statusReplicas,
  },
}

/** The feature gate MaxUnavailableStatefulSet is off by default. */
function withoutUnavailable(object: JsonObject): JsonObject {
  return change(object, 'spec', (spec) =>
    change(spec, 'updateStrategy', (strategy) =>
      change(strategy, 'rollingUpdate', (rolling) => without(rolling, 'maxUnavailable')),
    ),
  )
}

function statusReplicas(object: JsonObject): Record<string, string> {
  return { 'status.replicas': String(numberOf(objectOf(object['status'])['replicas'])) }
}

function defaultDeploymentSpec(spec: JsonObject): JsonObject {
  const edited = fill(spec, { replicas: 1, strategy: {}, revisionHistoryLimit: 10, progressDeadlineSeconds: 600 })
  return defaultTemplate(
    change(edited, 'strategy', (strategy) => defaultRolling(strategy, { maxUnavailable: '25%', maxSurge: '25%' })),
  )
}

function defaultDaemonSetSpec(spec: JsonObject): JsonObject {
  const edited = fill(spec, { updateStrategy: {}, revisionHistoryLimit: 10 })
  return defaultTemplate(
    change(edited, 'updateStrategy', (strategy) => defaultRolling(strategy, { maxUnavailable: 1, maxSurge: 0 })),
  )
}

const TEMPLATE_GENERATION = 'deprecated.daemonset.template.generation'

/** The conversion writes the annotation before ownership of fields is told, so the one who creates the set owns it. */
function withTemplateCount(object: JsonObject): JsonObject {
  const annotations = objectOf(objectOf(object['metadata'])['annotations'])
  return TEMPLATE_GENERATION in annotations ? object : withTemplateGeneration(object, 0)
}

/** The field is gone from apps/v1, and its value lives on as an annotation (pkg/apis/apps/v1/conversion.go). */
function withTemplateGeneration(object: JsonObject, generation: number): JsonObject {
  return change(object, 'metadata', (metadata) => {
    const annotations = { ...objectOf(metadata['annotations']), [TEMPLATE_GENERATION]: String(generation) }
    return put(metadata, 'annotations', annotations)
  })
}

function keepTemplateGeneration(object: JsonObject, old: JsonObject): JsonObject {
  const before = Number(objectOf(objectOf(old['metadata'])['annotations'])[TEMPLATE_GENERATION] ?? 0)
  const isSame = deepEqual(objectOf(object['spec'])['template'], objectOf(old['spec'])['template'])
  return withTemplateGeneration(object, isSame ? before : before + 1)
}

function defaultRolling(strategy: JsonObject, limits: JsonObject): JsonObject {
  const edited = fill(strategy, { type: 'RollingUpdate' })
  if (edited['type'] !== 'RollingUpdate') return edited
  return change(fill(edited, { rollingUpdate: {} }), 'rollingUpdate', (rolling) => fill(rolling, limits))
}

function defaultStatefulSetSpec(spec: JsonObject): JsonObject {
  const edited = fill(spec, {
    podManagementPolicy: 'OrderedReady',
    updateStrategy: {},
    persistentVolumeClaimRetentionPolicy: {},
    replicas: 1,
    revisionHistoryLimit: 10,
  })
  const withStrategy = change(edited, 'updateStrategy', defaultUpdateStrategy)
  const withPolicy = change(withStrategy, 'persistentVolumeClaimRetentionPolicy', (policy) =>
    fill(policy, { whenDeleted: 'Retain', whenScaled: 'Retain' }),
  )
  return defaultTemplate(changeEach(withPolicy, 'volumeClaimTemplates', defaultClaimTemplate))
}

/** `rollingUpdate` appears only where the type itself was left open, or where it was sent. */
function defaultUpdateStrategy(strategy: JsonObject): JsonObject {
  if (isAbsent(strategy['type'])) {
    return change(fill(strategy, { type: 'RollingUpdate', rollingUpdate: {} }), 'rollingUpdate', defaultPartition)
  }
  return strategy['type'] === 'RollingUpdate' ? change(strategy, 'rollingUpdate', defaultPartition) : strategy
}

function defaultPartition(rolling: JsonObject): JsonObject {
  return fill(rolling, { partition: 0 })
}

/** Templates of claims are whole claims, with kind and phase. */
function defaultClaimTemplate(claim: JsonObject): JsonObject {
  const typed = fill(claim, { kind: 'PersistentVolumeClaim', apiVersion: 'v1', status: {} })
  const edited = change(typed, 'status', (status) => fill(status, { phase: 'Pending' }))
  return change(edited, 'spec', defaultClaimSpec)
}

function defaultReplicationController(object: JsonObject): JsonObject {
  const spec = objectOf(object['spec'])
  const labels = objectOf(objectOf(spec['template'])['metadata'])['labels']
  let edited = change(object, 'spec', (value) => defaultTemplate(fill(value, { replicas: 1 })))
  if (!isObject(labels)) return edited
  const hasSelector = Object.keys(objectOf(spec['selector'])).length > 0
  if (!hasSelector) edited = change(edited, 'spec', (value) => put(value, 'selector', labels))
  return change(edited, 'metadata', (metadata) => fill(metadata, { labels }))
}
