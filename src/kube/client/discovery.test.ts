// Learning what a server has, over a scripted transport.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { json, scripted, statusBody } from '../../../test/support/scripted-transport.ts'
import { createClient } from './create-client.ts'
import type { ApiResponse } from './transport.ts'

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
