// API services of definitions come and go with them, and what is not theirs stays.
import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { systemClock } from '../../../base/clock.ts'
import { silentLog } from '../../../base/log.ts'
import type { KubeClient, ResourceRef, ResourceType } from '../../../kube/client/client.ts'
import type { KubeObject } from '../../../kube/object.ts'
import { startLocalCluster, type LocalCluster } from '../../start.ts'

const DEADLINE_MS = 30_000
const POLL_MS = 20
const AUTOMANAGED = 'kube-aggregator.kubernetes.io/automanaged'

interface Scene {
  readonly client: KubeClient
  readonly services: ResourceType
  readonly definitions: ResourceType
}

async function scene(t: TestContext): Promise<Scene> {
  const cluster: LocalCluster = await startLocalCluster({ clock: systemClock, log: silentLog })
  t.after(() => cluster.close())
  const client = cluster.client('test')
  const services = await client.resourceOf({ group: 'apiregistration.k8s.io', kind: 'APIService' })
  const definitions = await client.resourceOf({ group: 'apiextensions.k8s.io', kind: 'CustomResourceDefinition' })
  assert.ok(services !== undefined && definitions !== undefined)
  return { client, services, definitions }
}

function definition(plural: string, versions: Readonly<Record<string, boolean>>): KubeObject {
  const names = { kind: plural.charAt(0).toUpperCase() + plural.slice(1), plural }
  const schema = { openAPIV3Schema: { type: 'object' } }
  const spec = {
    group: 'shop.example.com',
    scope: 'Cluster',
    names,
    versions: Object.entries(versions).map(([name, served]) => ({ name, served, storage: name === 'v1', schema })),
  }
  const object = {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.shop.example.com` },
    spec,
  }
  return object
}

function serviceRef({ services }: Scene, version: string): ResourceRef {
  return { type: services, name: `${version}.shop.example.com` }
}

/** Waits until a service is there, or gone, or as a test wants it. */
async function until(
  here: Scene,
  version: string,
  isRight: (service: KubeObject | undefined) => boolean,
): Promise<KubeObject | undefined> {
  const deadline = Date.now() + DEADLINE_MS
  for (;;) {
    const service = await here.client.get(serviceRef(here, version))
    if (isRight(service)) return service
    if (Date.now() > deadline) assert.fail(`${version} stays ${JSON.stringify(service)}`)
    await new Promise((resolve) => setTimeout(resolve, POLL_MS))
  }
}

const isThere = (service: KubeObject | undefined): boolean => service !== undefined
const isGone = (service: KubeObject | undefined): boolean => service === undefined

test('a served version of a definition is an API service as kube-apiserver registers it', async (t) => {
  const here = await scene(t)

  await here.client.create(here.definitions, definition('widgets', { v1: true, v1alpha1: false }))
  const service = (await until(here, 'v1', isThere)) as KubeObject & { spec: object; status: { conditions: object[] } }

  assert.deepEqual(service.metadata.labels, { [AUTOMANAGED]: 'true' })
  assert.deepEqual(service.spec, {
    group: 'shop.example.com',
    version: 'v1',
    groupPriorityMinimum: 1000,
    versionPriority: 100,
  })
  assert.deepEqual(
    service.status.conditions.map((one) => ({ ...one, lastTransitionTime: '' })),
    [
      {
        type: 'Available',
        status: 'True',
        lastTransitionTime: '',
        reason: 'Local',
        message: 'Local APIServices are always available',
      },
    ],
  )
  assert.equal(await here.client.get(serviceRef(here, 'v1alpha1')), undefined)
})

test('it goes with the last definition that serves its version, and comes back where it is deleted', async (t) => {
  const here = await scene(t)
  const { client, definitions } = here
  await client.create(definitions, definition('widgets', { v1: true }))
  await client.create(definitions, definition('gadgets', { v1: true, v2: true }))
  const first = await until(here, 'v1', isThere)
  await until(here, 'v2', isThere)

  await client.delete(serviceRef(here, 'v1'))
  await until(here, 'v1', (service) => service !== undefined && service.metadata.uid !== first?.metadata.uid)
  await client.delete({ type: definitions, name: 'gadgets.shop.example.com' })
  await until(here, 'v2', isGone)
  assert.ok(isThere(await client.get(serviceRef(here, 'v1'))))
  await client.delete({ type: definitions, name: 'widgets.shop.example.com' })

  await until(here, 'v1', isGone)
})

test('a changed specification is put back, and a service without the mark is left alone', async (t) => {
  const here = await scene(t)
  const { client, definitions } = here
  await client.create(definitions, definition('widgets', { v1: true, v2: true }))
  await until(here, 'v1', isThere)
  await until(here, 'v2', isThere)

  await client.patch(serviceRef(here, 'v2'), 'merge', { metadata: { labels: { [AUTOMANAGED]: null } } })
  await client.patch(serviceRef(here, 'v1'), 'merge', { spec: { versionPriority: 7 } })
  await until(here, 'v1', (service) => !JSON.stringify(service).includes('"versionPriority":7'))
  await client.delete({ type: definitions, name: 'widgets.shop.example.com' })
  await until(here, 'v1', isGone)

  assert.ok(isThere(await client.get(serviceRef(here, 'v2'))))
})
