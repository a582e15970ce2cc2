import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseApplicationSet } from './application-set.ts'
import { parseAppProject } from './app-project.ts'
import { parseApplication } from './application.ts'

const whole = {
  apiVersion: 'argoproj.io/v1alpha1',
  kind: 'Application',
  metadata: { name: 'guestbook', namespace: 'argocd' },
  spec: {
    project: 'default',
    destination: { server: 'https://kubernetes.default.svc', namespace: 'guestbook' },
    source: { repoURL: 'https://example.com/repo.git', path: '.', helm: { valuesObject: { any: [1, null] } } },
    somethingNew: { kept: true },
  },
}

test('a right Application is returned as it is, unknown fields and all', () => {
  assert.equal(parseApplication(whole), whole)
})

test('[002-06] a null where a field is optional counts as absent', () => {
  const automated = { prune: null, selfHeal: true }
  const value = { ...whole, spec: { ...whole.spec, syncPolicy: { automated, retry: null } } }

  const application = parseApplication(value)

  assert.deepEqual(application.spec, { ...whole.spec, syncPolicy: { automated: { selfHeal: true } } })
  assert.deepEqual(automated, { prune: null, selfHeal: true })
})

const refusals: readonly { readonly spec: unknown; readonly says: RegExp }[] = [
  { spec: undefined, says: /^invalid Application: spec: required$/ },
  { spec: { ...whole.spec, destination: null }, says: /spec\.destination: required/ },
  { spec: { ...whole.spec, project: 7 }, says: /spec\.project: expected a string, got 7/ },
  { spec: { ...whole.spec, sources: {} }, says: /spec\.sources: expected a list, got an object/ },
  { spec: { ...whole.spec, sources: [{}] }, says: /spec\.sources\[0\]\.repoURL: required/ },
  {
    spec: { ...whole.spec, syncPolicy: { automated: { prune: 'yes' } } },
    says: /spec\.syncPolicy\.automated\.prune: expected true or false, got "yes"/,
  },
  {
    spec: { ...whole.spec, source: { repoURL: '', kustomize: { commonLabels: { a: 1 } } } },
    says: /spec\.source\.kustomize\.commonLabels\.a: expected a string, got 1/,
  },
  {
    spec: { ...whole.spec, source: { repoURL: '', plugin: { parameters: [{ name: 'p', array: 'x' }] } } },
    says: /parameters\[0\]\.array: expected a list, got "x"/,
  },
  {
    spec: { ...whole.spec, revisionHistoryLimit: 1.5 },
    says: /revisionHistoryLimit: expected a whole number, got 1\.5/,
  },
  {
    spec: { ...whole.spec, info: Array.from({ length: 12 }, () => ({ name: 'n' })) },
    says: /info\[9\].*; and 2 more$/,
  },
]

for (const { spec, says } of refusals) {
  test(`an Application is refused with ${says.source}`, () => {
    assert.throws(() => parseApplication({ ...whole, spec }), { code: 'bad-input', message: says })
  })
}

test('another kind is refused by name', () => {
  assert.throws(() => parseAppProject(whole), { message: /kind: expected "AppProject", got "Application"/ })
  assert.throws(() => parseApplicationSet(null), { message: /expected an object, got null/ })
})
