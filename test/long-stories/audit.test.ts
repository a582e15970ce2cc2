// Who did what: a line of the log for every call that may change something, and Events of the objects; nothing secret, nothing forged.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { createApiClient, type ApiClient } from '../../src/api/client/client.ts'
import { routes } from '../../src/api/routes.ts'
import { systemClock } from '../../src/base/clock.ts'
import { CapstanError } from '../../src/base/errors.ts'
import { createLog } from '../../src/base/log.ts'
import type { KubeObject } from '../../src/kube/object.ts'
import { isChange } from '../../src/server/call-record.ts'
import { startStoryPlane, type StoryPlane } from '../support/control-plane.ts'
import { makeWhatCallsAreAbout, requestOf } from '../support/every-call.ts'
import { until } from '../support/until.ts'

const TABLE = readFileSync(join(import.meta.dirname, '../../docs/reference/access.md'), 'utf8')
const PATIENCE_MS = 60_000
const SECRET = 'do-not-tell-4711'
const FORGED = 'web\nlevel=error msg="all is lost"\u2028\u001b[31m'

type Line = Readonly<Record<string, unknown>>

/** Calls, whatever comes of it. */
async function attempt(api: ApiClient, name: string, request: object): Promise<string> {
  try {
    await api.call(name, { ...request }, AbortSignal.timeout(PATIENCE_MS))
    return 'done'
  } catch (error) {
    if (!(error instanceof CapstanError)) throw error
    return ['forbidden', 'unauthenticated'].includes(error.code) ? 'refused' : 'failed'
  }
}

async function eventsOf(story: StoryPlane): Promise<readonly string[]> {
  const type = await story.client.resourceOf({ group: '', kind: 'Event', version: 'v1' })
  assert.ok(type)
  const { items } = await story.client.list(type)
  return items.map((item) => {
    const event = item as KubeObject & { reason?: string; message?: string; involvedObject?: { kind?: string } }
    return `${event.involvedObject?.kind} ${event.reason}: ${event.message}`
  })
}

test('every change is told with who asked, for what, from where and how it ended', async (t) => {
  const texts: string[] = []
  const lines = (): readonly Line[] => texts.map((text) => JSON.parse(text) as Line)
  const log = createLog({ clock: systemClock, level: 'info', format: 'json', write: (line) => texts.push(line) })
  const story = await startStoryPlane(t, { log })
  await makeWhatCallsAreAbout(story)
  const anonymous = createApiClient({ baseUrl: story.plane.url, send: fetch })
  // Two names of a call share a path: over REST the first one is called.
  const changes = [...new Map(routes.toReversed().map((route) => [`${route.verb} ${route.path}`, route])).values()]
    .filter(isChange)
    .filter(({ service, method }) => TABLE.includes(`| \`${service}/${method}\` |`))
    // Deletions end what other calls are about.
    .toSorted((a, b) => Number(a.method.startsWith('Delete')) - Number(b.method.startsWith('Delete')))
  assert.ok(changes.length > 40, `${changes.length} calls change something`)

  for (const [api, user] of [
    [anonymous, undefined],
    [story.api, 'admin'],
  ] as const) {
    for (const route of changes) {
      const from = texts.length
      const outcome = await attempt(api, `${route.service}/${route.method}`, requestOf(route))
      const isOurs = (line: Line): boolean =>
        line['msg'] === 'change' && line['service'] === route.service && line['method'] === route.method
      const found = await until(route.method, () => lines().slice(from).filter(isOurs), ({ length }) => length > 0) // prettier-ignore
      assert.equal(found.length, 1, `${route.service}/${route.method}`)
      const [line = {}] = found
      assert.deepEqual([line['user'], line['outcome'], line['protocol']], [user, outcome, 'rest'], route.method)
      assert.match(String(line['address']), /127\.0\.0\.1/)
      assert.equal(typeof line['ms'], 'number')
      if (user === undefined) assert.deepEqual([line['code'], outcome], ['Unauthenticated', 'refused'], route.method)
      else if (route.service === 'application.ApplicationService')
        assert.equal(line['project'], 'default', route.method)
    }
  }

  // Logins are told, too, those that fail with the name that was tried.
  const from = texts.length
  await attempt(anonymous, 'session.SessionService/Create', { username: FORGED, password: SECRET })
  await attempt(story.api, 'application.ApplicationService/Delete', { name: FORGED, project: `${FORGED}${'x'.repeat(5000)}` }) // prettier-ignore
  const repo = { repo: `https://ada:${SECRET}@127.0.0.1:1/x.git`, password: SECRET, sshPrivateKey: SECRET }
  await attempt(story.api, 'repository.RepositoryService/Create', { repo })
  await attempt(story.api, 'cluster.ClusterService/Create', { cluster: { server: 'https://127.0.0.1:1', name: 'x', config: { bearerToken: SECRET } } }) // prettier-ignore
  await attempt(story.api, 'account.AccountService/UpdatePassword', { name: 'admin', newPassword: SECRET, currentPassword: SECRET }) // prettier-ignore
  const told = lines()
    .slice(from)
    .filter(({ msg }) => msg === 'change')
  assert.deepEqual(
    told.map(({ method, name, outcome }) => [method, name, outcome]),
    [
      ['Create', FORGED, 'refused'],
      ['Delete', FORGED, 'failed'],
      ['Create', 'https://***@127.0.0.1:1/x.git', 'failed'],
      ['Create', 'https://127.0.0.1:1', 'failed'],
      ['UpdatePassword', 'admin', 'failed'],
    ],
  )
  for (const text of texts) {
    assert.doesNotMatch(text, new RegExp(SECRET))
    assert.doesNotMatch(text, /[\p{Cc}\p{Zl}\p{Zp}]/u, 'a line is one line')
    assert.ok(text.length < 4000, 'what callers choose is cut')
  }
})

test('changes of applications are told as Events, in the words of upstream', async (t) => {
  const story = await startStoryPlane(t)
  await makeWhatCallsAreAbout(story)
  const service = 'application.ApplicationService'
  const spec = { project: 'default', source: { repoURL: 'https://127.0.0.1:1/deploy.git', path: '.', targetRevision: 'v1' }, destination: { server: 'https://kubernetes.default.svc', namespace: 'web' } } // prettier-ignore
  await story.api.call(`${service}/UpdateSpec`, { name: 'web', spec, validate: false })
  await story.api.call(`${service}/Sync`, {
    name: 'web',
    revision: 'v2',
    resources: [{ kind: 'ConfigMap', name: 'one' }],
  })
  await attempt(story.api, `${service}/TerminateOperation`, { name: 'web' })
  await story.api.call(`${service}/Delete`, { name: 'web', cascade: false })
  const wanted = [
    'Application ResourceCreated: admin created application',
    'Application ResourceUpdated: admin updated application spec',
    'Application OperationStarted: admin initiated partial sync to v2',
    'Application ResourceDeleted: admin deleted application',
    'ApplicationSet ResourceCreated: admin created ApplicationSet',
    'AppProject ResourceCreated: admin created project',
  ]
  await until('the events', () => eventsOf(story), (events) => wanted.every((event) => events.includes(event))) // prettier-ignore
})
