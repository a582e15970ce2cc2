// What people type and what programs read of it.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ByteQueue } from '../streaming/byte-queue.ts'
import { forTerminal, linesOf, MAX_LINE_BYTES, Terminal, type LineSource } from './terminal.ts'

async function allOf(lines: LineSource): Promise<readonly string[]> {
  const all: string[] = []
  for (let line = await lines.read(); line !== undefined; line = await lines.read()) all.push(line)
  return all
}

async function typed(text: string): Promise<{ lines: readonly string[]; echo: string; interrupts: number }> {
  const source = new ByteQueue()
  let echo = ''
  let interrupts = 0
  const terminal = new Terminal({
    source,
    echo: (data) => (echo += data.toString('latin1')),
    interrupt: () => interrupts++,
  })
  await source.push(Buffer.from(text))
  source.end()
  return { lines: await allOf(terminal), echo: Buffer.from(echo, 'latin1').toString(), interrupts }
}

const cases: readonly [string, string, readonly string[], string][] = [
  ['a line', 'ls\r', ['ls\n'], 'ls\r\n'],
  ['erasing', 'lx\x7fs\r', ['ls\n'], 'lx\b \bs\r\n'],
  ['erasing a character of several bytes', 'aü\x7fb\r', ['ab\n'], 'aü\b \bb\r\n'],
  ['erasing nothing', '\x7f\r', ['\n'], '\r\n'],
  ['erasing the line', 'ab\x15c\r', ['c\n'], 'ab\b \b\b \bc\r\n'],
  ['arrow keys', 'a\x1b[A\x1b[3~b\r', ['ab\n'], 'ab\r\n'],
  ['the end on an empty line', 'a\r\x04b\r', ['a\n', 'b\n'], 'a\r\nb\r\n'],
  ['the end within a line', 'ab\x04', ['ab'], 'ab'],
]
for (const [name, text, lines, echo] of cases) {
  test(`a terminal takes ${name}`, async () => {
    const seen = await typed(text)

    assert.deepEqual([seen.lines, seen.echo], [lines, echo])
  })
}

test('an interrupt drops the line and is told', async () => {
  assert.deepEqual(await typed('abc\x03x\r'), { lines: ['x\n'], echo: 'abc^Cx\r\n', interrupts: 1 })
})

test('plain input is cut into lines, however it comes, and what is left counts too', async () => {
  const source = new ByteQueue()
  for (const piece of ['on', 'e\ntw', 'o\n', 'three']) await source.push(Buffer.from(piece))
  source.end()

  assert.deepEqual(await allOf(linesOf(source)), ['one\n', 'two\n', 'three'])
})

test('lines without an end come in pieces', async () => {
  const source = new ByteQueue()
  await source.push(Buffer.alloc(MAX_LINE_BYTES + 10, 0x61))
  source.end()

  const pieces = await allOf(linesOf(source))

  assert.deepEqual(
    pieces.map(({ length }) => length),
    [MAX_LINE_BYTES, 10],
  )
})

test('line ends for terminals', () => {
  assert.equal(forTerminal('a\nb\r\n'), 'a\r\nb\r\n')
})
