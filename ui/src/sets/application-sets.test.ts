// Tests what the page tells of ApplicationSets.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ApplicationSet } from '../../../src/crds/application-set.ts'
import { parseManifest } from '../manifest/yaml.ts'
import { actOf, FIRST_SET, generatorWords, rbacNameOf, stateOf, writtenSet } from './application-sets.ts'

function setWith(...conditions: readonly string[]): ApplicationSet {
  return {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'ApplicationSet',
    metadata: { name: 'a', uid: 'u', labels: { team: 'x' } },
    spec: { generators: [], template: { metadata: {}, spec: { project: 'web', destination: {} } } },
    status: {
      conditions: conditions.map((type) => ({ type, status: 'True' as const, message: '', reason: '' })),
    },
  }
}

test('names generators with those inside', () => {
  const generators = [{ list: {} }, { matrix: { generators: [{ git: { repoURL: '' } }, { clusters: {} }] } }]

  assert.deepEqual(generatorWords(generators as ApplicationSet['spec']['generators']), [
    'list',
    'matrix (git, clusters)',
  ])
})

test('tells its state, errors first', () => {
  assert.equal(stateOf(setWith()), 'Unknown')
  assert.equal(stateOf(setWith('ResourcesUpToDate')), 'Healthy')
  assert.equal(stateOf(setWith('RolloutProgressing', 'ResourcesUpToDate')), 'Progressing')
  assert.equal(stateOf(setWith('ErrorOccurred', 'ResourcesUpToDate')), 'Error')
})

test('tells what a preview would do', () => {
  const lines = [
    { status: 'OutOfSync', health: { status: 'Missing' } },
    { status: 'OutOfSync', health: { status: 'Healthy' } },
    { status: 'OutOfSync', requiresPruning: true },
    { status: 'Synced' },
    { status: 'Unknown' },
  ] as const

  assert.deepEqual(lines.map(actOf), ['create', 'change', 'delete', 'keep', 'invalid'])
})

test('writes what people write, and begins with a set that can be read', () => {
  assert.deepEqual(Object.keys(writtenSet(setWith('ErrorOccurred'))), ['apiVersion', 'kind', 'metadata', 'spec'])
  assert.equal(rbacNameOf(setWith()), 'web/a')
  assert.equal(parseManifest(FIRST_SET)['kind'], 'ApplicationSet')
})
