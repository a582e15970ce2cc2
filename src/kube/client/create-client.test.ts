// What the dynamic client asks for and makes of the answers, over a scripted transport.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { chunks, configMaps, failure, json, scripted, statusBody } from '../../../test/support/scripted-transport.ts'
import { type KubeClient } from './client.ts'
import { createClient } from './create-client.ts'

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
