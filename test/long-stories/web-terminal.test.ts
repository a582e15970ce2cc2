// The web terminal: a shell in a pod of an application, for those who may, for as long as they may.
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { WebSocket } from 'ws'
import { systemClock } from '../../src/base/clock.ts'
import { silentLog } from '../../src/base/log.ts'
import { createClient } from '../../src/kube/client/create-client.ts'
import { httpTransport } from '../../src/kube/client/http-transport.ts'
import { Secret } from '../../src/base/secret.ts'
import type { KubeClient, RunningCommand } from '../../src/kube/client/client.ts'
import type { KubeObject } from '../../src/kube/object.ts'
import { startKubelet } from '../../src/local-cluster/kubelet/start-kubelet.ts'
import { startLocalCluster } from '../../src/local-cluster/start.ts'
import { startWorkloads } from '../../src/local-cluster/workloads/start-workloads.ts'
import { MAX_MESSAGE_BYTES, MAX_TERMINALS_OF_ONE } from '../../src/server/terminal/open-terminal.ts'
import { ADMIN_PASSWORD, isSynced, startStoryPlane, type StoryPlane } from '../support/control-plane.ts'
import { createRepository, temporaryFolder } from '../support/git.ts'
import { deliverFrom } from '../support/private-repository.ts'
import { until } from '../support/until.ts'

function pod(name: string): object {
  const container = { name: 'main', image: 'busybox', command: ['sh', '-c', 'sleep 100000'] }
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name }, spec: { containers: [container] } }
}

interface Opened {
  readonly socket: WebSocket
  /** What the shell has shown. */
  readonly screen: () => string
  /** Codes of commands to the page. */
  readonly codes: number[]
  readonly closed: Promise<number>
}

interface Asked {
  readonly query?: Readonly<Record<string, string>>
  readonly headers?: Readonly<Record<string, string>>
}

const QUERY = { pod: 'web', container: 'main', appName: 'web', appNamespace: 'argocd', projectName: 'default', namespace: 'web' } // prettier-ignore

/** The terminal, or `<status> <text>` of its refusal. */
async function ask(
  story: StoryPlane,
  token: string,
  { query = {}, headers = {} }: Asked = {},
): Promise<Opened | string> {
  const search = new URLSearchParams({ ...QUERY, ...query }).toString()
  const cookie: Readonly<Record<string, string>> = token === '' ? {} : { cookie: `argocd.token=${token}` }
  const url = `${story.plane.url.replace('http', 'ws')}/terminal?${search}`
  const socket = new WebSocket(url, { headers: { ...cookie, ...headers }, rejectUnauthorized: false })
  const { promise, resolve } = Promise.withResolvers<Opened | string>()
  let text = ''
  const codes: number[] = []
  const closed = Promise.withResolvers<number>()
  socket.on('message', (data: Buffer) => {
    const message = JSON.parse(data.toString()) as { operation?: string; data?: string; Code?: number }
    if (message.operation === 'stdout') text += message.data ?? ''
    if (message.Code !== undefined) codes.push(message.Code)
  })
  socket.on('open', () => resolve({ socket, screen: () => text, codes, closed: closed.promise }))
  socket.on('close', (code) => closed.resolve(code))
  socket.on('error', () => undefined)
  socket.on('unexpected-response', (_request, response) => {
    let body = ''
    response.on('data', (chunk: Buffer) => (body += chunk.toString()))
    response.on('end', () => resolve(`${response.statusCode} ${body}`.trim()))
  })
  return promise
}

async function open(story: StoryPlane, token: string, asked: Asked = {}): Promise<Opened> {
  const opened = await ask(story, token, asked)
  if (typeof opened === 'string') assert.fail(`refused: ${opened}`)
  return opened
}

function type(opened: Opened, data: string): void {
  opened.socket.send(JSON.stringify({ operation: 'stdin', data }))
}

async function setConfig(story: StoryPlane, name: string, data: Readonly<Record<string, string>>): Promise<void> {
  const configMap = await story.client.resourceOf({ group: '', kind: 'ConfigMap' })
  assert.ok(configMap)
  await story.client.patch({ type: configMap, namespace: 'argocd', name }, 'merge', { data: { ...data } })
}

async function loginOf(story: StoryPlane, username: string, password: string): Promise<string> {
  const answer = await fetch(`${story.plane.url}/api/v1/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ username, password }),
  })
  return ((await answer.json()) as { token: string }).token
}

/** An account that may see applications, and open terminals where `canEnter`. */
async function addReader(story: StoryPlane): Promise<string> {
  await setConfig(story, 'argocd-cm', { 'accounts.ada': 'login', 'exec.enabled': 'true' })
  await setConfig(story, 'argocd-rbac-cm', { 'policy.csv': 'g, ada, role:readonly' })
  await until('the account', () => story.api.call<{ items?: { name: string }[] }>('account.AccountService/ListAccounts', {}), ({ items = [] }) => items.some(({ name }) => name === 'ada')) // prettier-ignore
  const change = { name: 'ada', newPassword: 'a password of ada', currentPassword: ADMIN_PASSWORD }
  await story.api.call('account.AccountService/UpdatePassword', change)
  return loginOf(story, 'ada', 'a password of ada')
}

async function startScene(t: TestContext): Promise<StoryPlane> {
  const repository = createRepository(join(temporaryFolder(t), 'deploy'))
  repository.commit({ 'web/pod.json': JSON.stringify(pod('web')) })
  const story = await startStoryPlane(t)
  await deliverFrom(story, repository.url)
  await story.application('web', isSynced)
  return story
}

test('opens for those who may, refuses all others before it says what there is, and ends with the session', async (t) => {
  const story = await startScene(t)
  const admin = await loginOf(story, 'admin', ADMIN_PASSWORD)

  // Off until somebody turns it on.
  assert.equal(await ask(story, ''), '400 Auth cookie not found')
  assert.equal(await ask(story, 'nonsense'), '401 Invalid token')
  assert.equal(await ask(story, admin), '404')
  const reader = await addReader(story)
  await until(
    'the switch',
    () => ask(story, reader),
    (answer) => answer !== '404',
  )

  const refusals: readonly (readonly [string, Asked, string, RegExp])[] = [
    ['a reader', {}, reader, /^401 permission denied: exec, create, default\/web, sub: ada, iat: \S+$/],
    ['a reader, of what is not there', { query: { appName: 'none' } }, reader, /^401 permission denied/],
    ['a pod of another', { query: { pod: 'other' } }, admin, /^400 Pod doesn't belong to specified app$/],
    ['a pod elsewhere', { query: { namespace: 'kube-system' } }, admin, /^400 Pod doesn't belong/],
    ['another project', { query: { projectName: 'other' } }, admin, /^400 The wrong project/],
    ['no such application', { query: { appName: 'none' } }, admin, /^404 App not found$/],
    ['a container that is not there', { query: { container: 'none' } }, admin, /^400 container find running$/],
    ['nothing asked', { query: { pod: '' } }, admin, /^400 Missing required parameters$/],
    ['a path for a name', { query: { pod: '../web' } }, admin, /^400 Pod name is not valid$/],
    ['a page elsewhere', { headers: { origin: 'https://evil.example.com' } }, admin, /^403 /],
    ['a page of nowhere', { headers: { origin: 'null' } }, admin, /^403 /],
  ]
  for (const [what, asked, token, wanted] of refusals) {
    const answer = await ask(story, token, asked)
    assert.match(typeof answer === 'string' ? answer : 'opened', wanted, what)
  }
  const plain = await fetch(`${story.plane.url}/terminal`, { headers: { cookie: `argocd.token=${admin}` } })
  assert.equal(plain.status, 400)

  if (story.cluster.isReal) {
    // Its nodes are simulated beside it: the API server cannot reach them, and the person is told.
    const told = await open(story, admin)
    await told.closed
    assert.notEqual(told.screen(), '')
    return
  }

  const origin = story.plane.url
  const opened = await open(story, admin, { headers: { origin } })
  type(opened, 'echo one$((1+1))three\r')
  await until('the answer', opened.screen, (text) => text.includes('one2three'))
  opened.socket.send(JSON.stringify({ operation: 'resize', rows: 11, cols: 77 }))
  type(opened, 'exit\r')
  assert.equal(await opened.closed, 1000)

  // By a token of a program, and a shell of one's choice among those allowed.
  const byToken = await open(story, '', { headers: { authorization: `Bearer ${admin}` }, query: { shell: 'sh' } })
  type(byToken, 'echo $((6*7))\r')
  await until('the answer', byToken.screen, (text) => text.includes('42'))
  byToken.socket.send('no message')
  assert.equal(await byToken.closed, 1000)

  // Over TLS, on the same port; more at once than one person needs are refused, and so are messages nobody types.
  const secure = await open(
    { ...story, plane: { ...story.plane, url: story.plane.url.replace('http', 'https') } },
    admin,
  )
  secure.socket.send('x'.repeat(MAX_MESSAGE_BYTES + 1))
  assert.equal(await secure.closed, 1009)
  const many = await Promise.all(Array.from({ length: MAX_TERMINALS_OF_ONE + 1 }, () => ask(story, admin)))
  assert.deepEqual(
    many.filter((one) => typeof one === 'string'),
    ['429 Too many terminals are open'],
  )
  for (const one of many) if (typeof one !== 'string') one.socket.close()
  await until(
    'room',
    () => ask(story, admin),
    (answer) => typeof answer !== 'string' && (answer.socket.close(), true),
  )

  // Rights and sessions are asked for again: nothing is typed once they are gone.
  await setConfig(story, 'argocd-rbac-cm', { 'policy.csv': 'g, ada, role:readonly\np, ada, exec, create, */*, allow' })
  await until('the right', () => ask(story, reader), (answer) => typeof answer !== 'string' && (answer.socket.close(), true)) // prettier-ignore
  const denied = await open(story, reader)
  await setConfig(story, 'argocd-rbac-cm', { 'policy.csv': 'g, ada, role:readonly' })
  await until('the loss', () => ask(story, reader), (answer) => typeof answer === 'string' || (answer.socket.close(), false)) // prettier-ignore
  type(denied, 'echo never\r')
  assert.equal(await denied.closed, 1008)
  assert.match(denied.screen(), /Permission denied/)
  assert.doesNotMatch(denied.screen(), /never/)

  const ended = await open(story, admin)
  await fetch(`${story.plane.url}/api/v1/session`, {
    method: 'DELETE',
    headers: { 'content-type': 'application/json', cookie: `argocd.token=${admin}` },
  })
  type(ended, 'echo never\r')
  assert.equal(await ended.closed, 1008)
  assert.deepEqual(ended.codes, [1])
  assert.doesNotMatch(ended.screen(), /never/)
})

async function screenOf(command: RunningCommand): Promise<string> {
  let text = ''
  for await (const piece of command.output) text += Buffer.from(piece).toString()
  return text
}

test('commands run over HTTPS as within the process, and end with their codes', async (t) => {
  const cluster = await startLocalCluster({ port: 0, clock: systemClock, log: silentLog, controllers: startWorkloads, kubelet: startKubelet }) // prettier-ignore
  t.after(() => cluster.close())
  const inside = cluster.client('test')
  const { url, authority, admin } = cluster.access()
  const tls = { ca: authority, clientCertificate: admin.certificate, clientKey: new Secret(admin.key) }
  const outside = createClient(httpTransport({ server: url, ...tls }))
  t.after(() => outside.close())
  const pods = await inside.resourceOf({ group: '', kind: 'Pod' })
  assert.ok(pods)
  await inside.create(pods, { ...pod('web'), metadata: { name: 'web', namespace: 'default' } } as KubeObject)
  const ref = { type: pods, namespace: 'default', name: 'web' }
  const phase = async (): Promise<unknown> => Object((await inside.get(ref)) as unknown).status?.phase
  await until('the pod', phase, (found) => found === 'Running')

  const { signal } = new AbortController()
  const run = (client: KubeClient, command: readonly string[], name = 'web'): Promise<RunningCommand> =>
    client.exec({ ...ref, name }, { container: 'main', command }, signal)
  for (const client of [inside, outside]) {
    const echo = await run(client, ['echo', 'grüße'])
    assert.match(await screenOf(echo), /grüße/)
    assert.deepEqual(echo.end(), { exitCode: 0, message: '' })
    const failing = await run(client, ['sh', '-c', 'exit 3'])
    assert.equal(await screenOf(failing), '')
    assert.equal(failing.end().exitCode, 3)
    const missing = await run(client, ['powershell'])
    await screenOf(missing)
    assert.equal(missing.end().exitCode, undefined)
    await assert.rejects(run(client, ['sh'], 'none'), { code: 'not-found' })
    const typed = await run(client, ['sh'])
    const shown = screenOf(typed)
    await typed.resize(77, 11)
    await typed.write(Buffer.from('echo $((40+2)); exit 0\r'))
    assert.match(await shown, /42/)
    assert.equal(typed.end().exitCode, 0)
    // Whoever leaves ends it.
    const left = await run(client, ['sh'])
    left.close()
    await screenOf(left)
  }
})
