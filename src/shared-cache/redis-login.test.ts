// Logins at a real Redis, over TCP and TLS, and how a refused one is told.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { test, type TestContext } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { REDIS_PASSWORD, redisMissing, startNetworkRedis } from '../../test/support/redis.ts'
import { loopbackIdentity } from '../../test/support/tls-identity.ts'
import { systemClock } from '../base/clock.ts'
import { createLog } from '../base/log.ts'
import { Secret } from '../base/secret.ts'
import { openRedis, type RedisOptions, type RedisTls, type SharedStore } from './redis-store.ts'

const skip = redisMissing() ?? false

interface Opened {
  readonly store: SharedStore
  /** What was logged so far, at every level. */
  readonly lines: readonly string[]
}

async function open(t: TestContext, options: Omit<RedisOptions, 'log'>): Promise<Opened> {
  const lines: string[] = []
  const log = createLog({ clock: systemClock, level: 'debug', format: 'json', write: (line) => lines.push(line) })
  const store = await openRedis({ ...options, log })
  t.after(() => store.close())
  return { store, lines }
}

/** Waits for what the test's own time limit ends. */
async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await pause(20)
}

/** What a question is answered with, once it is refused for this reason: before, the server may just have been slow. */
async function refusal({ store }: Opened, why: RegExp): Promise<string> {
  for (;;) {
    const told = await store.get('key').then(
      () => 'an answer',
      (error: unknown) => (error instanceof Error ? error.message : ''),
    )
    if (why.test(told)) return told
    await pause(20)
  }
}

function reasonOf(line: string): string {
  const { error } = JSON.parse(line) as { readonly error: string }
  return error
}

async function assertUsable({ store }: Opened): Promise<void> {
  await until(() => store.isConnected)
  await store.set('key', Buffer.from('value'), 60_000)
  assert.equal((await store.get('key'))?.toString(), 'value')
}

const password = new Secret(REDIS_PASSWORD)

test('a password opens a server over TCP', { skip }, async (t) => {
  const { address } = await startNetworkRedis(t)

  await assertUsable(await open(t, { address, password }))
  await assertUsable(await open(t, { address, password, username: 'default' }))
})

test(
  'a server over TLS is known by its authority, and asks for a certificate and the password',
  { skip },
  async (t) => {
    const identity = loopbackIdentity()
    const { address } = await startNetworkRedis(t, identity)
    const own = { clientCertificate: identity.admin.certificate, clientKey: new Secret(identity.admin.key) }

    await assertUsable(await open(t, { address, password, tls: { ...own, ca: identity.authority } }))
    await assertUsable(await open(t, { address, password, tls: { ...own, insecure: true } }))
    const refused: readonly (readonly [RedisTls, RegExp])[] = [
      [own, /certificate/],
      [{ ...own, ca: loopbackIdentity().authority }, /certificate/],
      // Where the end of the connection overtakes its reason, that is all there is to tell.
      [
        { ca: identity.authority },
        /it wants a client's certificate.*--redis-client-certificate|ECONNRESET|EPIPE|closed/,
      ],
    ]
    for (const [tls, why] of refused) await refusal(await open(t, { address, password, tls }), why)
    const wrong = { address, password: new Secret('not-the-one'), tls: { ...own, ca: identity.authority } }
    await refusal(await open(t, wrong), /refuses the login/)
  },
)

test(
  'a login that is refused is told once, with what there is to be done and without the password',
  { skip },
  async (t) => {
    const { address } = await startNetworkRedis(t)
    const cases = [
      [{ password: new Secret('not-the-one') }, /: it refuses the login: .*REDIS_USERNAME, REDIS_PASSWORD/],
      [{ password, username: 'nobody' }, /: it refuses the login: .*REDIS_USERNAME, REDIS_PASSWORD/],
      [{}, /: it wants a password, and none is given \(REDIS_PASSWORD\)/],
    ] as const
    for (const [login, message] of cases) {
      const opened = await open(t, { address, ...login })

      const told = await refusal(opened, message)

      assert.ok(told.startsWith(`shared cache ${address}`))
      assert.equal(opened.store.isConnected, false)
      const all = [told, ...opened.lines].join('\n')
      assert.doesNotMatch(all, new RegExp(`not-the-one|${REDIS_PASSWORD}`))
      const reasons = opened.lines.filter((line) => line.includes('does not answer')).map(reasonOf)
      assert.ok(reasons.some((reason) => told.endsWith(reason)))
      assert.ok(reasons.every((reason, index) => reason !== reasons[index - 1]))
    }
  },
)

test('a server that repeats what it does not understand does not make the password known', async (t) => {
  // What Redis before 6.0 answers to HELLO.
  const server = createServer((socket) => {
    socket.on('error', () => socket.destroy())
    socket.on('data', () => {
      socket.write(
        '-ERR unknown command `HELLO`, with args beginning with: `3`, `AUTH`, `default`, `not-the-one`, \r\n',
      )
    })
    t.after(() => socket.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => server.close())
  const { port } = server.address() as AddressInfo // a TCP port is listening

  const opened = await open(t, { address: `127.0.0.1:${port}`, password: new Secret('not-the-one') })
  const told = await refusal(opened, /unknown command `HELLO`.*\*\*\*/)

  assert.doesNotMatch([told, ...opened.lines].join('\n'), /not-the-one/)
})
