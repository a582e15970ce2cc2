// Tests the NEW APP form.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { addToList, emptyForm, faultsOf, labelsOf, toApplication } from './new-application.ts'

const filled = {
  ...emptyForm,
  name: 'api-tester-2232-build-push-git',
  repoURL: 'https://example.com/kubernetes-anotherclass-sprint2.git',
  revision: 'main',
  path: '2232-build-push-git/deploy/helm/api-tester',
  namespace: 'anotherclass-223',
  valueFiles: ['values-dev.yaml'],
}

test('[001-36] the fields of the form become an Application', () => {
  assert.deepEqual(faultsOf(filled), {})
  assert.deepEqual(toApplication(filled), {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Application',
    metadata: { name: 'api-tester-2232-build-push-git' },
    spec: {
      project: 'default',
      source: {
        repoURL: 'https://example.com/kubernetes-anotherclass-sprint2.git',
        path: '2232-build-push-git/deploy/helm/api-tester',
        targetRevision: 'main',
        helm: { valueFiles: ['values-dev.yaml'] },
      },
      destination: { server: 'https://kubernetes.default.svc', namespace: 'anotherclass-223' },
    },
  })
})

test('[001-15] [001-16] [001-17] sync policy, options and labels are taken over; a cluster may be named', () => {
  const application = toApplication({
    ...filled,
    labels: 'team=web, tier=',
    policy: 'automatic',
    prune: true,
    syncOptions: ['CreateNamespace'],
    server: 'prod',
    revision: ' ',
    valueFiles: [],
  })

  assert.deepEqual(application, {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Application',
    metadata: { name: 'api-tester-2232-build-push-git', labels: { team: 'web', tier: '' } },
    spec: {
      project: 'default',
      source: {
        repoURL: 'https://example.com/kubernetes-anotherclass-sprint2.git',
        path: '2232-build-push-git/deploy/helm/api-tester',
        targetRevision: 'HEAD',
      },
      destination: { name: 'prod', namespace: 'anotherclass-223' },
      syncPolicy: { automated: { prune: true, selfHeal: false }, syncOptions: ['CreateNamespace=true'] },
    },
  })
})

test('says which fields are missing or wrong', () => {
  assert.deepEqual(faultsOf({ ...emptyForm, project: ' ' }), {
    name: 'required',
    project: 'required',
    repoURL: 'required',
    path: 'required',
  })
  for (const name of ['Web', '-web', 'web_1', 'w'.repeat(254), 'a..b']) {
    assert.deepEqual(faultsOf({ ...filled, name }), { name: 'name' }, name)
  }
  for (const name of ['web', 'a.b-c.1', 'w'.repeat(253)]) assert.deepEqual(faultsOf({ ...filled, name }), {}, name)
  assert.deepEqual(faultsOf({ ...filled, labels: 'team' }), { labels: 'labels' })
})

test('reads labels', () => {
  assert.deepEqual(labelsOf(''), {})
  assert.deepEqual(labelsOf(' a=1,b=2  c/d=x '), { a: '1', b: '2', 'c/d': 'x' })
  assert.equal(labelsOf('a=b=c'), undefined)
  assert.equal(labelsOf('=x'), undefined)
})

test('a list takes several names at once and none twice', () => {
  assert.deepEqual(addToList(['a'], 'b, a ,c,'), ['a', 'b', 'c'])
  assert.deepEqual(addToList(['a'], '  '), ['a'])
})
