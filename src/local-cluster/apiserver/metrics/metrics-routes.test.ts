// The figures of pods and nodes as `kubectl top` asks for them.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { KubeError } from '../../../kube/client/client.ts'
import type { KubeObject } from '../../../kube/object.ts'
import { pod, startScene } from '../../../../test/support/cluster-scene.ts'

test('tells what pods and nodes seem to use', async (t) => {
  const scene = await startScene(t)
  const container = { resources: { requests: { cpu: '1' } } }
  await scene.create(pod('a', container, { annotations: { 'capstan.dev/cpu-usage': '50%', 'capstan.dev/memory-usage': '64Mi' } })) // prettier-ignore
  await scene.create(pod('b', {}, { annotations: { 'capstan.dev/cpu-usage': 'none' } }))
  for (const name of ['a', 'b']) {
    await scene.until(await scene.ref('', 'Pod', name), (one) => one?.status?.['phase'] === 'Running')
  }

  const type = await scene.type('metrics.k8s.io', 'PodMetrics')
  const pods = await scene.client.list(type, { namespace: 'default', labelSelector: 'app in (a,b)' })
  const one = await scene.client.get({ type, namespace: 'default', name: 'a' })
  const nodes = await scene.list('metrics.k8s.io', 'NodeMetrics')

  const usage = { cpu: '500m', memory: '64Mi' }
  const containersOf = (object: KubeObject | undefined): unknown => (object as { containers?: unknown }).containers
  assert.deepEqual(
    pods.items.map((item) => [item.metadata.name, containersOf(item)]),
    [['a', [{ name: 'main', usage }]]],
  )
  assert.deepEqual(containersOf(one), [{ name: 'main', usage }])
  const node = await scene.get('', 'Pod', 'a').then((found) => found?.spec?.['nodeName'])
  const ofNode = nodes.find(({ metadata }) => metadata.name === node)
  assert.deepEqual((ofNode as { usage?: unknown } | undefined)?.usage, usage)
})

test('says so where there are no figures, and takes no writes', async (t) => {
  const scene = await startScene(t)
  const type = await scene.type('metrics.k8s.io', 'PodMetrics')

  await assert.rejects(scene.client.create(type, { apiVersion: 'metrics.k8s.io/v1beta1', kind: 'PodMetrics', metadata: { name: 'x', namespace: 'default' } }), (error) => error instanceof KubeError && error.status === 405) // prettier-ignore
  assert.equal(await scene.client.get({ type, namespace: 'default', name: 'absent' }), undefined)
})
