// Tests the NEW APP form.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { cloneOf, formOfApplication, toApplication } from './application-manifest.ts'
import { addToList, emptyForm, emptySource, faultsOf, labelsOf, refusedField } from './new-application.ts'

const filled = {
  ...emptyForm,
  name: 'api-tester-2232-build-push-git',
  namespace: 'anotherclass-223',
  sources: [
    {
      ...emptySource,
      repoURL: 'https://example.com/kubernetes-anotherclass-sprint2.git',
      revision: 'main',
      path: '2232-build-push-git/deploy/helm/api-tester',
      valueFiles: ['values-dev.yaml'],
    },
  ],
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
    sources: filled.sources.map((source) => ({ ...source, revision: ' ', valueFiles: [] })),
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
    '0.repoURL': 'required',
    '0.path': 'required',
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

test('a chart and the values files of another source are two sources', () => {
  const chart = {
    ...emptySource,
    isChart: true,
    repoURL: 'https://charts.example.com',
    chart: 'web',
    revision: '1.2.3',
  }
  const form = {
    ...filled,
    sources: [
      { ...chart, valueFiles: ['$values/web/prod.yaml'] },
      { ...emptySource, repoURL: 'https://example.com/values.git', ref: 'values' },
    ],
  }

  assert.deepEqual(faultsOf(form), {})
  assert.deepEqual((toApplication(form)['spec'] as { readonly sources: unknown }).sources, [
    {
      repoURL: 'https://charts.example.com',
      chart: 'web',
      targetRevision: '1.2.3',
      helm: { valueFiles: ['$values/web/prod.yaml'] },
    },
    { repoURL: 'https://example.com/values.git', targetRevision: 'HEAD', ref: 'values' },
  ])
  assert.deepEqual(formOfApplication(toApplication(form)), form)
  assert.deepEqual(faultsOf({ ...filled, sources: [{ ...chart, chart: '' }] }), { '0.chart': 'required' })
})

test('what the form does not show of a manifest is kept', () => {
  const manifest = {
    metadata: { name: 'web', annotations: { a: 'b' } },
    spec: {
      project: 'default',
      source: { repoURL: 'r', path: 'p', kustomize: { namePrefix: 'x-' }, helm: { releaseName: 'y' } },
      destination: { name: 'prod', namespace: 'web' },
      syncPolicy: {
        automated: { prune: true, allowEmpty: true },
        syncOptions: ['Validate=false'],
        retry: { limit: 3 },
      },
      ignoreDifferences: [{ kind: 'Deployment' }],
    },
  }

  const written = toApplication({ ...formOfApplication(manifest), namespace: 'web-2' }, manifest)

  assert.deepEqual(written, {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Application',
    metadata: { name: 'web', annotations: { a: 'b' } },
    spec: {
      ...manifest.spec,
      source: { ...manifest.spec.source, targetRevision: 'HEAD' },
      destination: { name: 'prod', namespace: 'web-2' },
      syncPolicy: { ...manifest.spec.syncPolicy, automated: { prune: true, selfHeal: false, allowEmpty: true } },
    },
  })
})

test('a clone has neither the name nor the state of what it is made from', () => {
  const application = { metadata: { name: 'web', uid: 'u', labels: { a: 'b' } }, spec: { project: 'p' }, status: {} }

  assert.deepEqual(cloneOf(application), { metadata: { labels: { a: 'b' } }, spec: { project: 'p' } })
})

test('tells which field a refusal is about', () => {
  const cases = [
    ['app is not allowed in project "nope", or the project does not exist', 'project'],
    ['application spec is invalid: InvalidSpecError: web: app path does not exist', '0.path'],
    ['application destination server and namespace do not match', 'server'],
    ['something else', undefined],
  ] as const
  for (const [message, field] of cases) assert.equal(refusedField(message), field, message)
})
