// How the usage of credentials is written into ConfigMaps and read again.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { KubeObject } from '../kube/object.ts'
import { usageConfigMap, usageOf } from './usage.ts'

describe('the usage of credentials', () => {
  const one = {
    applications: ['argocd/a'],
    namespaces: [{ cluster: 'https://c', namespace: 'web' }],
    clusters: ['https://c'],
    applicationCount: 1,
    namespaceCount: 1,
    expiresAt: '2026-01-01T12:00:00.000Z',
    errors: [],
  }

  test('is written into a ConfigMap and read again, that of several controllers together', () => {
    const maps = [
      usageConfigMap(new Map([['reg', one]]), 'argocd', '0'),
      usageConfigMap(new Map([['reg', { ...one, applications: ['argocd/b'] }]]), 'argocd', '1'),
    ]
    const usage = usageOf(maps).get('reg')
    assert.deepEqual(usage?.applications, ['argocd/a', 'argocd/b'])
    assert.equal(usage?.applicationCount, 2)
    assert.deepEqual(
      maps.map(({ metadata }) => metadata.name),
      ['argocd-registry-usage-0', 'argocd-registry-usage-1'],
    )
  })

  test('is that of maps with the label, and of entries that can be read', () => {
    const map = usageConfigMap(new Map([['reg', one]]), 'argocd', '')
    const { labels: _labels, ...metadata } = map.metadata
    assert.equal(usageOf([{ ...map, metadata } as KubeObject]).size, 0)
    assert.equal(usageOf([{ ...map, data: { reg: '{', other: '[]' } } as KubeObject]).size, 0)
  })
})
