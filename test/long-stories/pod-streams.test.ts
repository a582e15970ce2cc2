// exec, attach, port-forward and logs of simulated pods over the TLS port, with a web socket client.
import assert from 'node:assert/strict'
import { request } from 'node:https'
import { describe, test, type TestContext } from 'node:test'
import { WebSocket } from 'ws'
import { systemClock } from '../../src/base/clock.ts'
import { silentLog } from '../../src/base/log.ts'
import type { KubeClient, ResourceType } from '../../src/kube/client/client.ts'
import type { KubeObject } from '../../src/kube/object.ts'
import { startKubelet } from '../../src/local-cluster/kubelet/start-kubelet.ts'
import { startLocalCluster } from '../../src/local-cluster/start.ts'
import { MAX_MESSAGE_BYTES, MAX_POD_SESSIONS } from '../../src/local-cluster/streaming/limits.ts'
import { startWorkloads } from '../../src/local-cluster/workloads/start-workloads.ts'

interface World {
  readonly client: KubeClient
  readonly url: string
  readonly tls: { readonly ca: string; readonly cert: string; readonly key: string }
  readonly pods: ResourceType
  /** Creates a pod and waits until it runs. */
  run(name: string, container: object, spec?: object): Promise<void>
  path(name: string, subresource: string, query: string): string
}

async function start(t: TestContext): Promise<World> {
  const cluster = await startLocalCluster({
    port: 0,
    clock: systemClock,
    log: silentLog,
    controllers: startWorkloads,
    kubelet: startKubelet,
  })
  t.after(() => cluster.close())
  const client = cluster.client('test')
  const pods = await client.resourceOf({ group: '', kind: 'Pod' })
  assert.ok(pods)
  const kubeconfig = cluster.kubeconfig()
  const field = (name: string): string =>
    Buffer.from(
      new RegExp(`${name}: "?(?<data>[A-Za-z0-9+/=]+)`).exec(kubeconfig)?.groups?.['data'] ?? '',
      'base64',
    ).toString()
  const tls = {
    ca: field('certificate-authority-data'),
    cert: field('client-certificate-data'),
    key: field('client-key-data'),
  }
  const phase = async (name: string): Promise<unknown> => {
    const pod = (await client.get({ type: pods, namespace: 'default', name })) as
      | { status?: { phase?: string } }
      | undefined
    return pod?.status?.phase
  }
  return {
    client,
    url: cluster.url ?? '',
    tls,
    pods,
    async run(name, container, spec = {}) {
      const object = {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name, namespace: 'default' },
        spec: { containers: [{ name: 'main', image: 'busybox', ...container }], ...spec },
      }
      await client.create(pods, object as KubeObject)
      const endMs = Date.now() + 10_000
      while ((await phase(name)) !== 'Running' && Date.now() < endMs)
        await new Promise((resolve) => setTimeout(resolve, 10))
    },
    path: (name, subresource, query) => `/api/v1/namespaces/default/pods/${name}/${subresource}?${query}`,
  }
}

interface Session {
  readonly socket: WebSocket
  /** By channel. */
  readonly texts: Map<number, string>
  readonly closed: Promise<number>
  readonly opened: Promise<void>
}

function connect(world: World, path: string, protocols: readonly string[]): Session {
  const socket = new WebSocket(`${world.url.replace('https', 'wss')}${path}`, [...protocols], world.tls)
  const texts = new Map<number, string>()
  const opened = new Promise<void>((resolve, reject) => {
    socket.on('open', resolve)
    socket.on('error', reject)
  })
  const closed = new Promise<number>((resolve) => socket.on('close', (code) => resolve(code)))
  opened.catch(() => undefined)
  socket.on('message', (data: Buffer, isBinary) => {
    const text = data.toString()
    const channel = isBinary ? (data[0] ?? 0) : Number(text.charAt(0))
    const body = isBinary ? data.subarray(1).toString() : Buffer.from(text.slice(1), 'base64').toString()
    texts.set(channel, (texts.get(channel) ?? '') + body)
  })
  return { socket, texts, opened, closed }
}

function exec(world: World, name: string, command: readonly string[], flags = 'stdout=true&stderr=true'): string {
  return world.path(name, 'exec', `${command.map((word) => `command=${encodeURIComponent(word)}`).join('&')}&${flags}`)
}

/** Status and body of an upgrade that was refused. */
async function refused(world: World, path: string, headers: Readonly<Record<string, string>>): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  const sent = request(`${world.url}${path}`, { ...world.tls, headers }, (response) => {
    let body = ''
    response.on('data', (chunk: Buffer) => (body += chunk.toString()))
    response.on('end', () => resolve(`${response.statusCode} ${body}`))
  })
  sent.on('upgrade', (_response, socket) => {
    socket.destroy()
    resolve('101')
  })
  sent.on('error', reject)
  sent.end()
  return promise
}

const SOCKET = {
  connection: 'Upgrade',
  upgrade: 'websocket',
  'sec-websocket-version': '13',
  'sec-websocket-key': 'AAAAAAAAAAAAAAAAAAAAAA==',
}

describe('a command in a pod', () => {
  test('has its outputs and its exit code on the channels of v5, and ends its input by a signal', async (t) => {
    const world = await start(t)
    await world.run('web', {})
    const script = 'while read line; do echo "got $line"; done; echo bad >&2; exit 4'
    const session = connect(world, exec(world, 'web', ['sh', '-c', script], 'stdin=true&stdout=true&stderr=true'), [
      'v5.channel.k8s.io',
      'v4.channel.k8s.io',
    ])
    await session.opened

    session.socket.send(Buffer.from('\0one\ntw'))
    session.socket.send(Buffer.from('\0o\n'))
    session.socket.send(Buffer.of(255, 0))
    const code = await session.closed

    assert.deepEqual(
      [session.socket.protocol, code, session.texts.get(1), session.texts.get(2)],
      ['v5.channel.k8s.io', 1000, 'got one\ngot two\n', 'bad\n'],
    )
    assert.deepEqual(JSON.parse(session.texts.get(3) ?? ''), {
      metadata: {},
      status: 'Failure',
      message: 'command terminated with non-zero exit code: command terminated with exit code 4',
      reason: 'NonZeroExitCode',
      details: { causes: [{ reason: 'ExitCode', message: '4' }] },
    })
  })

  test('speaks base64 where the client asks for it', async (t) => {
    const world = await start(t)
    await world.run('web', {})
    const session = connect(world, exec(world, 'web', ['echo', 'hello']), ['v4.base64.channel.k8s.io'])

    await session.closed

    assert.deepEqual([session.texts.get(1), session.texts.get(3)], ['hello\n', '{"metadata":{},"status":"Success"}'])
  })

  test('that is not there is told as the runtime tells it', async (t) => {
    const world = await start(t)
    await world.run('web', {})
    const session = connect(world, exec(world, 'web', ['nginx']), ['v4.channel.k8s.io'])

    await session.closed

    const status = JSON.parse(session.texts.get(3) ?? '') as { message: string; reason: string; code: number }
    assert.match(
      status.message,
      /^Internal error occurred: error executing command in container: .*OCI runtime exec failed: exec failed: unable to start container process: exec: "nginx": executable file not found in \$PATH: unknown$/,
    )
    assert.deepEqual([status.reason, status.code], ['InternalError', 500])
  })

  test('ends with its container', async (t) => {
    const world = await start(t)
    await world.run('short', { command: ['sleep', '1'] }, { restartPolicy: 'Never' })
    const session = connect(world, exec(world, 'short', ['sleep', '1h']), ['v5.channel.k8s.io'])

    await session.closed

    assert.match(session.texts.get(3) ?? '', /exit code 137/)
  })

  test('is refused with the words of the API server or of the node', async (t) => {
    const world = await start(t)
    await world.run('web', {}, { initContainers: [{ name: 'setup', image: 'busybox', command: ['true'] }] })
    const v4 = { ...SOCKET, 'sec-websocket-protocol': 'v4.channel.k8s.io' }
    const answers = [
      await refused(world, world.path('web', 'exec', 'command=ls&stdout=true'), {}),
      await refused(world, world.path('none', 'exec', 'command=ls&stdout=true'), v4),
      await refused(world, world.path('web', 'exec', 'command=ls&stdout=true&container=x'), v4),
      await refused(world, world.path('web', 'exec', 'command=ls&stdout=true&container=setup'), v4),
      await refused(world, world.path('web', 'attach', 'stdout=true&container=setup'), v4),
      await refused(world, world.path('web', 'exec', 'command=ls'), v4),
      await refused(world, world.path('web', 'exec', 'command=ls&stdout=true'), {
        ...SOCKET,
        'sec-websocket-protocol': 'v2.channel.k8s.io',
      }),
      await refused(world, world.path('web', 'portforward', ''), v4),
      await refused(world, world.path('web', 'portforward', 'ports=0'), v4),
    ]

    assert.deepEqual(
      answers.map((answer) => answer.replace(/\{.*"message":"(?<message>(?:[^"\\]|\\.)*)".*\}\n?$/s, '$<message>')),
      [
        '400 Upgrade request required',
        '404 pods \\"none\\" not found',
        '400 container x is not valid for pod web',
        '500 container not found ("setup")',
        '500 container setup not found in pod web_default',
        '400 you must specify at least 1 of stdin, stdout, stderr',
        '403 ',
        '400 query parameter "port" is required',
        '400 port "0" must be > 0',
      ],
    )
  })

  test('ends the connection for a message that is too long', async (t) => {
    const world = await start(t)
    await world.run('web', {})
    const session = connect(world, exec(world, 'web', ['cat'], 'stdin=true&stdout=true'), ['v5.channel.k8s.io'])
    await session.opened

    session.socket.send(Buffer.alloc(MAX_MESSAGE_BYTES + 1))

    assert.equal(await session.closed, 1009)
  })

  test('is one of so many in its pod', async (t) => {
    const world = await start(t)
    await world.run('web', {})
    const path = exec(world, 'web', ['sleep', '1h'])
    const sessions = Array.from({ length: MAX_POD_SESSIONS }, () => connect(world, path, ['v5.channel.k8s.io']))
    await Promise.all(sessions.map(({ opened }) => opened))

    const answer = await refused(world, path, { ...SOCKET, 'sec-websocket-protocol': 'v5.channel.k8s.io' })
    for (const { socket } of sessions) socket.terminate()

    assert.equal(answer, '429 rpc error: code = ResourceExhausted desc = maximum number of in-flight requests exceeded')
  })

  test('needs the right to create pods/exec as well as to get it', async (t) => {
    const world = await start(t)
    await world.run('web', {})
    const v4 = { ...SOCKET, 'sec-websocket-protocol': 'v4.channel.k8s.io' }
    const rules = (verbs: readonly string[]): object => ({
      rules: [{ apiGroups: [''], resources: ['pods/exec'], verbs }],
    })
    const role = await world.client.resourceOf({ group: 'rbac.authorization.k8s.io', kind: 'Role' })
    const binding = await world.client.resourceOf({ group: 'rbac.authorization.k8s.io', kind: 'RoleBinding' })
    assert.ok(role)
    assert.ok(binding)
    const named = { name: 'ann', namespace: 'default' }
    const api = { apiVersion: 'rbac.authorization.k8s.io/v1', metadata: named }
    await world.client.create(role, { ...api, kind: 'Role', ...rules(['get']) } as KubeObject)
    const subjects = [{ kind: 'User', name: 'ann', apiGroup: 'rbac.authorization.k8s.io' }]
    await world.client.create(binding, {
      ...api,
      kind: 'RoleBinding',
      subjects,
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'ann' },
    } as KubeObject)
    const path = exec(world, 'web', ['true'])
    const asAnn = { ...v4, 'impersonate-user': 'ann' }

    const before = await refused(world, path, asAnn)
    await world.client.patch({ type: role, ...named }, 'merge', rules(['get', 'create']) as never)
    const after = await refused(world, path, asAnn)

    assert.match(before, /^403 .*User \\"ann\\" cannot create resource \\"pods\/exec\\"/)
    assert.equal(after, '101')
  })
})

describe('a pod', () => {
  test('can be attached to: its output from then on, and its input', async (t) => {
    const world = await start(t)
    await world.run(
      'loop',
      {
        stdin: true,
        stdinOnce: true,
        command: ['sh', '-c', 'while read x; do echo "heard $x"; done; echo bye; exit 1'],
      },
      { restartPolicy: 'Never' },
    )
    const session = connect(world, world.path('loop', 'attach', 'stdin=true&stdout=true&stderr=true'), [
      'v5.channel.k8s.io',
    ])
    await session.opened

    session.socket.send(Buffer.from('\0a\n'))
    session.socket.send(Buffer.of(255, 0))
    await session.closed

    assert.deepEqual(
      [session.texts.get(1), session.texts.get(3)],
      ['heard a\nbye\n', '{"metadata":{},"status":"Success"}'],
    )
  })

  test('has ports, two channels each, that begin with their number', async (t) => {
    const world = await start(t)
    await world.run('web', {})
    const session = connect(world, world.path('web', 'portforward', 'ports=8080&ports=81'), ['v4.channel.k8s.io'])
    await session.opened

    session.socket.send(Buffer.from('\0GET / HTTP/1.1\r\nConnection: close\r\n\r\n'))
    session.socket.send(Buffer.from('\x02plain'))
    const endMs = Date.now() + 5_000
    while (session.texts.get(2)?.endsWith('plain') !== true && Date.now() < endMs)
      await new Promise((resolve) => setImmediate(resolve))
    session.socket.close()
    await session.closed

    assert.match(
      session.texts.get(0) ?? '',
      /^..HTTP\/1\.1 200 OK\r\n.*pod: default\/web\nnode: node-\d\nport: 8080\nrequest: GET \/\n$/s,
    )
    assert.deepEqual([session.texts.get(2), session.texts.get(3)], ['Q\0plain', 'Q\0'])
  })
})
