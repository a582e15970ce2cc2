// Every call, asked by somebody without rights, by a reader and by an administrator, against the table of docs/reference/access.md.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { createApiClient, type ApiClient } from '../../src/api/client/client.ts'
import { routes, type Route } from '../../src/api/routes.ts'
import { CapstanError } from '../../src/base/errors.ts'
import { Secret } from '../../src/base/secret.ts'
import { ADMIN_PASSWORD, startStoryPlane, type StoryPlane } from '../support/control-plane.ts'
import { makeWhatCallsAreAbout, OWN_PASSWORD, requestOf } from '../support/every-call.ts'

const TABLE = readFileSync(join(import.meta.dirname, '../../docs/reference/access.md'), 'utf8')
const ROLES = ['nobody', 'reader', 'admin'] as const
/** A stream that has told nothing within this has nothing to tell to whoever may see nothing. */
const QUIET_MS = 5_000
const PATIENCE_MS = 60_000

/** `refused`, or `answered`, whatever the answer is; `empty` for a list with nothing in it. */
type Outcome = 'refused' | 'answered' | 'empty'

/** By call, what each role sees. */
function readTable(): ReadonlyMap<string, readonly string[]> {
  const rows = [...TABLE.matchAll(/^\| `(?<call>[\w.]+\/\w+)` \|[^|]*\| (?<nobody>\w+) \| (?<reader>\w+) \| (?<admin>\w+) \|$/gm)] // prettier-ignore
  return new Map(rows.map(({ groups }) => [groups?.['call'] ?? '', ROLES.map((role) => groups?.[role] ?? '')]))
}

async function outcomeOf(api: ApiClient, route: Route): Promise<Outcome> {
  const isStream = route.stream !== undefined && route.stream !== 'client'
  const signal = AbortSignal.timeout(isStream ? QUIET_MS : PATIENCE_MS)
  const name = `${route.service}/${route.method}`
  try {
    return isStream ? await firstOf(api, route, signal) : await answerOf(api, route, signal)
  } catch (error) {
    if (signal.aborted && isStream) return 'empty'
    if (!(error instanceof CapstanError)) throw error
    assert.notEqual(error.code, 'unauthenticated', `${name}: ${error.message}`)
    const isDenied = /desc = permission denied|^unauthorized access/.test(error.message)
    return error.code === 'forbidden' || isDenied ? 'refused' : 'answered'
  }
}

async function firstOf(api: ApiClient, route: Route, signal: AbortSignal): Promise<Outcome> {
  const messages = api.stream(`${route.service}/${route.method}`, requestOf(route), signal)
  for await (const _ of messages) return 'answered'
  return 'answered'
}

async function answerOf(api: ApiClient, route: Route, signal: AbortSignal): Promise<Outcome> {
  const name = `${route.service}/${route.method}`
  const answer = await api.call<{ readonly items?: readonly unknown[] } | null>(name, requestOf(route), signal)
  return Array.isArray(answer?.items) && answer.items.length === 0 ? 'empty' : 'answered'
}

/** Roles in order: what is refused changes nothing, and the administrator comes last. */
async function clientsOf({ plane, client, api }: StoryPlane): Promise<readonly ApiClient[]> {
  const type = await client.resourceOf({ group: '', kind: 'ConfigMap' })
  assert.ok(type)
  const namespace = 'argocd'
  await client.patch({ type, namespace, name: 'argocd-cm' }, 'merge', {
    data: { 'accounts.nobody': 'login', 'accounts.reader': 'login' },
  })
  await client.patch({ type, namespace, name: 'argocd-rbac-cm' }, 'merge', {
    data: { 'policy.csv': 'g, reader, role:readonly', 'policy.default': '' },
  })
  const clients: ApiClient[] = []
  for (const username of ['nobody', 'reader']) {
    await api.call('account.AccountService/UpdatePassword', { name: username, newPassword: OWN_PASSWORD, currentPassword: ADMIN_PASSWORD }) // prettier-ignore
    const anonymous = createApiClient({ baseUrl: plane.url, send: fetch })
    const login = { username, password: OWN_PASSWORD }
    const { token } = await anonymous.call<{ readonly token: string }>('session.SessionService/Create', login)
    clients.push(createApiClient({ baseUrl: plane.url, send: fetch, token: new Secret(token) }))
  }
  return [...clients, api]
}

test('[002-02] every call is refused unless the table says otherwise, and the table names every call', async (t) => {
  const story = await startStoryPlane(t)
  const wanted = readTable()
  const seen = new Map<string, string[]>()
  await makeWhatCallsAreAbout(story)
  const calls = new Map(routes.map((route) => [`${route.service}/${route.method}`, route]))
  const asked = [...calls]
    .filter(([name]) => name !== 'session.SessionService/Create' && name !== 'session.SessionService/Delete')
    // Deletions end what other calls are about.
    .toSorted(([a], [b]) => Number(a.includes('/Delete')) - Number(b.includes('/Delete')))
  for (const api of await clientsOf(story)) {
    for (const [name, route] of asked) seen.set(name, [...(seen.get(name) ?? []), await outcomeOf(api, route)])
  }
  const lines = [...seen].map(([name, outcomes]) => `${name}: ${outcomes.join(' ')}`)
  assert.deepEqual(
    lines,
    [...seen.keys()].map((name) => `${name}: ${(wanted.get(name) ?? ['missing']).join(' ')}`),
  )
  assert.deepEqual(
    [...wanted.keys()].filter((name) => !seen.has(name)),
    [],
  )
})
