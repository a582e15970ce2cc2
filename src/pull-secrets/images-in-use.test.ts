// Which images are found in objects of every kind, and where reading them stops.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { KubeObject } from '../kube/object.ts'
import { createImageReader, MAX_DEPTH, MAX_IMAGES } from './images-in-use.ts'

const POD = { initContainers: [{ image: 'i' }], containers: [{ image: 'a' }, { image: 'b' }, { image: 'a' }] }

function read(object: object, ...paths: Parameters<typeof createImageReader>): readonly string[] {
  return createImageReader(...paths)({ metadata: { name: 'x' }, ...object } as KubeObject)
}

describe('[000-05] the images an object makes the kubelet pull', () => {
  const template = { spec: { template: { spec: POD } } }
  const cases: readonly (readonly [string, object])[] = [
    ['a Pod', { apiVersion: 'v1', kind: 'Pod', spec: POD }],
    ['a PodTemplate', { apiVersion: 'v1', kind: 'PodTemplate', template: { spec: POD } }],
    ['a ReplicationController', { apiVersion: 'v1', kind: 'ReplicationController', ...template }],
    ...['Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet'].map(
      (kind) => [`a ${kind}`, { apiVersion: 'apps/v1', kind, ...template }] as const,
    ),
    ['a Job', { apiVersion: 'batch/v1', kind: 'Job', ...template }],
    ['a CronJob', { apiVersion: 'batch/v1', kind: 'CronJob', spec: { jobTemplate: template } }],
    ['a Rollout', { apiVersion: 'argoproj.io/v1alpha1', kind: 'Rollout', ...template }],
    ['a Knative Service', { apiVersion: 'serving.knative.dev/v1', kind: 'Service', ...template }],
    ['a JobSet', { apiVersion: 'jobset.x-k8s.io/v1alpha2', kind: 'JobSet', spec: { replicatedJobs: [{ template }] } }],
    ['a ScaledJob', { apiVersion: 'keda.sh/v1alpha1', kind: 'ScaledJob', spec: { jobTargetRef: template.spec } }],
  ]
  for (const [name, object] of cases) {
    test(`are found in ${name}`, () => assert.deepEqual(read(object), ['i', 'a', 'b']))
  }

  test('are those of ephemeral containers and of volumes too', () => {
    const spec = {
      containers: [{ image: 'a' }],
      ephemeralContainers: [{ image: 'e' }],
      volumes: [
        { name: 'v', image: { reference: 'v' } },
        { name: 'c', configMap: {} },
      ],
    }

    assert.deepEqual(read({ apiVersion: 'v1', kind: 'Pod', spec }), ['a', 'e', 'v'])
  })

  test('are found in every template of a Workflow, but for those still to be filled in', () => {
    const templates = [
      { container: { image: 'c' }, sidecars: [{ image: 's' }], initContainers: [{ image: 'i' }] },
      { script: { image: 'r', source: 'true' } },
      { containerSet: { containers: [{ image: 'set' }] } },
      { container: { image: '{{inputs.parameters.image}}' } },
    ]

    for (const [kind, spec] of [
      ['Workflow', { templates }],
      ['WorkflowTemplate', { templates }],
      ['ClusterWorkflowTemplate', { templates }],
      ['CronWorkflow', { workflowSpec: { templates } }],
    ] as const) {
      const found = read({ apiVersion: 'argoproj.io/v1alpha1', kind, spec })
      assert.deepEqual(found.toSorted(), ['c', 'i', 'r', 's', 'set'], kind)
    }
  })

  test('are found where a path of the settings says', () => {
    const paths = ['spec.image', 'spec.parts[*].image', 'spec.pod'].map((path) => ({
      group: 'x.dev',
      kind: 'Job',
      path,
    }))
    const spec = { image: 'one', parts: [{ image: 'two' }, {}], pod: POD }

    assert.deepEqual(read({ apiVersion: 'x.dev/v1', kind: 'Job', spec }, paths), ['i', 'a', 'b', 'one', 'two'])
    assert.deepEqual(read({ apiVersion: 'y.dev/v1', kind: 'Job', spec: { image: 'one' } }, paths), [])
  })

  test('are none of objects that only look like it', () => {
    const data = { containers: JSON.stringify(POD.containers) }
    assert.deepEqual(read({ apiVersion: 'v1', kind: 'ConfigMap', data }), [])
    assert.deepEqual(read({ apiVersion: 'v1', kind: 'Pod', spec: { containers: 'a' } }), [])
    assert.deepEqual(read({ apiVersion: 'v1', kind: 'Pod', spec: { containers: [null, { image: 5 }] } }), [])
    const spec = { versions: [{ schema: POD }] }
    assert.deepEqual(read({ apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition', spec }), [])
  })

  test('end at the depth and the number that are named', () => {
    const nested = (depth: number): object => (depth === 0 ? POD : { in: nested(depth - 1) })
    assert.deepEqual(read({ apiVersion: 'x.dev/v1', kind: 'X', spec: nested(MAX_DEPTH - 1) }), ['i', 'a', 'b'])
    assert.deepEqual(read({ apiVersion: 'x.dev/v1', kind: 'X', spec: nested(MAX_DEPTH) }), [])
    const containers = Array.from({ length: MAX_IMAGES + 1 }, (_, index) => ({ image: `i${index}` }))
    assert.equal(read({ apiVersion: 'v1', kind: 'Pod', spec: { containers } }).length, MAX_IMAGES)
  })
})
