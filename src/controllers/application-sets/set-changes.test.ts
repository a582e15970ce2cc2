// Tests of what asks for a pass over an ApplicationSet, and what does not.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { applicationSetOf } from '../../../test/support/application-sets.ts'
import type { ApplicationSet } from '../../crds/application-set.ts'
import { type Application, parseApplication } from '../../crds/application.ts'
import { asksForPass, effectOf, followsClusters, followsRepository } from './set-changes.ts'

function application(metadata: object = {}, status: object = {}, spec: object = {}): Application {
  return parseApplication({
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Application',
    metadata: { name: 'a', namespace: 'argocd', ...metadata },
    spec: { project: 'default', destination: {}, ...spec },
    status,
  })
}

const CHANGES: readonly (readonly [string, Application, string, string])[] = [
  ['nothing', application({ resourceVersion: '2' }), 'none', 'none'],
  ['the spec', application({}, {}, { project: 'other' }), 'pass', 'pass'],
  ['a label', application({ labels: { a: 'b' } }), 'pass', 'pass'],
  ['an annotation', application({ annotations: { a: 'b' } }), 'pass', 'pass'],
  ['a finalizer', application({ finalizers: ['a/b'] }), 'pass', 'pass'],
  [
    'a refresh that others ask for',
    application({ annotations: { 'argocd.argoproj.io/refresh': 'normal' } }),
    'none',
    'none',
  ],
  ['health', application({}, { health: { status: 'Healthy' } }), 'status', 'pass'],
  ['sync', application({}, { sync: { status: 'Synced' } }), 'status', 'pass'],
  ['when it was compared', application({}, { reconciledAt: '2026-01-01T00:00:00Z' }), 'none', 'pass'],
  [
    'an operation',
    application({}, { operationState: { operation: {}, phase: 'Running', startedAt: '2026-01-01T00:00:00Z' } }),
    'none',
    'pass',
  ],
]

test('a changed Application asks for a pass, for its line in the status, or for nothing', () => {
  for (const [what, next, plain, progressive] of CHANGES) {
    assert.equal(effectOf(application(), next, false), plain, what)
    assert.equal(effectOf(application(), next, true), progressive, `${what}, progressive`)
  }
})

test('a set is looked at for what people change, not for its own bookkeeping', () => {
  const set = applicationSetOf([{ list: { elements: [] } }])
  const refresh = { 'argocd.argoproj.io/application-set-refresh': 'true' }
  const withMetadata = (more: object): ApplicationSet => ({ ...set, metadata: { ...set.metadata, ...more } })
  const asked = withMetadata({ annotations: refresh })
  const told: ApplicationSet = { ...set, status: { applicationStatus: [], conditions: [] } }
  const rolled = { ...set, status: { applicationStatus: [{ application: 'a' }] } } as unknown as ApplicationSet

  assert.equal(asksForPass(set, told, true), false)
  assert.equal(asksForPass(set, { ...set, spec: { ...set.spec, goTemplate: true } }, false), true)
  assert.equal(asksForPass(set, withMetadata({ labels: { a: 'b' } }), false), true)
  assert.equal(asksForPass(set, withMetadata({ deletionTimestamp: '2026-01-01T00:00:00Z' }), false), true)
  assert.equal(asksForPass(set, asked, false), true)
  assert.equal(asksForPass(asked, set, false), false)
  assert.deepEqual([asksForPass(set, rolled, true), asksForPass(set, rolled, false)], [true, false])
})

test('finds clusters and repositories at every depth', () => {
  const git = (repoURL: string): object => ({ git: { repoURL, revision: 'HEAD', directories: [] } })
  const nested = (inner: object): object => ({
    matrix: { generators: [{ list: {} }, { merge: { mergeKeys: [], generators: [{ list: {} }, inner] } }] },
  })
  const plain = applicationSetOf([{ list: { elements: [] } }])

  assert.deepEqual(
    [followsClusters(plain), followsClusters(applicationSetOf([nested({ clusters: {} })]))],
    [false, true],
  )
  assert.equal(followsRepository(plain, 'https://git.example.com/r'), false)
  assert.equal(
    followsRepository(applicationSetOf([nested(git('https://git.example.com/r.git'))]), 'https://git.example.com/r'),
    true,
  )
  assert.equal(
    followsRepository(applicationSetOf([git('https://git.example.com/{{.x}}')]), 'https://git.example.com/r'),
    true,
  )
  assert.equal(
    followsRepository(applicationSetOf([git('https://git.example.com/other')]), 'https://git.example.com/r'),
    false,
  )
})
