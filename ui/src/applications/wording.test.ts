// Tests short forms of revisions, sources and times, and the meaning of states.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { adviceOf, isErrorCondition, toneOf } from './status.ts'
import { repositoryLabel, shortRevision, sourceWords, timeAgo } from './wording.ts'

test('shortens commit ids only', () => {
  assert.equal(shortRevision('3ca366fbef5c2b78e5e7afc5160d61b4281b6785'), '3ca366f')
  assert.equal(shortRevision('v1.2.3'), 'v1.2.3')
  assert.equal(shortRevision('feature/abcdef'), 'feature/abcdef')
})

test('names a repository by its last two parts', () => {
  const cases = [
    ['https://github.com/argoproj/argocd-example-apps.git', 'argoproj/argocd-example-apps'],
    ['git@github.com:org/repo.git', 'org/repo'],
    ['ssh://git@host:22/a/b/c.git/', 'b/c'],
    ['file:///srv/deploy', 'srv/deploy'],
    ['https://example.com', 'https://example.com'],
    ['', ''],
  ] as const
  for (const [url, label] of cases) assert.equal(repositoryLabel(url), label, url)
})

test('says where an application comes from, and how many more sources there are', () => {
  const base = { apiVersion: '', kind: '', metadata: {} }
  const destination = {}
  const source = { repoURL: 'https://h/o/r', path: 'p' }

  assert.deepEqual(sourceWords({ ...base, spec: { project: '', destination, source } }), {
    repository: 'o/r',
    place: 'p',
    revision: 'HEAD',
  })
  assert.deepEqual(
    sourceWords({
      ...base,
      spec: {
        project: '',
        destination,
        sources: [{ repoURL: 'https://h/c', chart: 'web', targetRevision: '1.x' }, source],
      },
    }),
    { repository: 'c +1', place: 'web', revision: '1.x' },
  )
})

test('tells times in the language, never in the future', () => {
  const now = Date.parse('2026-01-01T12:00:00Z')
  const cases = [
    ['2026-01-01T11:59:30Z', 'en', '30 seconds ago'],
    ['2026-01-01T12:00:09Z', 'en', 'now'],
    ['2026-01-01T09:10:00Z', 'en', '2 hours ago'],
    ['2025-12-31T11:00:00Z', 'en', 'yesterday'],
    ['2026-01-01T11:57:00Z', 'ko', '3분 전'],
    ['', 'en', ''],
  ] as const
  for (const [time, language, text] of cases) assert.equal(timeAgo(time, now, language), text)
})

test('states and conditions that are not known are quiet and still have advice', () => {
  assert.deepEqual([toneOf('Degraded'), toneOf('OutOfSync'), toneOf('Brand new')], ['bad', 'warn', 'quiet'])
  assert.deepEqual([adviceOf('ComparisonError'), adviceOf('Brand new')], ['advice.comparison', 'advice.unknown'])
  assert.deepEqual([isErrorCondition('SyncError'), isErrorCondition('OrphanedResourceWarning')], [true, false])
})
