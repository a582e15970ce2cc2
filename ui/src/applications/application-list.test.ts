// Tests the list of applications.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Application } from '../../../src/crds/application.ts'
import { applyEvents, countBy, filterApplications, healthOf, mergeRead, sortApplications } from './application-list.ts'

interface Given {
  readonly version?: number
  readonly uid?: string
  readonly sync?: 'Synced' | 'OutOfSync'
  readonly health?: 'Healthy' | 'Degraded' | 'Progressing'
  readonly finishedAt?: string
}

function app(name: string, { version = 1, uid = name, sync = 'Synced', health = 'Healthy', finishedAt }: Given = {}) {
  const application: Application = {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Application',
    metadata: { name, namespace: 'argocd', uid, resourceVersion: String(version), labels: { tier: `t-${name}` } },
    spec: {
      project: 'default',
      source: { repoURL: 'https://example.com/deploy.git', path: `apps/${name}` },
      destination: { server: 'https://kubernetes.default.svc', namespace: `ns-${name}` },
    },
    status: {
      sync: { status: sync },
      health: { status: health },
      ...(finishedAt === undefined
        ? {}
        : { operationState: { operation: {}, phase: 'Succeeded' as const, startedAt: finishedAt, finishedAt } }),
    },
  }
  return application
}

function names(list: readonly Application[]): unknown {
  return list.map(({ metadata }) => `${metadata.name ?? ''}@${metadata.resourceVersion ?? ''}`)
}

test('events add, replace and remove, in any order of arrival', () => {
  const list = applyEvents(
    [app('a'), app('b', { version: 10 })],
    [
      { type: 'ADDED', application: app('c') },
      { type: 'MODIFIED', application: app('b', { version: 9 }) },
      { type: 'MODIFIED', application: app('c', { version: 2 }) },
      { type: 'DELETED', application: app('a', { version: 3 }) },
      {},
    ],
  )

  assert.deepEqual(names(list), ['b@10', 'c@2'])
})

test('an application made anew under the same name replaces the old one whatever its version', () => {
  const list = applyEvents([app('a', { version: 9 })], [{ type: 'ADDED', application: app('a', { uid: 'new' }) }])

  assert.deepEqual(names(list), ['a@1'])
})

test('a list that was read before an event does not undo it, but drops what is gone', () => {
  const merged = mergeRead(
    [app('a', { version: 1 }), app('b', { version: 5 })],
    [app('a', { version: 2 }), app('gone')],
  )

  assert.deepEqual(names(merged), ['a@2', 'b@5'])
})

test('finds words anywhere: name, source, destination, labels', () => {
  const list = [app('web'), app('api', { sync: 'OutOfSync' }), app('db', { health: 'Degraded' })]
  const find = (text: string, sync: string[] = [], health: string[] = []): unknown =>
    filterApplications(list, { text, sync, health }).map(({ metadata }) => metadata.name)

  assert.deepEqual(find(''), ['web', 'api', 'db'])
  assert.deepEqual(find('WEB'), ['web'])
  assert.deepEqual(find('deploy.git ns-a'), ['api'])
  assert.deepEqual(find('tier=t-db'), ['db'])
  assert.deepEqual(find('', ['OutOfSync']), ['api'])
  assert.deepEqual(find('', [], ['Healthy', 'Degraded']), ['web', 'api', 'db'])
  assert.deepEqual(find('web', ['OutOfSync']), [])
})

test('counts by a value', () => {
  assert.deepEqual(
    [...countBy([app('a'), app('b', { health: 'Degraded' }), app('c')], healthOf)],
    [
      ['Healthy', 2],
      ['Degraded', 1],
    ],
  )
})

test('sorts by name, by urgency, by the last operation', () => {
  const list = [
    app('d'),
    app('c', { health: 'Progressing', finishedAt: '2026-01-02T00:00:00Z' }),
    app('b', { sync: 'OutOfSync', finishedAt: '2026-01-03T00:00:00Z' }),
    app('a', { health: 'Degraded' }),
  ]
  const order = (by: 'name' | 'attention' | 'recent'): string =>
    sortApplications(list, by)
      .map(({ metadata }) => metadata.name)
      .join('')

  assert.deepEqual([order('name'), order('attention'), order('recent')], ['abcd', 'acbd', 'bcad'])
})
