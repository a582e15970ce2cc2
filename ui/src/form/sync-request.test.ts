// Tests what a sync asks for.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Application, ResourceStatus } from '../../../src/crds/application.ts'
import { firstChoice, syncRequest } from './sync-request.ts'

const resources: readonly ResourceStatus[] = [
  { group: 'apps', version: 'v1', kind: 'Deployment', namespace: 'n', name: 'web', status: 'OutOfSync' },
  { version: 'v1', kind: 'Service', namespace: 'n', name: 'web', status: 'Synced' },
]
const application: Application = {
  apiVersion: '',
  kind: '',
  metadata: {},
  spec: { project: 'default', destination: {}, source: { repoURL: 'r', targetRevision: 'main' } },
  status: { resources: [...resources, { kind: 'Job', name: 'migrate', hook: true }] },
}

test('at first everything at the own revision', () => {
  assert.deepEqual(syncRequest(firstChoice(application), resources, application), {
    revision: 'main',
    prune: false,
    dryRun: false,
  })
})

test('[001-12] [001-23] options and chosen resources are sent', () => {
  const choice = {
    ...firstChoice(application),
    prune: true,
    dryRun: true,
    selected: new Set(['apps/Deployment/n/web']),
  }

  assert.deepEqual(syncRequest({ ...choice, revision: ' v2 ' }, resources, application), {
    revision: 'v2',
    prune: true,
    dryRun: true,
    resources: [{ group: 'apps', kind: 'Deployment', namespace: 'n', name: 'web' }],
  })
})

test('force and apply only are strategies', () => {
  const choice = { ...firstChoice(application), revision: '' }
  const strategyOf = (force: boolean, applyOnly: boolean): unknown =>
    syncRequest({ ...choice, force, applyOnly }, resources, application).strategy

  assert.deepEqual(strategyOf(false, false), undefined)
  assert.deepEqual(strategyOf(true, false), { hook: { force: true } })
  assert.deepEqual(strategyOf(false, true), { apply: {} })
  assert.deepEqual(strategyOf(true, true), { apply: { force: true } })
})

test('several sources have no single revision', () => {
  const spec = { ...application.spec, sources: [{ repoURL: 'a' }, { repoURL: 'b' }] }

  assert.equal(firstChoice({ ...application, spec }).revision, '')
})
