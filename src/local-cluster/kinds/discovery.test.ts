// Tests of the discovery documents.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ServedResource } from './contract.ts'
import { aggregatedDiscovery, compareVersions, legacyGroup, legacyGroupList, legacyResourceList } from './discovery.ts'
import {
  builtinResource,
  builtinResourceOfKind,
  builtinResources,
  listKindOf,
  storageVersionHash,
} from './resources.ts'

const widget: ServedResource = {
  group: 'example.com',
  version: 'v1beta1',
  kind: 'Widget',
  resource: 'widgets',
  singular: 'widget',
  namespaced: true,
  verbs: ['get'],
  shortNames: ['wg'],
  categories: [],
  subresources: [{ name: 'scale', group: 'autoscaling', version: 'v1', kind: 'Scale', verbs: ['get'] }],
}

test('orders the versions of a group by stability, then by number', () => {
  const sorted = ['v1alpha1', 'v2beta2', 'foo', 'v10', 'v1', 'v2beta1', 'v2', 'bar'].sort(compareVersions)

  assert.deepEqual(sorted, ['v10', 'v2', 'v1', 'v2beta2', 'v2beta1', 'v1alpha1', 'bar', 'foo'])
})

test('lists a custom resource beside the built-in ones in every document', () => {
  const all = [...builtinResources(), widget, { ...widget, version: 'v1' }]
  const entry = { versions: [{ groupVersion: 'example.com/v1', version: 'v1' }, { groupVersion: 'example.com/v1beta1', version: 'v1beta1' }] } // prettier-ignore

  assert.partialDeepStrictEqual(legacyGroup(all, 'example.com'), { kind: 'APIGroup', ...entry })
  assert.equal(
    JSON.stringify(legacyGroupList(all)).includes('"preferredVersion":{"groupVersion":"example.com/v1"'),
    true,
  )
  assert.equal(legacyResourceList(all, 'example.com', 'v2'), undefined)
  assert.partialDeepStrictEqual(legacyResourceList(all, 'example.com', 'v1'), {
    resources: [{ name: 'widgets' }, { name: 'widgets/scale', group: 'autoscaling', version: 'v1', kind: 'Scale' }],
  })
  assert.equal(JSON.stringify(aggregatedDiscovery(all, 'named')).includes('"resource":"widgets"'), true)
  assert.equal(JSON.stringify(aggregatedDiscovery(all, 'core')).includes('widgets'), false)
})

test('finds a built-in resource by path and by kind', () => {
  const deployments = builtinResource('apps', 'v1', 'deployments')

  assert.equal(deployments, builtinResourceOfKind({ group: 'apps', version: 'v1', kind: 'Deployment' }))
  assert.deepEqual(deployments?.shortNames, ['deploy'])
  assert.equal(deployments === undefined ? '' : listKindOf(deployments), 'DeploymentList')
  assert.equal(builtinResource('apps', 'v1beta1', 'deployments'), undefined)
})

test('hashes the storage version of a custom resource as the real server does', () => {
  assert.equal(storageVersionHash({ group: 'structural.example.com', version: 'v1', kind: 'Widget' }), 'qhlBhOz+JU4=')
})
