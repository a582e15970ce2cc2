// exec and port-forward over SPDY/3.1, and what a client cannot do to it.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { ManualClock, systemClock } from '../../base/clock.ts'
import type { CommandQuery, CommandRun, Forward } from '../apiserver/hooks.ts'
import { commandOverSpdy } from './command-session.ts'
import { forwardOverSpdy } from './forward-session.ts'
import {
  MAX_CONTROL_FRAME_BYTES,
  MAX_DATA_FRAME_BYTES,
  MAX_STREAM_HEADER_BYTES,
  MAX_STREAMS,
  STREAM_CREATION_TIMEOUT_MS,
} from './limits.ts'
import { SpdyClient } from '../../../test/support/spdy-client.ts'
import { controlFrame, FrameType, ResetStatus, words } from './spdy-frames.ts'

const QUERY: CommandQuery = { container: 'c', command: [], stdin: true, stdout: true, stderr: true, tty: false }

/** Says what it reads, in capitals, then ends with 3. */
const shout: CommandRun = async ({ stdin, stdout, stderr }) => {
  for (let data = await stdin?.read(); data !== undefined; data = await stdin?.read())
    await stdout(Buffer.from(data).toString().toUpperCase())
  await stderr('done')
  return { kind: 'exited', exitCode: 3 }
}

async function openAll(client: SpdyClient, types: readonly string[]): Promise<Record<string, number>> {
  const ids: Record<string, number> = {}
  for (const type of types) ids[type] = await client.open({ streamtype: type })
  return ids
}

function forward(client: SpdyClient, serve: Forward): Promise<void> {
  const session = { kind: 'forward', ports: [], pod: { name: 'web', uid: 'u1' }, forward: serve } as const
  return forwardOverSpdy(client.server, session, systemClock)
}

const echo: Forward = async (port, connection) => {
  if (port === 81) throw new Error('nobody listens')
  for (let data = await connection.read(); data !== undefined; data = await connection.read())
    await connection.write(data)
}

describe('a command over SPDY', () => {
  for (const [protocol, status] of [
    [
      'v4.channel.k8s.io',
      /"reason":"NonZeroExitCode","details":\{"causes":\[\{"reason":"ExitCode","message":"3"\}\]\}/,
    ],
    ['v2.channel.k8s.io', /^command terminated with non-zero exit code: command terminated with exit code 3$/],
  ] as const) {
    test(`has its streams and its exit code in ${protocol}`, async () => {
      const client = new SpdyClient()
      const session = { kind: 'command', query: QUERY, run: shout } as const
      const served = commandOverSpdy(client.server, protocol, session, systemClock)
      const ids = await openAll(client, ['error', 'stdin', 'stdout', 'stderr'])

      client.send(ids['stdin'] ?? 0, 'hello ')
      client.send(ids['stdin'] ?? 0, 'there', true)
      await client.until(() => client.isOver)
      await served

      const text = (type: string): string => client.stream(ids[type] ?? 0).text
      assert.equal(text('stdout'), 'HELLO THERE')
      assert.equal(text('stderr'), 'done')
      assert.match(text('error'), status)
      assert.equal(
        Object.values(ids).every((id) => client.stream(id).replied && client.stream(id).ended),
        true,
      )
    })
  }

  test('is given up where the client does not open its streams in time', async () => {
    const clock = new ManualClock()
    const client = new SpdyClient()
    let ran = false
    const run: CommandRun = async () => {
      ran = true
      return { kind: 'exited', exitCode: 0 }
    }
    const served = commandOverSpdy(client.server, 'v4.channel.k8s.io', { kind: 'command', query: QUERY, run }, clock)
    await openAll(client, ['error'])
    await client.until(() => client.stream(1).replied)

    clock.advance(STREAM_CREATION_TIMEOUT_MS)
    await client.until(() => client.isOver)
    await served

    assert.equal(ran, false)
  })

  test('refuses streams of a kind that is not, or that it has', async () => {
    const client = new SpdyClient()
    void commandOverSpdy(client.server, 'v4.channel.k8s.io', { kind: 'command', query: QUERY, run: shout }, systemClock)

    await openAll(client, ['error', 'nonsense'])
    await client.open({ streamtype: 'error' })
    await client.until(() => client.stream(5).resetWith !== undefined)

    assert.deepEqual(
      [3, 5].map((id) => client.stream(id).resetWith),
      [ResetStatus.cancel, ResetStatus.cancel],
    )
    client.close()
  })
})

describe('port-forward over SPDY', () => {
  test('serves connections side by side, each with a data and an error stream', async () => {
    const client = new SpdyClient()
    const served = forward(client, echo)
    const errors: number[] = []
    const data: number[] = []
    for (const request of ['0', '1']) {
      errors.push(await client.open({ streamtype: 'error', port: '80', requestid: request }))
      data.push(await client.open({ streamtype: 'data', port: '80', requestid: request }))
    }

    for (const [index, id] of data.entries()) client.send(id, `bytes ${index}`, true)
    await client.until(() => data.every((id) => client.stream(id).ended))

    assert.deepEqual(
      data.map((id) => client.stream(id).text),
      ['bytes 0', 'bytes 1'],
    )
    assert.deepEqual(
      errors.map((id) => client.stream(id).text),
      ['', ''],
    )
    client.close()
    await served
  })

  test('tells on the error stream why a port cannot be reached, and pairs old clients by their stream ids', async () => {
    const client = new SpdyClient()
    void forward(client, echo)

    const error = await client.open({ streamtype: 'error', port: '81' })
    await client.open({ streamtype: 'data', port: '81' })
    await client.until(() => client.stream(error).ended)

    assert.equal(client.stream(error).text, 'error forwarding port 81 to pod web, uid u1: nobody listens')
    client.close()
  })

  test('resets streams without a port or a kind', async () => {
    const client = new SpdyClient()
    void forward(client, echo)

    for (const headers of [{ streamtype: 'data' }, { port: '80' }, { streamtype: 'data', port: '70000' }])
      await client.open(headers)
    await client.until(() => client.stream(5).resetWith !== undefined)

    assert.deepEqual(
      [1, 3, 5].map((id) => client.stream(id).resetWith),
      [5, 5, 5],
    )
    client.close()
  })

  test('answers pings and ignores what it need not know', async () => {
    const client = new SpdyClient()
    void forward(client, echo)

    client.raw(controlFrame(FrameType.settings, words(0)))
    client.raw(controlFrame(9, words(1, 1000)))
    client.raw(controlFrame(FrameType.ping, words(7)))
    await client.until(() => client.pings.length > 0)

    assert.deepEqual(client.pings, [7])
    client.close()
  })

  test('takes only so many streams, with ids that go up in odd numbers', async () => {
    const client = new SpdyClient()
    void forward(client, echo)

    for (let count = 0; count <= MAX_STREAMS; count++)
      await client.open({ streamtype: 'error', port: '80', requestid: String(count) })
    const tooMany = MAX_STREAMS * 2 + 1
    await client.until(() => client.stream(tooMany).resetWith !== undefined)
    await client.open({ streamtype: 'error', port: '80', requestid: 'x' }, 2)
    await client.until(() => client.stream(2).resetWith !== undefined)

    assert.equal(client.stream(tooMany).resetWith, ResetStatus.refused)
    assert.equal(client.stream(2).resetWith, ResetStatus.protocolError)
    client.close()
  })

  const broken: readonly [string, Buffer][] = [
    ['another version', Buffer.from([0x80, 0x02, 0, 1, 0, 0, 0, 0])],
    [
      'a control frame that is too long',
      controlFrame(FrameType.headers, Buffer.alloc(MAX_CONTROL_FRAME_BYTES + 1)).subarray(0, 8),
    ],
    ['a data frame that is too long', Buffer.concat([words(1), words(MAX_DATA_FRAME_BYTES + 1)])],
    ['headers that are no zlib stream', controlFrame(FrameType.synStream, Buffer.alloc(40, 0xaa))],
    ['a frame that is cut off', controlFrame(FrameType.reset, Buffer.of(1))],
    ['plain HTTP', Buffer.from('GET / HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(100_000))],
  ]
  for (const [name, bytes] of broken) {
    test(`ends a connection with ${name}`, async () => {
      const client = new SpdyClient()
      const served = forward(client, echo)

      client.raw(bytes)
      await served

      assert.equal(client.server.destroyed, true)
    })
  }

  test('ends a connection whose headers unpack to more than anybody needs', async () => {
    const client = new SpdyClient()
    const served = forward(client, echo)

    await client.open({ port: 'x'.repeat(MAX_STREAM_HEADER_BYTES) })
    await served

    assert.equal(client.server.destroyed, true)
  })
})
