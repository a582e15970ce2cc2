import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseApplication } from '../../../crds/application.ts'
import { isKnownSource } from './known-source.ts'

const repoURL = 'https://git.example.com/deploy.git'
const source = { repoURL, path: 'web', targetRevision: 'main', helm: { valueFiles: ['prod.yaml'] } }
const application = parseApplication({
  apiVersion: 'argoproj.io/v1alpha1',
  kind: 'Application',
  metadata: { name: 'web', namespace: 'argocd' },
  spec: { project: 'default', source, destination: { server: 'https://kubernetes.default.svc', namespace: 'web' } },
  status: {
    history: [
      {
        id: 1,
        revision: 'abc',
        source: { repoURL, path: 'old', targetRevision: 'main' },
        deployedAt: '2026-01-01T00:00:00Z',
      },
    ],
  },
})

for (const [what, wanted, isKnown] of [
  ['its source', source, true],
  ['its source as the wire fills it', { ...source, chart: '', helm: { ...source.helm, parameters: [] } }, true],
  ['what was synced, at that revision', { repoURL, path: 'old', targetRevision: 'abc' }, true],
  ['what was synced, at a branch', { repoURL, path: 'old', targetRevision: 'main' }, false],
  ['another folder', { ...source, path: 'secret' }, false],
  ['other values', { ...source, helm: { valueFiles: ['../secret/values.yaml'] } }, false],
] as const) {
  test(`${what} is ${isKnown ? '' : 'not '}the application's`, () => {
    assert.equal(isKnownSource(application, wanted), isKnown)
  })
}
