// What probes are told of the engine: a queue nobody works on, a watch that does not come back.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ManualClock } from '../../base/clock.ts'
import { Metrics } from '../../base/metrics.ts'
import { parseApplication } from '../../crds/application.ts'
import { createEngineMetrics, type EngineFigures } from './engine-metrics.ts'

const CALM = { depth: 0, processing: 0, delayed: 0, adds: 0, retries: 0, oldestAgeMs: 0 }

function figures(more: Partial<EngineFigures>): EngineFigures {
  return {
    applications: () => [],
    applicationLabels: [],
    clusterLabels: [],
    serverOf: () => '',
    orphansOf: () => undefined,
    clusters: () => [],
    queue: () => CALM,
    watchFault: () => undefined,
    clock: new ManualClock(),
    ...more,
  }
}

test('a queue whose oldest application waits five minutes is stuck, one that is only long is not', () => {
  const metrics = new Metrics()
  let queue = { ...CALM, depth: 5000, processing: 20, oldestAgeMs: 299_000 }
  createEngineMetrics(metrics, figures({ queue: () => queue }))

  assert.deepEqual(metrics.faults(), [])
  queue = { ...queue, oldestAgeMs: 300_000 }
  assert.deepEqual(metrics.faults(), [
    'the applications controller is stuck: one waits for 300 s while 20 are worked on',
  ])
})

test('a watch of applications that fails for two minutes on end is dead, one that recovers is not', () => {
  const metrics = new Metrics()
  const clock = new ManualClock()
  let fault: unknown = new Error('connection refused')
  createEngineMetrics(metrics, figures({ clock, watchFault: () => fault }))

  assert.deepEqual(metrics.faults(), [])
  clock.advance(119_000)
  assert.deepEqual(metrics.faults(), [])
  clock.advance(1000)
  assert.deepEqual(metrics.faults(), ['applications are not followed for 120 s: connection refused'])
  fault = undefined
  assert.deepEqual(metrics.faults(), [])
  fault = new Error('reset')
  assert.deepEqual(metrics.faults(), [])
})

test('the age of a cache is in whole seconds, and -1 where the cluster was never read', () => {
  const metrics = new Metrics()
  const cluster = { name: '', version: '', isConnected: true, kinds: 0, objects: 0, labels: {} }
  const clusters = [
    { ...cluster, server: 'https://read', ageMs: 61_900 },
    { ...cluster, server: 'https://unread', ageMs: undefined },
  ]
  createEngineMetrics(metrics, figures({ clusters: () => clusters }))

  const told = metrics.text().match(/^argocd_cluster_cache_age_seconds.*$/gm)

  assert.deepEqual(told, [
    'argocd_cluster_cache_age_seconds{server="https://read"} 61',
    'argocd_cluster_cache_age_seconds{server="https://unread"} -1',
  ])
})

test('labels of clusters are told where they are asked for, and batches of their changes always', () => {
  const metrics = new Metrics()
  const cluster = { version: '', isConnected: true, kinds: 0, objects: 0, ageMs: 0 }
  const clusters = [
    { ...cluster, server: 'https://a', name: 'a', labels: { 'example.com/tier': 'prod' } },
    { ...cluster, server: 'https://b', name: 'b', labels: {} },
  ]
  const engine = createEngineMetrics(
    metrics,
    figures({ clusters: () => clusters, clusterLabels: ['example.com/tier'] }),
  )
  engine.handled('https://a', 7, 300)

  const told = metrics.text().match(/^argocd_(?:cluster_labels|resource_events).*$/gm)

  const server = 'server="https://a"'
  assert.deepEqual(told, [
    `argocd_cluster_labels{${server},name="a",label_example_com_tier="prod"} 1`,
    'argocd_cluster_labels{server="https://b",name="b",label_example_com_tier=""} 1',
    ...[0, 1, 1, 1, 1, 1, 1].map((count, index) => {
      const bound = [0.25, 0.5, 1, 2, 4, 8, 16][index]
      return `argocd_resource_events_processing_bucket{${server},le="${bound}"} ${count}`
    }),
    `argocd_resource_events_processing_bucket{${server},le="+Inf"} 1`,
    `argocd_resource_events_processing_sum{${server}} 0.3`,
    `argocd_resource_events_processing_count{${server}} 1`,
    `argocd_resource_events_processed_in_batch{${server}} 7`,
  ])
})

test('labels of applications are told where they are asked for, by names that Prometheus takes', () => {
  const metadata = { name: 'web', namespace: 'argocd', labels: { 'example.com/team-name': 'a' } }
  const application = parseApplication({
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Application',
    metadata,
    spec: { project: 'default', destination: {} },
  })
  const textWith = (applicationLabels: readonly string[]): string => {
    const metrics = new Metrics()
    createEngineMetrics(metrics, figures({ applications: () => [application], applicationLabels }))
    return metrics.text()
  }

  const told = /^argocd_app_labels.*$/m.exec(textWith(['example.com/team-name', 'tier']))?.[0]

  const self = 'namespace="argocd",name="web",project="default"'
  assert.equal(told, `argocd_app_labels{${self},label_example_com_team_name="a",label_tier=""} 1`)
  assert.ok(!textWith([]).includes('argocd_app_labels'))
})
