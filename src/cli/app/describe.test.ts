import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Application } from '../../crds/application.ts'
import { conditionsWord, formatLines, headLines, syncPolicyWord, syncStatusLine } from './describe.ts'

function application(change: Partial<Application['spec']> = {}, status: Application['status'] = {}): Application {
  return {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Application',
    metadata: { name: 'web', namespace: 'argocd' },
    spec: {
      project: 'default',
      source: { repoURL: 'https://git.example/a.git', path: 'web', targetRevision: 'main' },
      destination: { server: 'https://kubernetes.default.svc', namespace: 'web' },
      ...change,
    },
    status,
  }
}

const REVISION = '0123456789abcdef0123456789abcdef01234567'

test('prints the head of `app get` as argocd does', () => {
  const sync = { status: 'Synced', revision: REVISION } as const
  const health = { status: 'Healthy' } as const

  const text = formatLines(headLines(application({}, { sync, health }), 'http://localhost/applications/web'))

  assert.equal(
    text,
    [
      'Name:               argocd/web',
      'Project:            default',
      'Server:             https://kubernetes.default.svc',
      'Namespace:          web',
      'URL:                http://localhost/applications/web',
      'Source:',
      '- Repo:             https://git.example/a.git',
      '  Target:           main',
      '  Path:             web',
      'SyncWindow:         Sync Allowed',
      'Sync Policy:        Manual',
      'Sync Status:        Synced to main (0123456)',
      'Health Status:      Healthy',
      '',
    ].join('\n'),
  )
})

const policies: readonly [Application['spec']['syncPolicy'], string][] = [
  [undefined, 'Manual'],
  [{ automated: { enabled: false } }, 'Manual'],
  [{ automated: {} }, 'Auto'],
  [{ automated: { prune: true } }, 'Auto-Prune'],
]
for (const [syncPolicy, word] of policies) {
  test(`[001-15] names the sync policy ${word} for ${JSON.stringify(syncPolicy)}`, () => {
    assert.equal(syncPolicyWord(application(syncPolicy === undefined ? {} : { syncPolicy })), word)
  })
}

test('an application out of sync is told from what; one pinned to a commit shows it once', () => {
  const pinned = application(
    { source: { repoURL: 'r', path: 'p', targetRevision: REVISION } },
    { sync: { status: 'OutOfSync', revision: REVISION } },
  )

  assert.equal(syncStatusLine(pinned), `OutOfSync from ${REVISION}`)
  assert.equal(syncStatusLine(application()), 'Unknown')
})

test('conditions are named by type, with their number', () => {
  assert.equal(conditionsWord(), '<none>')
  assert.equal(
    conditionsWord([
      { type: 'ComparisonError', message: 'a' },
      { type: 'SyncError', message: 'b' },
      { type: 'ComparisonError', message: 'c' },
    ]),
    'ComparisonError(2),SyncError',
  )
})

test('a hydrated application is shown by the branch it is synced from', () => {
  const sourceHydrator = {
    drySource: { repoURL: 'https://git.example/a.git', targetRevision: 'main', path: 'app' },
    syncSource: { targetBranch: 'env/prod', path: 'web' },
  }
  const { source: _, ...spec } = application().spec
  const text = formatLines(headLines({ ...application(), spec: { ...spec, sourceHydrator } }, ''))

  assert.match(text, /- Repo: {13}https:\/\/git\.example\/a\.git\n {2}Target: {11}env\/prod\n {2}Path: {13}web\n/)
})
