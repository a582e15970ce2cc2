// Calls of gRPC, gRPC-web and REST made of random bytes: the server answers each, goes on answering, and gives the memory back.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, type ClientHttp2Session } from 'node:http2'
import { test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { routes } from '../../src/api/routes.ts'
import { systemClock } from '../../src/base/clock.ts'
import { createLog } from '../../src/base/log.ts'
import { startStoryPlane, ADMIN_PASSWORD } from '../support/control-plane.ts'
import { randomFrom } from '../support/generated-values.ts'

const ROUNDS = Number(process.env['CAPSTAN_FUZZ_ROUNDS'] ?? 1_500)
const SEED = Number(process.env['CAPSTAN_FUZZ_SEED'] ?? 20_261_121)
const MAX_GROWTH_BYTES = 96 << 20

type Random = (below: number) => number

function bytes(random: Random, length: number): Buffer {
  return Buffer.from(Array.from({ length }, () => random(256)))
}

/** Protobuf that begins well: tags, lengths that fit or do not, texts, nested messages, groups, long numbers. */
function message(random: Random, depth = 0): Buffer {
  const parts: Buffer[] = []
  for (let field = random(6); field >= 0; field--) {
    const number = 1 + random(20)
    const wire = random(6)
    parts.push(varint((number << 3) | wire))
    if (wire === 0) parts.push(random(4) === 0 ? bytes(random, random(12)) : varint(random(1 << 30)))
    else if (wire === 1) parts.push(bytes(random, 8))
    else if (wire === 5) parts.push(bytes(random, 4))
    else if (wire === 2) {
      const inner = depth < 40 && random(2) === 0 ? message(random, depth + 1) : bytes(random, random(40))
      parts.push(varint(random(10) === 0 ? random(1 << 30) : inner.length), inner)
    }
  }
  return Buffer.concat(parts)
}

function varint(value: number): Buffer {
  const found: number[] = []
  let rest = value
  while (rest > 127) {
    found.push((rest % 128) | 128)
    rest = Math.floor(rest / 128)
  }
  return Buffer.from([...found, rest])
}

/** A frame that is whole, cut, too long, compressed, falsely compressed, or none. */
function body(random: Random): Buffer {
  const inner = random(8) === 0 ? bytes(random, random(300)) : message(random)
  const content = random(6) === 0 ? gzipSync(inner) : inner
  const head = Buffer.alloc(5)
  head[0] = random(10) === 0 ? random(256) : Number(content !== inner)
  head.writeUInt32BE(random(12) === 0 ? random(2 ** 31) : content.length, 1)
  const whole = Buffer.concat([head, content])
  return random(10) === 0 ? whole.subarray(0, random(whole.length + 1)) : whole
}

async function grpc(session: ClientHttp2Session, path: string, headers: object, sent: Buffer): Promise<string> {
  const stream = session.request({ ':method': 'POST', ':path': path, te: 'trailers', ...headers })
  stream.on('error', () => undefined)
  let trailers: Readonly<Record<string, unknown>> = {}
  stream.on('trailers', (told) => (trailers = told))
  stream.end(sent)
  const answered = Promise.withResolvers<Readonly<Record<string, unknown>>>()
  stream.on('response', (told) => answered.resolve(told))
  stream.on('close', () => answered.resolve({}))
  const told = await answered.promise
  stream.resume()
  if (!stream.closed) await once(stream, 'close')
  const status = trailers['grpc-status'] ?? told['grpc-status']
  return typeof status === 'string' ? status : `HTTP ${Number(told[':status'])}`
}

test('random calls neither end the server nor stay in its memory', { timeout: 300_000 }, async (t) => {
  // What the server did not expect stands in its log.
  const faults: string[] = []
  const write = (line: string): void => {
    if (line.includes('"call failed"') || line.includes('could not be answered')) faults.push(line)
  }
  const story = await startStoryPlane(t, {
    log: createLog({ clock: systemClock, level: 'warn', format: 'json', write }),
  })
  const { url } = story.plane
  const next = randomFrom(SEED)
  const random: Random = (below) => Math.floor(next() * below)
  const login = await fetch(`${url}/api/v1/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ username: 'admin', password: ADMIN_PASSWORD }),
  })
  const { token } = (await login.json()) as { token: string }
  // What ends the session, or waits for ever, is tried elsewhere.
  const paths = routes
    .filter(({ method, stream }) => stream !== 'server' && !['UpdatePassword'].includes(method))
    .filter(({ service }) => service !== 'session.SessionService')
    .map(({ service, method }) => `/${service}/${method}`)
  const session = connect(url)
  t.after(() => session.destroy())
  session.on('error', () => undefined)

  const seen = new Map<string, number>()
  const count = (status: string): void => void seen.set(status, (seen.get(status) ?? 0) + 1)
  const round = async (): Promise<void> => {
    const path = random(20) === 0 ? `/${bytes(random, 12).toString('base64url')}` : (paths[random(paths.length)] ?? '')
    const isWeb = random(3) === 0
    const type = isWeb ? 'application/grpc-web+proto' : 'application/grpc'
    const headers = {
      'content-type': random(15) === 0 ? `${type}-text` : type,
      ...(random(10) === 0 ? {} : { token }),
      ...(random(3) === 0 ? { 'grpc-encoding': ['gzip', 'identity', 'br', ''][random(4)] ?? '' } : {}),
      'grpc-timeout': '5S',
    }
    count(await grpc(session, path, headers, body(random)))
  }
  for (let warm = 0; warm < 200; warm += 10) await Promise.all(Array.from({ length: 10 }, round))
  globalThis.gc?.()
  const before = process.memoryUsage().rss
  for (let done = 0; done < ROUNDS; done += 10) await Promise.all(Array.from({ length: 10 }, round))

  // It answers as before, and nothing was a fault of its own but what is no message.
  const version = await fetch(`${url}/api/version`)
  assert.equal(version.status, 200)
  const clusters = await fetch(`${url}/api/v1/clusters`, { headers: { authorization: `Bearer ${token}` } })
  assert.equal(clusters.status, 200)
  assert.deepEqual(
    [...new Set(faults.map((line) => String(JSON.parse(line).path) + ' ' + String(JSON.parse(line).error)))],
    [],
    `seed ${SEED}`,
  )
  globalThis.gc?.()
  const growth = process.memoryUsage().rss - before
  assert.ok(growth < MAX_GROWTH_BYTES, `seed ${SEED}: ${growth} bytes more after ${ROUNDS} calls`)
  t.diagnostic(
    `seed ${SEED}: ${[...seen].map(([status, times]) => `${status}: ${times}`).join(', ')}; ${Math.round(growth / 2 ** 20)} MiB more`,
  )
})
