// Frames of web sockets both ways, what breaks their rules, and a conversation with its goodbye.
import assert from 'node:assert/strict'
import { PassThrough } from 'node:stream'
import { test } from 'node:test'
import { ManualClock } from './clock.ts'
import { acceptOf, GOODBYE_MS, WebSocketEnd, type Wire } from './web-socket.ts'
import { encodeFrame, FrameReader, MAX_FRAGMENTS, WebSocketFault, type WebSocketMessage } from './web-socket-frames.ts'

const LIMIT = 70_000

function readAll(bytes: Buffer, isMasked: boolean, step: number = bytes.length): readonly WebSocketMessage[] {
  const reader = new FrameReader({ isMasked, maxBytes: LIMIT })
  const found: WebSocketMessage[] = []
  for (let at = 0; at < bytes.length; at += step) found.push(...reader.push(bytes.subarray(at, at + step)))
  return found
}

test('reads what it writes, masked and not, of every length, however it is cut', () => {
  for (const isMasked of [true, false]) {
    for (const length of [0, 1, 125, 126, 65_535, 65_536]) {
      const data = Buffer.alloc(length, 'x')
      const frame = encodeFrame('text', data, isMasked)
      assert.deepEqual(readAll(frame, isMasked), [{ kind: 'text', data }])
      assert.deepEqual(readAll(Buffer.concat([frame, frame]), isMasked, 10_007).length, 2)
    }
  }
  const small = encodeFrame('binary', Buffer.from([1, 2, 3]), true)
  assert.deepEqual(readAll(small, true, 1), [{ kind: 'binary', data: Buffer.from([1, 2, 3]) }])
})

test('puts fragments together, with a ping between them', () => {
  const first = encodeFrame('text', Buffer.from('Grü'), false)
  first[0] = 0x01
  const last = encodeFrame('text', Buffer.from('ße'), false)
  last[0] = 0x80
  const found = readAll(Buffer.concat([first, encodeFrame('ping', Buffer.from('?'), false), last]), false)
  assert.deepEqual(
    found.map(({ kind, data }) => [kind, data.toString()]),
    [
      ['ping', '?'],
      ['text', 'Grüße'],
    ],
  )
})

test('takes as many pieces as are allowed, empty ones too', () => {
  const frame = encodeFrame('text', Buffer.alloc(0), false)
  const [first, piece, last] = [0x01, 0x00, 0x80].map((head) => Buffer.from([head, ...frame.subarray(1)]))
  assert.ok(first !== undefined && piece !== undefined && last !== undefined)
  const frames = [first, ...Array<Buffer>(MAX_FRAGMENTS - 2).fill(piece), last]
  assert.deepEqual(readAll(Buffer.concat(frames), false), [{ kind: 'text', data: Buffer.alloc(0) }])
})

test('refuses what breaks the rules, each with its code', () => {
  const changed = (frame: Buffer, first: number): Buffer => {
    const copy = Buffer.from(frame)
    copy[0] = first
    return copy
  }
  const text = encodeFrame('text', Buffer.from('a'), false)
  const empty = encodeFrame('text', Buffer.alloc(0), false)
  const pieces = Array<Buffer>(MAX_FRAGMENTS).fill(changed(empty, 0x00))
  const cases: readonly (readonly [string, Buffer, boolean, number])[] = [
    ['a client that does not mask', text, true, 1002],
    ['a server that masks', encodeFrame('text', Buffer.from('a'), true), false, 1002],
    ['reserved bits', changed(text, 0xc1), false, 1002],
    ['an unknown kind', changed(text, 0x83), false, 1002],
    ['a continuation of nothing', changed(text, 0x80), false, 1002],
    ['a text within a text', Buffer.concat([changed(text, 0x01), text]), false, 1002],
    ['a ping in pieces', changed(encodeFrame('ping', Buffer.from('a'), false), 0x09), false, 1002],
    ['a long ping', encodeFrame('ping', Buffer.alloc(126), false), false, 1002],
    ['no UTF-8', encodeFrame('text', Buffer.from([0xff]), false), false, 1007],
    ['too many bytes', encodeFrame('binary', Buffer.alloc(LIMIT + 1), false), false, 1009],
    ['too many pieces', Buffer.concat([changed(text, 0x01), ...pieces]), false, 1008],
    ['a length of 2^63', Buffer.from([0x82, 127, 0x80, 0, 0, 0, 0, 0, 0, 0]), false, 1009],
  ]
  for (const [what, bytes, isMasked, closeCode] of cases) {
    assert.throws(() => readAll(bytes, isMasked), (error) => error instanceof WebSocketFault && error.closeCode === closeCode, what) // prettier-ignore
  }
})

interface Pipe {
  readonly wire: Wire
  readonly sent: Buffer[]
  readonly input: PassThrough
}

function pipe(): Pipe {
  const input = new PassThrough()
  const sent: Buffer[] = []
  const wire: Wire = {
    destroyed: false,
    iterator: (options) => input.iterator(options) as AsyncIterable<Buffer>,
    write(data, done) {
      sent.push(Buffer.from(data))
      done()
      return true
    },
    end: (data) => sent.push(Buffer.from(data)),
    destroySoon: () => undefined,
    destroy: () => input.destroy(),
  }
  return { wire, sent, input }
}

test('answers pings, says goodbye when told goodbye, and sends nothing after it', async () => {
  const { wire, sent, input } = pipe()
  const end = new WebSocketEnd(wire, { isClient: false, maxBytes: LIMIT })
  input.write(encodeFrame('ping', Buffer.from('there?'), true))
  input.write(encodeFrame('text', Buffer.from('hello'), true))
  input.write(encodeFrame('close', Buffer.from([0x03, 0xe9]), true))

  const texts: string[] = []
  for await (const { data } of end.messages()) texts.push(data.toString())
  await end.send('too late')

  assert.deepEqual(texts, ['hello'])
  assert.equal(end.heard, 3)
  assert.deepEqual(
    readAll(Buffer.concat(sent), false).map(({ kind, data }) => [kind, data.toString('latin1')]),
    [
      ['pong', 'there?'],
      ['close', '\x03\xe9'],
    ],
  )
})

test('tells a peer that breaks the rules which one, and ends', async () => {
  const { wire, sent, input } = pipe()
  const end = new WebSocketEnd(wire, { isClient: false, maxBytes: LIMIT })
  input.write(encodeFrame('text', Buffer.from('not masked'), false))
  for await (const _ of end.messages()) assert.fail('it is no message')
  const [goodbye] = readAll(Buffer.concat(sent), false)
  assert.equal(goodbye?.data.readUInt16BE(0), 1002)
})

test('a peer that is silent after the goodbye loses its connection', async () => {
  const { wire, input } = pipe()
  const clock = new ManualClock()
  const end = new WebSocketEnd(wire, { isClient: false, maxBytes: LIMIT, clock })
  const left = end.messages().next()

  end.close()
  assert.equal(input.destroyed, false)
  clock.advance(GOODBYE_MS)

  assert.equal((await left).done, true)
  assert.equal(input.destroyed, true)
})

test('makes the answer to a handshake of the example of RFC 6455, 1.3', () => {
  assert.equal(acceptOf('dGhlIHNhbXBsZSBub25jZQ=='), 's3pPLMBiTxaQ9kYGzzhZRbK+xOo=')
})
