// Tests the list of applications.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Application } from '../../../src/crds/application.ts'
import { applyEvents, mergeRead } from './application-list.ts'

interface Given {
  readonly version?: number
  readonly uid?: string
}

function app(name: string, { version = 1, uid = name }: Given = {}) {
  const application: Application = {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Application',
    metadata: { name, namespace: 'argocd', uid, resourceVersion: String(version), labels: { tier: `t-${name}` } },
    spec: {
      project: 'default',
      source: { repoURL: 'https://example.com/deploy.git', path: `apps/${name}` },
      destination: { server: 'https://kubernetes.default.svc', namespace: `ns-${name}` },
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
