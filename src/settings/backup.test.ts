import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { KubeObject } from '../kube/object.ts'
import {
  backupKind,
  exportedForm,
  isControlPlaneSecret,
  isSameAsBackup,
  withBackup,
  withLiveTracking,
} from './backup.ts'

const spec = { project: 'default', destination: {} }

function application(more: object = {}, metadata: object = {}): KubeObject {
  const own = { name: 'web', namespace: 'argocd', ...metadata }
  const object = { apiVersion: 'argoproj.io/v1alpha1', kind: 'Application', metadata: own, spec, ...more }
  return object
}

function secret(metadata: object, data: object = {}): KubeObject {
  const object = { apiVersion: 'v1', kind: 'Secret', metadata: { namespace: 'argocd', ...metadata }, data }
  return object
}

test('an object is exported without what only its cluster knows, its status with it', () => {
  const live = application(
    { status: { health: { status: 'Healthy' } }, operation: { sync: {} } },
    { uid: 'u', resourceVersion: '7', generation: 3, creationTimestamp: 't', labels: { a: 'b' }, finalizers: ['f'] },
  )
  assert.deepEqual(exportedForm(live, 'argocd'), {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Application',
    metadata: { name: 'web', labels: { a: 'b' }, finalizers: ['f'] },
    spec,
    status: { health: { status: 'Healthy' } },
    operation: { sync: {} },
  })
  const elsewhere = exportedForm(application({}, { namespace: 'team' }), 'argocd')
  assert.deepEqual(elsewhere['metadata'], { name: 'web', namespace: 'team' })
})

test('the Secrets of a control plane are its own, those with its label, and those its API made', () => {
  const cases: readonly (readonly [metadata: object, isOurs: boolean])[] = [
    [{ name: 'argocd-secret' }, true],
    [{ name: 'x', labels: { 'argocd.argoproj.io/secret-type': 'cluster' } }, true],
    [{ name: 'x', annotations: { 'managed-by': 'argocd.argoproj.io' } }, true],
    [{ name: 'x', annotations: { 'managed-by': 'somebody' } }, false],
    [{ name: 'argocd-initial-admin-secret' }, false],
  ]
  for (const [metadata, isOurs] of cases) assert.equal(isControlPlaneSecret(secret(metadata)), isOurs)
})

describe('an import', () => {
  const kubectl = { 'kubectl.kubernetes.io/last-applied-configuration': '{}' }
  const cases: readonly (readonly [says: string, backup: KubeObject, live: KubeObject, isSame: boolean])[] = [
    ['the same', application(), application({}, { uid: 'u' }), true],
    ["kubectl's annotation", application(), application({}, { annotations: kubectl }), true],
    ['times', application({ status: { reconciledAt: 'a' } }), application({ status: { reconciledAt: 'b' } }), true],
    ['a status', application({ status: { health: {} } }), application(), false],
    ['a spec', application(), application({ spec: { project: 'x' } }), false],
    ['a label', application({}, { labels: { a: 'b' } }), application(), false],
    ['a finalizer', application({}, { finalizers: ['f'] }), application(), false],
    ['data', secret({ name: 'a' }, { k: 'eA==' }), secret({ name: 'a' }, { k: 'eQ==' }), false],
  ]
  for (const [says, backup, live, isSame] of cases) {
    test(`${isSame ? 'does not mind' : 'writes'} ${says}`, () => {
      assert.equal(isSameAsBackup(backup, live), isSame)
    })
  }

  test('replaces what the backup says and keeps the rest', () => {
    const live = application(
      { status: { health: {} }, operation: { sync: {} } },
      { uid: 'u', resourceVersion: '7', labels: { old: 'x' }, finalizers: ['f'] },
    )
    const next = withBackup(application({ spec: { project: 'new' } }, { labels: { a: 'b' } }), live, false)
    assert.deepEqual(next, {
      ...application({ spec: { project: 'new' }, status: { health: {} }, operation: { sync: {} } }),
      metadata: { name: 'web', namespace: 'argocd', uid: 'u', resourceVersion: '7', labels: { a: 'b' } },
    })
    assert.equal('operation' in withBackup(application(), live, true), false)
  })

  test('keeps the mark of the application that delivers an object, where it is told to', () => {
    const mark = (app: string): object => ({
      annotations: { 'argocd.argoproj.io/tracking-id': app },
      labels: { 'app.kubernetes.io/instance': app },
    })
    const { metadata } = withLiveTracking(application({}, mark('old')), application({}, mark('now')))
    assert.deepEqual([metadata.annotations, metadata.labels], Object.values(mark('now')))
    const plain = application()
    assert.deepEqual(withLiveTracking(plain, application({}, mark('now'))), plain)
  })
})

test('a backup holds five kinds', () => {
  assert.equal(backupKind(application()), 'Application')
  assert.equal(backupKind(secret({ name: 'x' })), 'Secret')
  assert.equal(backupKind({ apiVersion: 'v1', kind: 'Pod', metadata: {} }), undefined)
  assert.equal(backupKind({ apiVersion: 'example.com/v1', kind: 'Application', metadata: {} }), undefined)
})
