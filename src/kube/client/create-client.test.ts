// The dynamic client over a scripted transport.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { ManualClock } from '../../base/clock.ts'
import { KubeError, type KubeClient, type ResourceType } from './client.ts'
import { createClient } from './create-client.ts'
import { MAX_RETRIES, MAX_RETRY_AFTER_MS } from './requests.ts'
import type { ApiRequest, ApiResponse, Transport } from './transport.ts'

const configMaps: ResourceType = {
  group: '',
  version: 'v1',
  resource: 'configmaps',
  kind: 'ConfigMap',
  namespaced: true,
  verbs: ['get', 'list', 'watch'],
  subresources: [],
}

type Answer = Partial<ApiResponse> | ((request: ApiRequest) => Partial<ApiResponse> | Promise<Partial<ApiResponse>>)

/** Answers requests one after the other; the last answer repeats. */
function scripted(...answers: readonly Answer[]): { transport: Transport; requests: ApiRequest[] } {
  const requests: ApiRequest[] = []
  const transport: Transport = {
    async send(request) {
      const answer = answers[Math.min(requests.length, answers.length - 1)]
      requests.push(request)
      const given = typeof answer === 'function' ? await answer(request) : answer
      return { status: 200, headers: {}, body: '{}', ...given }
    },
    async close() {},
  }
  return { transport, requests }
}

function json(value: unknown, status = 200, headers: Record<string, string> = {}): ApiResponse {
  return { status, headers, body: JSON.stringify(value) }
}

function statusBody(code: number, reason: string, name?: string): ApiResponse {
  return json({ kind: 'Status', status: 'Failure', message: `${reason} it is`, reason, code, details: { name } }, code)
}

async function* chunks(...parts: readonly (string | Uint8Array)[]): AsyncGenerator<string | Uint8Array> {
  for (const part of parts) yield await Promise.resolve(part)
}

async function collect<T>(events: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const event of events) all.push(event)
  return all
}

async function failure(promise: Promise<unknown>): Promise<KubeError> {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  assert.ok(error instanceof KubeError, `expected a KubeError, got ${String(error)}`)
  return error
}

/** Lets the clock run while a promise is pending. */
async function drive<T>(clock: ManualClock, promise: Promise<T>): Promise<T> {
  let pending = true
  const settled = promise.finally(() => {
    pending = false
  })
  settled.catch(() => undefined)
  while (pending) {
    await new Promise((resolve) => setImmediate(resolve))
    clock.advance(10_000)
  }
  return settled
}

describe('verbs', () => {
  const cases: readonly [string, (client: KubeClient) => Promise<unknown>, string, string?][] = [
    ['get', (c) => c.get({ type: configMaps, namespace: 'a', name: 'b' }), 'GET /api/v1/namespaces/a/configmaps/b'],
    [
      'subresource of cluster scope',
      (c) =>
        c.update(
          { type: { ...configMaps, resource: 'namespaces', namespaced: false }, name: 'n', subresource: 'finalize' },
          { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'n' } },
        ),
      'PUT /api/v1/namespaces/n/finalize',
    ],
    [
      'create',
      (c) =>
        c.create(
          configMaps,
          { apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace: 'a', name: 'b' } },
          { dryRun: true, fieldManager: 'x y', fieldValidation: 'Strict' },
        ),
      'POST /api/v1/namespaces/a/configmaps?fieldManager=x%20y&dryRun=All&fieldValidation=Strict',
    ],
    [
      'create of a subresource',
      (c) =>
        c.create(
          { ...configMaps, resource: 'pods' },
          { apiVersion: 'v1', kind: 'Binding', metadata: { namespace: 'a', name: 'b' } },
          { subresource: 'binding' },
        ),
      'POST /api/v1/namespaces/a/pods/b/binding',
    ],
    [
      'apply',
      (c) => c.patch({ type: configMaps, namespace: 'a', name: 'b' }, 'apply', {}, { force: true, fieldManager: 'm' }),
      'PATCH /api/v1/namespaces/a/configmaps/b?fieldManager=m&force=true',
      'application/apply-patch+yaml',
    ],
    [
      'strategic patch',
      (c) =>
        c.patch(
          { type: { ...configMaps, group: 'apps' }, namespace: 'a', name: 'b', subresource: 'scale' },
          'strategic',
          {},
        ),
      'PATCH /apis/apps/v1/namespaces/a/configmaps/b/scale',
      'application/strategic-merge-patch+json',
    ],
    [
      'delete',
      (c) => c.delete({ type: configMaps, namespace: 'a', name: 'b' }),
      'DELETE /api/v1/namespaces/a/configmaps/b',
    ],
  ]
  for (const [name, call, line, contentType] of cases) {
    test(`${name} asks for ${line}`, async () => {
      const { transport, requests } = scripted(json({ kind: 'x' }))

      await call(createClient(transport))

      assert.equal(`${requests[0]?.method} ${requests[0]?.path}`, line)
      if (contentType !== undefined) assert.equal(requests[0]?.headers['content-type'], contentType)
    })
  }

  test('a missing object is undefined to get and false to delete', async () => {
    const client = createClient(scripted(statusBody(404, 'NotFound', 'b')).transport)

    assert.equal(await client.get({ type: configMaps, namespace: 'a', name: 'b' }), undefined)
    assert.equal(await client.delete({ type: configMaps, namespace: 'a', name: 'b' }), false)
  })

  test('an error answer becomes a KubeError with code, reason and details', async () => {
    const client = createClient(scripted(statusBody(409, 'AlreadyExists', 'b')).transport)
    const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace: 'a', name: 'b' } }

    const error = await failure(client.create(configMaps, object))

    assert.deepEqual(
      [error.status, error.reason, error.code, error.message],
      [409, 'AlreadyExists', 'already-exists', 'AlreadyExists it is'],
    )
    assert.equal(error.details?.['name'], 'b')
  })

  test('an error page of a proxy becomes a KubeError with its text', async () => {
    const client = createClient(scripted({ status: 502, body: ' bad gateway \n' }).transport)

    const error = await failure(client.serverVersion())

    assert.deepEqual([error.status, error.reason, error.message], [502, 'InternalError', 'bad gateway'])
  })
})

describe('list', () => {
  test('follows continue and gives built-in items their kind', async () => {
    const { transport, requests } = scripted(
      json({ metadata: { resourceVersion: '7', continue: 'tok' }, items: [{ metadata: { name: 'a' } }] }),
      json({ metadata: { resourceVersion: '7' }, items: [{ metadata: { name: 'b' } }] }),
    )

    const list = await createClient(transport).list(configMaps, { namespace: 'n', labelSelector: 'a=b' })

    assert.deepEqual(
      list.items.map((item) => [item.apiVersion, item.kind, item.metadata.name]),
      [
        ['v1', 'ConfigMap', 'a'],
        ['v1', 'ConfigMap', 'b'],
      ],
    )
    assert.equal(list.resourceVersion, '7')
    assert.deepEqual(
      requests.map((request) => request.path),
      [
        '/api/v1/namespaces/n/configmaps?labelSelector=a%3Db&limit=500',
        '/api/v1/namespaces/n/configmaps?labelSelector=a%3Db&limit=500&continue=tok',
      ],
    )
  })

  test('reads all at once when the continue token has expired', async () => {
    const { transport, requests } = scripted(
      json({ metadata: { resourceVersion: '7', continue: 'tok' }, items: [{ metadata: { name: 'a' } }] }),
      statusBody(410, 'Expired'),
      json({ metadata: { resourceVersion: '9' }, items: [] }),
    )

    const list = await createClient(transport).list(configMaps)

    assert.equal(list.resourceVersion, '9')
    assert.equal(requests[2]?.path, '/api/v1/configmaps')
  })

  test('refuses a body above the limit', async () => {
    const client = createClient(scripted(() => ({ body: chunks('[1', ',2]') })).transport, { maxBodyBytes: 3 })

    assert.match((await failure(client.list(configMaps))).message, /larger than 3 bytes/)
  })
})

describe('retries and deadlines', () => {
  test('waits as long as Retry-After says, then sends again', async () => {
    const clock = new ManualClock()
    const { transport, requests } = scripted(
      { status: 429, headers: { 'retry-after': '1' } },
      json({ gitVersion: 'v1.36.3' }),
    )

    const version = await drive(clock, createClient(transport, { clock }).serverVersion())

    assert.equal(version.gitVersion, 'v1.36.3')
    assert.equal(requests.length, 2)
  })

  test('gives up after the largest number of retries', async () => {
    const clock = new ManualClock()
    const { transport, requests } = scripted({ status: 503, headers: { 'retry-after': '1' }, body: 'later' })
    const client = createClient(transport, { clock, requestTimeoutMs: 10_000_000 })

    const error = await failure(drive(clock, client.serverVersion()))

    assert.equal(error.status, 503)
    assert.equal(requests.length, MAX_RETRIES + 1)
  })

  test('never waits longer than the bound for one retry', async () => {
    const clock = new ManualClock()
    const sentAt: number[] = []
    const answer = (): Partial<ApiResponse> => {
      sentAt.push(clock.now())
      return sentAt.length === 1 ? { status: 429, headers: { 'retry-after': '86400' } } : {}
    }

    await drive(clock, createClient(scripted(answer).transport, { clock, requestTimeoutMs: 1e9 }).serverVersion())

    assert.equal((sentAt[1] ?? 0) - (sentAt[0] ?? 0), MAX_RETRY_AFTER_MS)
  })

  test('an answer that never comes is a time-out', async () => {
    const clock = new ManualClock()
    const client = createClient(scripted(() => new Promise(() => undefined)).transport, { clock })

    const error = await failure(drive(clock, client.serverVersion()))

    assert.deepEqual([error.code, error.message], ['timeout', 'GET /version: no answer within 60 s'])
  })

  test('the caller can give up, with its own reason', async () => {
    const client = createClient(scripted(() => new Promise(() => undefined)).transport)
    const controller = new AbortController()
    const pending = client.serverVersion(controller.signal)

    controller.abort(new Error('enough'))

    await assert.rejects(pending, /^Error: enough$/)
  })

  test('a read on a connection that was closed meanwhile is sent once more, a write is not', async () => {
    let sent = 0
    const transport: Transport = {
      send() {
        sent++
        return Promise.reject(Object.assign(new Error('other side closed'), { code: 'UND_ERR_SOCKET' }))
      },
      async close() {},
    }
    const client = createClient(transport)

    const read = await failure(client.serverVersion())
    const reads = sent
    await failure(client.delete({ type: configMaps, namespace: 'a', name: 'b' }))

    assert.deepEqual([read.code, reads, sent], ['unavailable', 2, 3])
  })
})

describe('watch', () => {
  const event = (type: string, name: string): string =>
    `${JSON.stringify({ type, object: { kind: 'ConfigMap', apiVersion: 'v1', metadata: { name } } })}\n`

  test('puts events together that were split anywhere, multi-byte letters too', async () => {
    const bytes = Buffer.from(event('ADDED', 'grün') + event('DELETED', 'blau'))
    const parts = [...bytes].map((byte) => Uint8Array.of(byte))
    const { transport, requests } = scripted(() => ({ body: chunks(...parts) }))

    const events = await collect(
      createClient(transport, { watchTimeoutSeconds: 60 }).watch(configMaps, { resourceVersion: '5' }),
    )

    assert.deepEqual(
      events.map((one) => [one.type, one.object.metadata.name]),
      [
        ['ADDED', 'grün'],
        ['DELETED', 'blau'],
      ],
    )
    assert.equal(
      requests[0]?.path,
      '/api/v1/configmaps?watch=true&allowWatchBookmarks=true&resourceVersion=5&timeoutSeconds=60',
    )
  })

  test('an ERROR event is thrown as its Status', async () => {
    const error = {
      type: 'ERROR',
      object: { kind: 'Status', code: 410, reason: 'Expired', message: 'too old resource version' },
    }
    const client = createClient(
      scripted(() => ({ body: chunks(event('ADDED', 'a'), `${JSON.stringify(error)}\n`) })).transport,
    )

    const thrown = await failure(collect(client.watch(configMaps, { resourceVersion: '1' })))

    assert.deepEqual([thrown.status, thrown.reason], [410, 'Expired'])
  })

  test('ends a server that outstays its time-out, without an error', async () => {
    const clock = new ManualClock()
    async function* silent(signal: AbortSignal | undefined): AsyncGenerator<string> {
      yield event('ADDED', 'a')
      const ended = Promise.withResolvers<never>()
      signal?.addEventListener('abort', () => ended.reject(new Error('torn')), { once: true })
      await ended.promise
    }
    const client = createClient(scripted((request) => ({ body: silent(request.signal) })).transport, {
      clock,
      watchTimeoutSeconds: 1,
    })

    const events = await drive(clock, collect(client.watch(configMaps, { resourceVersion: '1' })))

    assert.equal(events.length, 1)
  })
})

describe('discovery', () => {
  const group = (name: string, version: string, resource: string, kind: string): unknown => ({
    metadata: { name },
    versions: [
      {
        version,
        resources: [
          {
            resource,
            responseKind: { group: name, version, kind },
            scope: 'Namespaced',
            verbs: ['get'],
            subresources: [{ subresource: 'status' }],
          },
        ],
      },
    ],
  })
  const aggregated = (...items: readonly unknown[]): ApiResponse => json({ kind: 'APIGroupDiscoveryList', items })

  test('is read once, and once more after a miss', async () => {
    let installed = false
    const { transport, requests } = scripted((request) => {
      if (request.path === '/api') return aggregated(group('', 'v1', 'pods', 'Pod'))
      return installed ? aggregated(group('x.io', 'v1', 'things', 'Thing')) : aggregated()
    })
    const client = createClient(transport)

    const pods = await client.resourceOf({ group: '', kind: 'Pod' })
    await client.resourceOf({ group: '', kind: 'Pod' })
    const before = await client.resourceOf({ group: 'x.io', kind: 'Thing' })
    installed = true
    const after = await client.resourceOf({ group: 'x.io', kind: 'Thing', version: 'v1' })

    assert.deepEqual([pods?.resource, pods?.namespaced, pods?.subresources], ['pods', true, ['status']])
    assert.deepEqual([before, after?.resource], [undefined, 'things'])
    assert.equal(requests.length, 6)
  })

  test('reads group by group where the server knows no aggregation', async () => {
    const bodies: Readonly<Record<string, unknown>> = {
      '/api': { kind: 'APIVersions', versions: ['v1'] },
      '/apis': {
        kind: 'APIGroupList',
        groups: [
          {
            name: 'apps',
            versions: [{ groupVersion: 'apps/v1beta1' }, { groupVersion: 'apps/v1' }],
            preferredVersion: { groupVersion: 'apps/v1' },
          },
          {
            name: 'down.io',
            versions: [{ groupVersion: 'down.io/v1' }],
            preferredVersion: { groupVersion: 'down.io/v1' },
          },
        ],
      },
      '/api/v1': {
        groupVersion: 'v1',
        resources: [{ name: 'nodes', kind: 'Node', namespaced: false, verbs: ['get'] }],
      },
      '/apis/apps/v1': {
        groupVersion: 'apps/v1',
        resources: [
          { name: 'deployments', kind: 'Deployment', namespaced: true, verbs: ['get'] },
          { name: 'deployments/scale', kind: 'Scale', namespaced: true, verbs: ['get'] },
        ],
      },
      '/apis/apps/v1beta1': {
        groupVersion: 'apps/v1beta1',
        resources: [{ name: 'deployments', kind: 'Deployment', namespaced: true, verbs: [] }],
      },
    }
    const { transport } = scripted((request) => {
      const body = bodies[request.path]
      return body === undefined ? statusBody(503, 'ServiceUnavailable') : json(body)
    })

    const resources = await createClient(transport).resources()

    assert.deepEqual(
      resources.map((one) => [one.version, one.resource, one.namespaced, one.subresources]),
      [
        ['v1', 'nodes', false, []],
        ['v1', 'deployments', true, ['scale']],
      ],
    )
  })
})
