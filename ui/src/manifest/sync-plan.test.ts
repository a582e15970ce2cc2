// Tests what a sync is said to change.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ignoreLines } from './ignore-lines.ts'
import { countChanges, planManifests, planSync } from './sync-plan.ts'
import { trackedBy } from './tracking.ts'

function config(name: string, color: string): string {
  return JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'n' }, data: { color } })
}

const item = (name: string, targetState: string, liveState: string) => ({
  kind: 'ConfigMap',
  namespace: 'n',
  name,
  targetState,
  liveState,
})

test('each resource is created, changed, pruned or kept; those alike, hooks and those not chosen are left out', () => {
  const items = [
    item('a', config('a', 'red'), 'null'),
    item('b', config('b', 'blue'), config('b', 'red')),
    item('c', 'null', config('c', 'red')),
    item('d', config('d', 'red'), config('d', 'red')),
    { ...item('e', config('e', 'red'), 'null'), hook: true },
    item('f', config('f', 'red'), 'null'),
  ]
  const selected = new Set(['a', 'b', 'c', 'd', 'e'].map((name) => `/ConfigMap/n/${name}`))
  const changes = (prune: boolean): unknown =>
    planSync(items, { selected, prune }).map(({ name, change }) => [name, change])

  assert.deepEqual(changes(true), [['a', 'created'], ['b', 'changed'], ['c', 'pruned']]) // prettier-ignore
  assert.deepEqual(changes(false), [['a', 'created'], ['b', 'changed'], ['c', 'kept']]) // prettier-ignore
})

test('two revisions are compared manifest by manifest', () => {
  const plan = planManifests([config('a', 'red'), config('b', 'red')], [config('b', 'blue'), config('c', 'red')])

  assert.deepEqual(Object.fromEntries(countChanges(plan)), { created: 1, changed: 1, pruned: 1 })
  assert.deepEqual(planManifests([config('a', 'red')], [config('a', 'red')]), [])
})

test('the lines that ignore a difference are those of ignoreDifferences', () => {
  const spec = { project: 'default', destination: {} }
  const application = { apiVersion: '', kind: '', metadata: {}, spec }
  const resource = { group: 'apps', kind: 'Deployment', name: 'web', namespace: 'on' }
  const lines = ignoreLines(resource, application, [
    '/spec/replicas',
    '.spec.template.spec.containers[] | select(.name == "x")',
  ])

  assert.equal(
    lines,
    `spec:
  ignoreDifferences:
    - group: apps
      kind: Deployment
      name: web
      namespace: 'on'
      jsonPointers:
        - /spec/replicas
      jqPathExpressions:
        - '.spec.template.spec.containers[] | select(.name == "x")'
  syncPolicy:
    syncOptions:
      - RespectIgnoreDifferences=true
`,
  )
  const respecting = {
    ...application,
    spec: { ...spec, syncPolicy: { syncOptions: ['RespectIgnoreDifferences=true'] } },
  }
  assert.doesNotMatch(ignoreLines({ kind: 'ConfigMap', name: 'a' }, respecting, ['/data/a']), /syncPolicy|group/)
  assert.equal(ignoreLines(resource, application, []), '')
})

test('what marks a resource as managed is its annotation, else its label', () => {
  const state = (metadata: object): string => JSON.stringify({ metadata })

  assert.equal(
    trackedBy(state({ annotations: { 'argocd.argoproj.io/tracking-id': 'web:/ConfigMap:n/a' } })),
    'web:/ConfigMap:n/a',
  )
  assert.equal(trackedBy(state({ labels: { 'app.kubernetes.io/instance': 'web' } })), 'web')
  assert.equal(trackedBy('null'), '')
  assert.equal(trackedBy(undefined), '')
})
