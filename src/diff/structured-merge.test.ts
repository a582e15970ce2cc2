// Objects applied on the server are compared by who owns which field, whatever version of the kind it was written in.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fromOpenApi } from '../kube/schema/schema.ts'
import type { JsonObject, KubeObject } from '../kube/object.ts'
import { compareObject } from './compare.ts'

const mode = 'structured-merge'

interface Scaling {
  readonly max: number
  readonly percent?: number
}

function autoscaler({ max, percent }: Scaling, managedFields?: readonly JsonObject[]): KubeObject {
  const target = { type: 'Utilization', averageUtilization: percent ?? 0 }
  const metrics = [{ type: 'Resource', resource: { name: 'cpu', target } }]
  const spec = {
    scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' },
    minReplicas: 1,
    maxReplicas: max,
    ...(percent === undefined ? {} : { metrics }),
  }
  const metadata = { name: 'web', namespace: 'default', ...(managedFields === undefined ? {} : { managedFields }) }
  return { apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler', metadata, spec } as KubeObject
}

function entry(manager: string, apiVersion: string, ...fields: readonly string[]): JsonObject {
  const spec = Object.fromEntries(fields.map((name) => [`f:${name}`, {}]))
  return { manager, operation: 'Apply', apiVersion, fieldsType: 'FieldsV1', fieldsV1: { 'f:spec': spec } }
}

/** The one field that the two versions name otherwise; what an API server knows of it all is passed in by main/. */
function convert(object: KubeObject, apiVersion: string): KubeObject {
  const { spec = {} } = object as unknown as { spec?: JsonObject }
  const { metrics, targetCPUUtilizationPercentage: percent, ...rest } = spec
  if (apiVersion === 'autoscaling/v1') {
    const asV1 = metrics === undefined ? rest : { ...rest, targetCPUUtilizationPercentage: 50 }
    return { ...object, apiVersion, spec: asV1 } as KubeObject
  }
  const target = { type: 'Utilization', averageUtilization: 50 }
  const wanted = { metrics: [{ type: 'Resource', resource: { name: 'cpu', target } }] }
  return { ...object, apiVersion, spec: percent === undefined ? rest : { ...rest, ...wanted } } as KubeObject
}

const HELM_V1 = entry('helm', 'autoscaling/v1', 'maxReplicas', 'minReplicas', 'scaleTargetRef')
const OURS_V2 = entry('argocd-controller', 'autoscaling/v2', 'maxReplicas', 'metrics', 'minReplicas', 'scaleTargetRef')

test('facts 8 [TestStructuredMergeDiff_HPAv2ToV1Conversion]: fields that somebody applied in v1 are no difference', () => {
  const live = autoscaler({ max: 10, percent: 50 }, [HELM_V1, OURS_V2])
  const options = { mode, convert } as const

  assert.equal(compareObject(autoscaler({ max: 10, percent: 50 }), live, options).isModified, false)

  const changed = compareObject(autoscaler({ max: 20, percent: 80 }), live, options)
  assert.equal(changed.isModified, true)
  const { spec } = changed.predictedLive as unknown as { spec: JsonObject }
  assert.equal(spec['maxReplicas'], 20)
})

test('what we applied in v1 and want no more goes, though the object is v2', () => {
  const ours = entry('argocd-controller', 'autoscaling/v1', 'maxReplicas', 'targetCPUUtilizationPercentage')
  const live = autoscaler({ max: 10, percent: 50 }, [ours])

  const difference = compareObject(autoscaler({ max: 10 }), live, { mode, convert })

  assert.equal(difference.isModified, true)
  const { spec } = difference.predictedLive as unknown as { spec: JsonObject }
  assert.equal(Object.hasOwn(spec, 'metrics'), false)
})

test('lists of a custom resource are merged by the keys its definition gives them', () => {
  const items = { type: 'object', properties: { name: { type: 'string' }, value: { type: 'string' } } }
  const list = { type: 'array', 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['name'], items }
  const schema = fromOpenApi({
    type: 'object',
    properties: { spec: { type: 'object', properties: { parts: list } } },
  })
  const made = (...parts: readonly string[]): KubeObject =>
    ({
      apiVersion: 'example.com/v1',
      kind: 'Widget',
      metadata: { name: 'w' },
      spec: { parts: parts.map((name) => ({ name, value: '1' })) },
    }) as unknown as KubeObject
  const [wanted, live] = [made('b'), made('a', 'b')]

  assert.equal(compareObject(wanted, live, { mode, schemaOf: () => schema }).isModified, false)
  assert.equal(compareObject(wanted, live, { mode }).isModified, true)
})
