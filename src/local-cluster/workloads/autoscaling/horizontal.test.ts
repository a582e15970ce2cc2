// Autoscalers on the embedded cluster: what they make of simulated figures, and what they tell.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  conditionsOf,
  startScene,
  template,
  workload,
  type ClusterScene,
  type Loose,
} from '../../../../test/support/cluster-scene.ts'

function autoscaler(spec: Readonly<Record<string, unknown>>): Loose {
  const scaleTargetRef = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' }
  return {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: { name: 'web' },
    spec: { scaleTargetRef, maxReplicas: 10, ...spec },
  }
}

function busy(cpu: string): Loose {
  const pods = template('web', { resources: { requests: { cpu: '100m' } } })
  const metadata = { labels: { app: 'web' }, annotations: { 'capstan.dev/cpu-usage': cpu } }
  return workload('Deployment', 'web', { replicas: 2, template: { ...pods, metadata } })
}

function reasonsOf(object: Loose | undefined): Readonly<Record<string, string | undefined>> {
  return Object.fromEntries(conditionsOf(object).map(({ type, status, reason }) => [type, `${status} ${reason}`]))
}

async function untilReady(scene: ClusterScene, count: number): Promise<void> {
  const ref = await scene.ref('apps', 'Deployment', 'web')
  await scene.until(ref, (one) => one?.status?.['readyReplicas'] === count)
}

describe('HorizontalPodAutoscalers', () => {
  test('size a Deployment by what its pods seem to use, and tell so as kubernetes does', async (t) => {
    const scene = await startScene(t)
    await scene.create(busy('80%'))
    await untilReady(scene, 2)
    const target = { type: 'Utilization', averageUtilization: 40 }
    await scene.create(autoscaler({ metrics: [{ type: 'Resource', resource: { name: 'cpu', target } }] }))
    const ref = await scene.ref('autoscaling', 'HorizontalPodAutoscaler', 'web')

    const scaled = await scene.until(ref, (one) => one?.status?.['desiredReplicas'] === 4)
    await scene.untilEvent('web', 'SuccessfulRescale')
    await untilReady(scene, 4)

    assert.deepEqual(scaled?.status?.['currentMetrics'], [
      { type: 'Resource', resource: { name: 'cpu', current: { averageUtilization: 80, averageValue: '80m' } } },
    ])
    assert.deepEqual(reasonsOf(scaled), {
      AbleToScale: 'True SucceededRescale',
      ScalingActive: 'True ValidMetricFound',
      ScalingLimited: 'False DesiredWithinRange',
    })
    const events = (await scene.list('', 'Event')) as readonly (Loose & { reason?: string; message?: string })[]
    const rescale = events.find(({ reason }) => reason === 'SuccessfulRescale')
    assert.equal(rescale?.message, 'New size: 4; reason: cpu resource utilization (percentage of request) above target')
  })

  test('say why they cannot scale', async (t) => {
    const scene = await startScene(t)
    const ref = await scene.ref('autoscaling', 'HorizontalPodAutoscaler', 'web')
    await scene.create(autoscaler({}))

    const blind = await scene.until(ref, (one) => reasonsOf(one)['AbleToScale'] === 'False FailedGetScale')
    assert.equal(
      conditionsOf(blind)[0]?.message,
      'the HPA controller was unable to get the target\'s current scale: deployments.apps "web" not found',
    )
    await scene.create(workload('Deployment', 'web', { replicas: 1 }))
    await untilReady(scene, 1)
    await scene.client.patch(ref, 'merge', { spec: { maxReplicas: 9 } })
    const unknown = await scene.until(ref, (one) => reasonsOf(one)['ScalingActive'] === 'False FailedGetResourceMetric')

    assert.match(
      conditionsOf(unknown).find(({ type }) => type === 'ScalingActive')?.message ?? '',
      /^the HPA was unable to compute the replica count: failed to get cpu utilization: missing request for cpu in container main of Pod web-[a-z0-9-]+$/,
    )
    await scene.untilEvent('web', 'FailedComputeMetricsReplicas')
  })

  test('bring a size into its bounds without asking for figures', async (t) => {
    const scene = await startScene(t)
    await scene.create(workload('Deployment', 'web', { replicas: 1 }))
    await scene.create(autoscaler({ minReplicas: 3 }))
    const ref = await scene.ref('apps', 'Deployment', 'web')

    await scene.until(ref, (one) => one?.spec?.['replicas'] === 3)
  })

  test('leave a workload of size zero alone', async (t) => {
    const scene = await startScene(t)
    await scene.create(workload('Deployment', 'web', { replicas: 0 }))
    await scene.create(autoscaler({}))
    const ref = await scene.ref('autoscaling', 'HorizontalPodAutoscaler', 'web')

    await scene.until(ref, (one) => reasonsOf(one)['ScalingActive'] === 'False ScalingDisabled')
  })
})
