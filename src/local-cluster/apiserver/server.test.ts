// The API server through its one function: what clients of Kubernetes rely on, case by case.
import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { ManualClock } from '../../base/clock.ts'
import { silentLog } from '../../base/log.ts'
import { createClient } from '../../kube/client/create-client.ts'
import type { KubeClient, ResourceType, WatchEvent } from '../../kube/client/client.ts'
import type { ApiRequest, ApiResponse } from '../../kube/client/transport.ts'
import type { KubeObject } from '../../kube/object.ts'
import { builtinResources } from '../kinds/resources.ts'
import { rulesFor } from '../kinds/rules.ts'
import { openMemoryStore } from '../storage/open-store.ts'
import { MAX_BODY_BYTES, MAX_OBJECT_BYTES, MAX_WAITING_EVENTS } from './limits.ts'
import { createApiServer, type ApiServer } from './server.ts'
import { ANONYMOUS, CLUSTER_ADMIN } from './user.ts'

interface World {
  readonly server: ApiServer
  readonly client: KubeClient
  readonly clock: ManualClock
  readonly send: (method: string, path: string, more?: Partial<ApiRequest>) => Promise<Answer>
}

interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly json: Record<string, unknown>
  readonly text: string
}

async function startWorld(t: TestContext): Promise<World> {
  const clock = new ManualClock()
  const store = openMemoryStore()
  const server = createApiServer({
    store,
    catalogue: { resources: builtinResources(), rulesFor },
    clock,
    log: silentLog,
  })
  const client = createClient(server.inProcessTransport(CLUSTER_ADMIN), { userAgent: 'test/1' })
  t.after(async () => {
    await client.close()
    await server.close()
    await store.close()
  })
  const send: World['send'] = async (method, path, more = {}) => {
    const request = { headers: {}, ...more, method, path } as ApiRequest
    return readAnswer(await server.handle(request, CLUSTER_ADMIN))
  }
  await client.create(await typeOf(client, 'Namespace'), {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: 'ns' },
  })
  return { server, client, clock, send }
}

async function readAnswer(answer: ApiResponse): Promise<Answer> {
  let text = ''
  if (typeof answer.body === 'string') text = answer.body
  else if (answer.body instanceof Uint8Array) text = Buffer.from(answer.body).toString('utf8')
  else for await (const chunk of answer.body) text += Buffer.from(chunk).toString('utf8')
  const json = text.startsWith('{') && !text.includes('}\n{') ? (JSON.parse(text) as Record<string, unknown>) : {}
  return { status: answer.status, headers: answer.headers, json, text }
}

async function typeOf(client: KubeClient, kind: string, group = ''): Promise<ResourceType> {
  const type = await client.resourceOf({ group, kind })
  assert.ok(type, `${kind} is not served`)
  return type
}

/** Fields beyond those every object has. */
function fields<T extends object>(more: T): T {
  return more
}

function configMap(name: string, data: Record<string, string> = {}, more: KubeObject['metadata'] = {}): KubeObject {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'ns', ...more }, ...fields({ data }) }
}

const MAPS = '/api/v1/namespaces/ns/configmaps'

test('one counter gives every write of every resource its version', async (t) => {
  const { client } = await startWorld(t)
  const maps = await typeOf(client, 'ConfigMap')

  const first = await client.create(maps, configMap('a'))
  const second = await client.create(await typeOf(client, 'Secret'), { ...configMap('b'), kind: 'Secret' })

  assert.equal(Number(second.metadata.resourceVersion), Number(first.metadata.resourceVersion) + 1)
})

test('answers a stale update with 409 and a name that exists with 409', async (t) => {
  const { client } = await startWorld(t)
  const type = await typeOf(client, 'ConfigMap')
  const made = await client.create(type, configMap('a', { k: '1' }))
  const ref = { type, namespace: 'ns', name: 'a' }
  await client.update(ref, { ...made, ...fields({ data: { k: '2' } }) })

  await assert.rejects(client.update(ref, { ...made, ...fields({ data: { k: '3' } }) }), {
    status: 409,
    reason: 'Conflict',
  })
  await assert.rejects(client.create(type, configMap('a')), { status: 409, reason: 'AlreadyExists' })
})

test('a write that changes nothing keeps the version', async (t) => {
  const { client } = await startWorld(t)
  const type = await typeOf(client, 'ConfigMap')
  const made = await client.create(type, configMap('a', { k: '1' }))

  const same = await client.patch({ type, namespace: 'ns', name: 'a' }, 'merge', { data: { k: '1' } })

  assert.deepEqual(same, made)
})

test('a dry run answers as the real write would and stores nothing', async (t) => {
  const { client } = await startWorld(t)
  const type = await typeOf(client, 'ConfigMap')

  const made = await client.create(type, configMap('a'), { dryRun: true })

  assert.equal(made.metadata.resourceVersion, undefined)
  assert.notEqual(made.metadata.uid, undefined)
  assert.equal(await client.get({ type, namespace: 'ns', name: 'a' }), undefined)
})

test('generated names differ and keep their prefix', async (t) => {
  const { client } = await startWorld(t)
  const type = await typeOf(client, 'ConfigMap')
  const { name: _name, ...metadata } = configMap('').metadata

  const made = await Promise.all(
    Array.from({ length: 20 }, () =>
      client.create(type, { ...configMap(''), metadata: { ...metadata, generateName: 'job-' } }),
    ),
  )

  const names = made.map((object) => object.metadata.name ?? '')
  assert.equal(new Set(names).size, 20)
  assert.ok(
    names.every((name) => /^job-[bcdfghjklmnpqrstvwxz2456789]{5}$/.test(name)),
    names.join(' '),
  )
})

test('finalizers hold an object until the last one goes', async (t) => {
  const { client } = await startWorld(t)
  const type = await typeOf(client, 'ConfigMap')
  const ref = { type, namespace: 'ns', name: 'a' }
  await client.create(type, configMap('a', {}, { finalizers: ['example.com/hold'] }))

  await client.delete(ref)
  const held = await client.get(ref)
  await client.patch(ref, 'merge', { metadata: { finalizers: null } })

  assert.notEqual(held?.metadata.deletionTimestamp, undefined)
  assert.equal(await client.get(ref), undefined)
})

test('status and spec are written apart, and only spec raises the generation', async (t) => {
  const { client } = await startWorld(t)
  const type = await typeOf(client, 'Deployment', 'apps')
  const template = { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'c', image: 'i' }] } }
  const spec = { replicas: 1, selector: { matchLabels: { a: 'b' } }, template }
  await client.create(type, {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'd', namespace: 'ns' },
    ...fields({ spec }),
  })
  const ref = { type, namespace: 'ns', name: 'd' }

  const status = await client.patch({ ...ref, subresource: 'status' }, 'merge', {
    status: { replicas: 1 },
    spec: { replicas: 9 },
  })
  const scaled = await client.patch(ref, 'merge', { spec: { replicas: 3 }, status: { replicas: 7 } })

  assert.partialDeepStrictEqual(status, { metadata: { generation: 1 }, spec: { replicas: 1 }, status: { replicas: 1 } })
  assert.partialDeepStrictEqual(scaled, { metadata: { generation: 2 }, spec: { replicas: 3 }, status: { replicas: 1 } })
})

test('a watch tells history, then changes, and ends with its signal', async (t) => {
  const { client } = await startWorld(t)
  const type = await typeOf(client, 'ConfigMap')
  const ref = { type, namespace: 'ns', name: 'a' }
  const made = await client.create(type, configMap('a', { k: '1' }))
  await client.patch(ref, 'merge', { data: { k: '2' } })
  const stop = new AbortController()
  const seen: WatchEvent[] = []

  const options = { namespace: 'ns', resourceVersion: made.metadata.resourceVersion ?? '', signal: stop.signal }
  for await (const event of client.watch(type, options)) {
    seen.push(event)
    if (event.type === 'MODIFIED') await client.delete(ref)
    else break
  }

  assert.deepEqual(
    seen.map((event) => event.type),
    ['MODIFIED', 'DELETED'],
  )
})

test('an object that leaves a label selector is deleted for its watcher', async (t) => {
  const { client } = await startWorld(t)
  const type = await typeOf(client, 'ConfigMap')
  const ref = { type, namespace: 'ns', name: 'a' }
  const made = await client.create(type, configMap('a', {}, { labels: { l: '1' } }))
  await client.patch(ref, 'merge', { metadata: { labels: { l: '2' } } })

  const watched = client.watch(type, {
    namespace: 'ns',
    labelSelector: 'l=1',
    resourceVersion: made.metadata.resourceVersion ?? '',
  })
  for await (const { type: kind, object } of watched) {
    assert.equal(kind, 'DELETED')
    assert.deepEqual(object.metadata.labels, { l: '1' })
    break
  }
})

test('initial events end with an annotated bookmark', async (t) => {
  const { send, client, clock } = await startWorld(t)
  await client.create(await typeOf(client, 'ConfigMap'), configMap('a'))
  const query =
    'watch=1&timeoutSeconds=5&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true'

  const answer = send('GET', `${MAPS}?${query}`)
  setImmediate(() => clock.advance(5_000))
  const events = (await answer).text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as WatchEvent)

  assert.deepEqual(
    events.map((event) => [event.type, event.object.metadata.annotations]),
    [
      ['ADDED', undefined],
      ['BOOKMARK', { 'k8s.io/initial-events-end': 'true' }],
      // Shortly before the end comes another one.
      ['BOOKMARK', undefined],
    ],
  )
})

test('a watcher that does not read is cut off instead of filling the memory', async (t) => {
  const { server, client } = await startWorld(t)
  const type = await typeOf(client, 'ConfigMap')
  const made = await client.create(type, configMap('a'))
  const path = `${MAPS}?watch=1&resourceVersion=${made.metadata.resourceVersion}`
  const answer = await server.handle({ method: 'GET', path, headers: {} }, CLUSTER_ADMIN)
  const count = MAX_WAITING_EVENTS + 1

  await Promise.all(Array.from({ length: count }, (_, index) => client.create(type, configMap(`m-${index}`))))

  assert.equal((await readAnswer(answer)).text, '')
})

test('pages of a list show one state, whatever is written in between', async (t) => {
  const { client, send } = await startWorld(t)
  const type = await typeOf(client, 'ConfigMap')
  for (const name of ['a', 'b', 'c', 'd']) await client.create(type, configMap(name))

  const first = await send('GET', `${MAPS}?limit=2`)
  await client.delete({ type, namespace: 'ns', name: 'c' })
  await client.create(type, configMap('e'))
  const metadata = first.json['metadata'] as { continue: string; remainingItemCount: number }
  const second = await send('GET', `${MAPS}?limit=2&continue=${encodeURIComponent(metadata.continue)}`)

  assert.equal(metadata.remainingItemCount, 2)
  const names = (second.json['items'] as KubeObject[]).map((item) => item.metadata.name)
  assert.deepEqual(names, ['c', 'd'])
})

const WIDGETS = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'widgets.example.com' },
  spec: {
    group: 'example.com',
    scope: 'Namespaced',
    names: { plural: 'widgets', kind: 'Widget' },
    versions: ['v1', 'v1beta1'].map((name) => ({
      name,
      served: true,
      storage: name === 'v1',
      schema: {
        openAPIV3Schema: {
          type: 'object',
          properties: {
            spec: {
              type: 'object',
              required: ['size'],
              properties: { size: { type: 'integer', minimum: 1 }, mode: { type: 'string', default: 'fast' } },
            },
          },
        },
      },
    })),
  },
}

async function define(world: World): Promise<ResourceType> {
  const { client } = world
  await client.create(await typeOf(client, 'CustomResourceDefinition', 'apiextensions.k8s.io'), WIDGETS)
  for (let turn = 0; turn < 100; turn++) {
    const type = await client.resourceOf({ group: 'example.com', kind: 'Widget', version: 'v1' })
    if (type !== undefined) return type
    await new Promise((resolve) => setImmediate(resolve))
  }
  throw new Error('the definition was not established')
}

function widget(spec: Record<string, unknown>): KubeObject {
  return { apiVersion: 'example.com/v1', kind: 'Widget', metadata: { name: 'w', namespace: 'ns' }, ...fields({ spec }) }
}

test('a custom resource is served without restart: pruned, defaulted, validated, in every version', async (t) => {
  const world = await startWorld(t)
  const type = await define(world)

  const made = await world.client.create(type, widget({ size: 2, unknown: true }))
  const other = await world.send('GET', '/apis/example.com/v1beta1/namespaces/ns/widgets/w')

  assert.deepEqual((made as KubeObject & { spec: unknown }).spec, { size: 2, mode: 'fast' })
  assert.equal(other.json['apiVersion'], 'example.com/v1beta1')
  await assert.rejects(world.client.create(type, widget({ size: 0 })), { status: 422, reason: 'Invalid' })
})

test('deleting a definition deletes its objects, then itself', async (t) => {
  const world = await startWorld(t)
  const type = await define(world)
  await world.client.create(type, widget({ size: 2 }))
  const definitions = await typeOf(world.client, 'CustomResourceDefinition', 'apiextensions.k8s.io')
  const ref = { type: definitions, name: 'widgets.example.com' }

  await world.client.delete(ref)
  for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve))

  assert.equal(await world.client.get(ref), undefined)
  assert.equal((await world.send('GET', '/apis/example.com/v1/namespaces/ns/widgets')).status, 404)
})

test('whoever is no administrator may read the public paths and nothing else', async (t) => {
  const { server } = await startWorld(t)
  await server.bootstrapRoles()
  const status = async (path: string): Promise<number> =>
    (await server.handle({ method: 'GET', path, headers: {} }, ANONYMOUS)).status

  assert.deepEqual(await Promise.all(['/healthz', '/version', '/api', MAPS].map(status)), [200, 200, 403, 403])
})

const PATHS: readonly [string, number][] = [
  ['/api/v1/namespaces/ns/configmaps/%2e%2e', 404],
  ['/api/v1/namespaces/ns/configmaps/..', 404],
  ['/api/v1/namespaces/ns//configmaps', 404],
  ['/api/v1/namespaces/ns/configmaps/a%2fb', 404],
  ['/api/v1/namespaces/ns/configmaps/%zz', 400],
  ['/api/v1/namespaces/ns/nothings', 404],
  [`/api/v1/${'x'.repeat(1_100_000)}`, 400],
]

test('paths that try to be clever lead nowhere', async (t) => {
  const { send } = await startWorld(t)

  const answers = await Promise.all(PATHS.map(async ([path]) => (await send('GET', path)).status))

  assert.deepEqual(
    answers,
    PATHS.map(([, status]) => status),
  )
})

test('bodies beyond the limits are refused', async (t) => {
  const { send } = await startWorld(t)
  const body = (size: number): string => JSON.stringify(configMap('a', { k: 'x'.repeat(size) }))
  const deep = `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"},"data":${'{"a":'.repeat(2_000)}1${'}'.repeat(2_000)}}`

  const tooLong = await send('POST', MAPS, { body: body(MAX_BODY_BYTES) })
  const revision = { ...configMap('a'), apiVersion: 'apps/v1', kind: 'ControllerRevision', revision: 1 }
  const large = JSON.stringify({ ...revision, data: { k: 'x'.repeat(MAX_OBJECT_BYTES) } })
  const tooLarge = await send('POST', '/apis/apps/v1/namespaces/ns/controllerrevisions', { body: large })
  const tooDeep = await send('POST', MAPS, { body: deep })

  assert.deepEqual([tooLong.status, tooLarge.status, tooDeep.status], [413, 500, 400])
  assert.match(String(tooLarge.json['message']), /request is too large/)
})
