// Tests what is taken from addresses.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readApplicationSearch, readListSearch, readLoginSearch } from './search.ts'

test('keeps a filter and drops what is none', () => {
  assert.deepEqual(readListSearch({ q: 'web', sync: ['Synced', 7], health: 'Degraded', order: 'recent', other: 1 }), {
    q: 'web',
    sync: ['Synced'],
    health: ['Degraded'],
    order: 'recent',
  })
  assert.deepEqual(readListSearch({ label: ['team=web'], repo: 'x', view: 'tiles', starred: true }), {
    label: ['team=web'],
    repo: ['x'],
    view: 'tiles',
    starred: true,
  })
  assert.deepEqual(readListSearch({ q: 42 }), { q: '42' })
  assert.deepEqual(readListSearch({ q: '', sync: [], order: 'name' }), {})
  assert.deepEqual(readListSearch({ q: {}, order: 'size' }), {})
})

test('a tab goes with a resource', () => {
  assert.deepEqual(readApplicationSearch({ resource: '/Pod/n/p', tab: 'live' }), { resource: '/Pod/n/p', tab: 'live' })
  assert.deepEqual(readApplicationSearch({ resource: 'x', tab: 'other' }), { resource: 'x' })
  assert.deepEqual(readApplicationSearch({ tab: 'live' }), {})
})

test('a view of the resources and its filters stay in the address', () => {
  assert.deepEqual(readApplicationSearch({ view: 'pods', find: 'web', kind: 'Pod', health: ['Degraded'], other: 1 }), {
    view: 'pods',
    find: 'web',
    kind: ['Pod'],
    health: ['Degraded'],
  })
  assert.deepEqual(readApplicationSearch({ view: 'tree', find: '', kind: [] }), {})
})

test('after the log-in leads to this page only', () => {
  assert.deepEqual(readLoginSearch({ to: '/applications/argocd/web?tab=live' }), {
    to: '/applications/argocd/web?tab=live',
  })
  for (const to of ['https://example.com', '//example.com', '/\\example.com', 'javascript:alert(1)', '', undefined]) {
    assert.deepEqual(readLoginSearch({ to }), {}, String(to))
  }
})
