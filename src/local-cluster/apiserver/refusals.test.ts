// What is refused between a body that fits its kind and the store: preparations that cannot go on, statuses that do not fit, pods behind which nothing runs.
import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { ManualClock } from '../../base/clock.ts'
import { silentLog } from '../../base/log.ts'
import type { ApiRequest } from '../../kube/client/transport.ts'
import { bootstrapCluster, KUBERNETES_SERVICE_IP } from '../start-bootstrap.ts'
import { builtinCatalogue } from '../start-catalogue.ts'
import { openMemoryStore } from '../storage/open-store.ts'
import { createApiServer } from './server.ts'
import { CLUSTER_ADMIN } from './user.ts'

interface Refusal {
  readonly status: number
  readonly message: string
}

type Send = (method: ApiRequest['method'], path: string, body?: object) => Promise<Refusal>

async function startWorld(t: TestContext): Promise<Send> {
  const store = openMemoryStore()
  const server = createApiServer({ store, catalogue: builtinCatalogue(), clock: new ManualClock(), log: silentLog })
  t.after(async () => {
    await server.close()
    await store.close()
  })
  await bootstrapCluster(server, 6443)
  return async (method, path, body) => {
    const headers = method === 'PATCH' ? { 'content-type': 'application/merge-patch+json' } : {}
    const request = { method, path, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) }
    const answer = await server.handle(request as ApiRequest, CLUSTER_ADMIN)
    assert.ok(typeof answer.body === 'string')
    const { message = '' } = JSON.parse(answer.body) as { readonly message?: string }
    return { status: answer.status, message }
  }
}

const CORE = '/api/v1/namespaces/default'

test('a service address that is taken is a fault of the service', async (t) => {
  const send = await startWorld(t)
  const spec = { clusterIP: KUBERNETES_SERVICE_IP, ports: [{ port: 80 }] }

  const { status, message } = await send('POST', `${CORE}/services`, { metadata: { name: 's' }, spec })

  const why = `failed to allocate IP ${KUBERNETES_SERVICE_IP}: provided IP is already allocated`
  const fault = `spec.clusterIPs: Invalid value: ["${KUBERNETES_SERVICE_IP}"]: ${why}`
  assert.deepEqual({ status, message }, { status: 422, message: `Service "s" is invalid: ${fault}` })
})

test('a status that does not fit is refused and what is stored stays', async (t) => {
  const send = await startWorld(t)
  const template = { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'c', image: 'i' }] } }
  const path = '/apis/apps/v1/namespaces/default/deployments'
  await send('POST', path, { metadata: { name: 'd' }, spec: { selector: { matchLabels: { a: 'b' } }, template } })

  const refused = await send('PATCH', `${path}/d/status`, { status: { replicas: 1, readyReplicas: 2 } })
  const accepted = await send('PATCH', `${path}/d/status`, { status: { replicas: 2, readyReplicas: 2 } })

  assert.equal(refused.status, 422)
  assert.match(refused.message, /status.readyReplicas: Invalid value: 2: cannot be greater than status.replicas$/)
  assert.equal(accepted.status, 200)
})

test('exec, attach and portforward say what is missing, and at last that no kubelet runs the node', async (t) => {
  const send = await startWorld(t)
  await send('POST', `${CORE}/serviceaccounts`, { metadata: { name: 'default' } })
  const spec = { containers: [{ name: 'c', image: 'i' }] }
  await send('POST', `${CORE}/pods`, { metadata: { name: 'p' }, spec })
  await send('POST', `${CORE}/pods`, { metadata: { name: 'q' }, spec: { ...spec, nodeName: 'n' } })

  const answers = [
    await send('POST', `${CORE}/pods/nope/exec`),
    await send('POST', `${CORE}/pods/p/exec?container=x`),
    await send('GET', `${CORE}/pods/p/portforward`),
    await send('GET', `${CORE}/pods/q/attach`),
    await send('POST', '/api/v1/nodes', { metadata: { name: 'n' } }),
    await send('POST', `${CORE}/pods/q/exec`),
  ]

  assert.deepEqual(
    answers.map(({ status, message }) => `${status} ${message}`),
    [
      '404 pods "nope" not found',
      '400 container x is not valid for pod p',
      '400 pod p does not have a host assigned',
      '404 pods "n" not found',
      '201 ',
      '501 no kubelet of this program runs node n: nothing runs in pod q that exec could reach',
    ],
  )
})
