// What classes do to objects at admission: pods of a RuntimeClass, Ingresses and claims without one.
import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { systemClock } from '../../../base/clock.ts'
import { silentLog } from '../../../base/log.ts'
import type { JsonObject } from '../../../kube/object.ts'
import { startLocalCluster } from '../../start.ts'

type Create = (path: string, object: object) => Promise<{ readonly status: number; readonly body: JsonObject }>

const HERE = '/api/v1/namespaces/default'
const NODE = '/apis/node.k8s.io/v1/runtimeclasses'
const NETWORK = '/apis/networking.k8s.io/v1'

async function scene(t: TestContext): Promise<Create> {
  const cluster = await startLocalCluster({ clock: systemClock, log: silentLog })
  t.after(() => cluster.close())
  const transport = cluster.transport()
  const create: Create = async (path, object) => {
    const headers = { accept: 'application/json', 'content-type': 'application/json' }
    const { status, body } = await transport.send({ method: 'POST', path, headers, body: JSON.stringify(object) })
    assert.ok(typeof body === 'string')
    return { status, body: JSON.parse(body) as JsonObject }
  }
  await create(`${HERE}/serviceaccounts`, { metadata: { name: 'default' } })
  return create
}

function pod(name: string, spec: object): object {
  return { metadata: { name }, spec: { containers: [{ name: 'c', image: 'i' }], ...spec } }
}

test('a pod takes overhead, node selector and tolerations of its RuntimeClass', async (t) => {
  const create = await scene(t)
  const toleration = { key: 'sandbox', operator: 'Exists', effect: 'NoSchedule' }
  const scheduling = { nodeSelector: { sandbox: 'yes' }, tolerations: [toleration] }
  await create(NODE, { metadata: { name: 'gvisor' }, handler: 'runsc', overhead: { podFixed: { cpu: '250m' } }, scheduling }) // prettier-ignore
  const own = { key: 'sandbox', operator: 'Equal', value: 'x', effect: 'NoSchedule' }

  const { body } = await create(`${HERE}/pods`, pod('a', { runtimeClassName: 'gvisor', nodeSelector: { disk: 'ssd' }, tolerations: [own] })) // prettier-ignore
  const spec = body['spec'] as JsonObject

  assert.deepEqual([spec['overhead'], spec['nodeSelector']], [{ cpu: '250m' }, { disk: 'ssd', sandbox: 'yes' }])
  const tolerations = spec['tolerations'] as readonly JsonObject[]
  assert.deepEqual(
    tolerations.filter(({ key }) => key === 'sandbox'),
    [toleration],
  )
})

test('a pod that contradicts its RuntimeClass, or names none there is, is refused', async (t) => {
  const create = await scene(t)
  await create(NODE, { metadata: { name: 'fat' }, handler: 'h', overhead: { podFixed: { cpu: '1' } } })
  await create(NODE, { metadata: { name: 'bound' }, handler: 'h', scheduling: { nodeSelector: { a: 'b' } } })
  const cases = [
    [{ runtimeClassName: 'nope' }, 'pod rejected: RuntimeClass "nope" not found'],
    [{ runtimeClassName: 'fat', overhead: { cpu: '2' } }, "pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead"], // prettier-ignore
    [{ overhead: { cpu: '2' } }, 'pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead'],
    [{ runtimeClassName: 'bound', nodeSelector: { a: 'c' } }, 'conflict: runtimeClass.scheduling.nodeSelector[a] = b; pod.spec.nodeSelector[a] = c'], // prettier-ignore
  ] as const
  for (const [spec, why] of cases) {
    const { status, body } = await create(`${HERE}/pods`, pod('p', spec))
    assert.deepEqual([status, body['message']], [403, `pods "p" is forbidden: ${why}`])
  }
  const fits = await create(`${HERE}/pods`, pod('p', { runtimeClassName: 'fat', overhead: { cpu: '1000m' } }))
  assert.equal(fits.status, 201)
})

test('what names no class gets the default one, of several the first by name where none is newer', async (t) => {
  const create = await scene(t)
  const marked = (kind: string): object => ({ annotations: { [`${kind}.kubernetes.io/is-default-class`]: 'true' } })
  await create(`${NETWORK}/ingressclasses`, { metadata: { name: 'plain' }, spec: { controller: 'a/b' } })
  const classes = { ...marked('ingressclass'), name: 'chosen' }
  await create(`${NETWORK}/ingressclasses`, { metadata: classes, spec: { controller: 'a/b' } })
  const ingress = (name: string, spec: object = {}): object => ({
    metadata: { name },
    spec: { defaultBackend: { service: { name: 'a', port: { number: 80 } } }, ...spec },
  })
  const path = `${NETWORK}/namespaces/default/ingresses`
  const classNames: unknown[] = []
  const old = { metadata: { name: 'c', annotations: { 'kubernetes.io/ingress.class': 'x' } } }
  for (const object of [ingress('a'), ingress('b', { ingressClassName: 'plain' }), { ...ingress('c'), ...old }]) {
    const { body } = await create(path, object)
    classNames.push((body['spec'] as JsonObject)['ingressClassName'])
  }
  assert.deepEqual(classNames, ['chosen', 'plain', undefined])

  const storage = '/apis/storage.k8s.io/v1/storageclasses'
  await create(storage, { metadata: { ...marked('storageclass'), name: 'fast' }, provisioner: 'a/b' })
  const asked = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } }
  const claims = `${HERE}/persistentvolumeclaims`
  const { body: filled } = await create(claims, { metadata: { name: 'a' }, spec: asked })
  const { body: none } = await create(claims, { metadata: { name: 'b' }, spec: { ...asked, storageClassName: '' } })
  assert.deepEqual(
    [filled, none].map((body) => (body['spec'] as JsonObject)['storageClassName']),
    ['fast', ''],
  )
})

test('parts of objects are created in no namespace that is not there', async (t) => {
  const create = await scene(t)

  const { status, body } = await create('/api/v1/namespaces/absent/serviceaccounts/a/token', {})

  assert.deepEqual([status, body['message']], [404, 'namespaces "absent" not found'])
})
