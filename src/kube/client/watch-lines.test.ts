// The line splitter's limit and its edges; watches test the rest.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { splitLines } from './watch-lines.ts'

async function lines(parts: readonly (string | Uint8Array)[], maxBytes?: number): Promise<string[]> {
  async function* stream(): AsyncGenerator<string | Uint8Array> {
    for (const part of parts) yield await Promise.resolve(part)
  }
  const all: string[] = []
  for await (const line of splitLines(stream(), maxBytes)) all.push(line)
  return all
}

test('yields whole lines whatever the chunks, without the empty ones', async () => {
  const cases: readonly [readonly string[], readonly string[]][] = [
    [['a\nb\n'], ['a', 'b']],
    [
      ['a', '\n\n', 'b'],
      ['a', 'b'],
    ],
    [
      ['a\nb', 'c\n'],
      ['a', 'bc'],
    ],
    [[], []],
  ]
  for (const [parts, expected] of cases) assert.deepEqual(await lines(parts), expected)
})

test('refuses a line that passes the limit', async () => {
  await assert.rejects(lines(['aaa', 'aaa'], 5), /larger than 5 bytes/)
})
