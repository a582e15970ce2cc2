// Snapshots: what goes in comes out under the same revisions, and what is not whole is refused.
import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { describe, test, type TestContext } from 'node:test'
import { openDirectoryStore, openMemorySnapshot, openMemoryStore, restoreDirectory } from './open-store.ts'
import { snapshotText } from './snapshot.ts'
import { CompactedError, type Store } from './store.ts'

const ABOUT = { capstan: 'v9.9.9', nowMs: Date.parse('2026-01-02T03:04:05Z') }

/** Values that reading and writing again could change, or that lines could break at. */
const VALUES = ['{"n":9007199254740993}', '{"a":"\u2028\\n\\u0000","object":{"object":1}}', '{"n":1.50,"e":1e3}', '{}']

async function filled(t: TestContext): Promise<Store> {
  const store = openMemoryStore()
  t.after(() => store.close())
  for (const [index, value] of VALUES.entries()) {
    await store.write({ key: `a/${index}`, expected: 0, encode: () => value })
  }
  await store.write({ key: 'gone', expected: 0, encode: () => '{}' })
  await store.write({ key: 'gone', expected: 5, delete: true, encode: () => '{}' })
  await store.write({ key: 'a/3', expected: 4, encode: () => '{"changed":true}' })
  return store
}

async function textOf(store: Store): Promise<string> {
  let text = ''
  for await (const piece of snapshotText(store, ABOUT)) text += piece
  return text
}

function folder(t: TestContext): string {
  const made = mkdtempSync(join(tmpdir(), 'snapshot-'))
  t.after(() => rmSync(made, { recursive: true, force: true }))
  return made
}

function* pieces(text: string, size: number): Generator<string> {
  for (let at = 0; at < text.length; at += size) yield text.slice(at, at + size)
}

function streamed(text: string, size = 7): AsyncIterable<string> {
  return Readable.from(pieces(text, size))
}

describe('a snapshot', () => {
  test('begins with a line that says what it is', async (t) => {
    const text = await textOf(await filled(t))

    assert.deepEqual(JSON.parse(text.slice(0, text.indexOf('\n'))), {
      format: 'capstan-cluster-snapshot',
      version: 1,
      capstan: 'v9.9.9',
      createdAt: '2026-01-02T03:04:05.000Z',
      revision: 7,
      objects: 4,
    })
  })

  test('gives back every object with its text, its revisions and the counter', async (t) => {
    const store = await filled(t)
    const directory = join(folder(t), 'data')

    const header = await restoreDirectory(directory, streamed(await textOf(store)))
    const file = openDirectoryStore({ directory })
    t.after(() => file.close())
    const memory = await openMemorySnapshot(streamed(await textOf(store)))
    t.after(() => memory.close())

    assert.equal(header.objects, 4)
    for (const restored of [file, memory]) {
      const plain = (from: Store): unknown =>
        from.list({ prefix: '' }).items.map(({ key, value, revision, createRevision }) => ({
          key,
          value,
          revision,
          createRevision,
        }))
      assert.deepEqual(plain(restored), plain(store))
      assert.equal(restored.revision, 7)
      assert.throws(() => restored.watch({ prefix: '', after: 6, onEvents: () => undefined }), CompactedError)
      const next = await restored.write({ key: 'b', expected: 0, encode: () => '{}' })
      assert.equal(next.revision, 8)
    }
  })

  test('shows one state while writes go on', async (t) => {
    const store = openMemoryStore()
    t.after(() => store.close())
    const keys = Array.from({ length: 1200 }, (_, index) => `a/${String(index).padStart(4, '0')}`)
    const made = await Promise.all(keys.map((key) => store.write({ key, expected: 0, encode: () => '"before"' })))
    let text = ''

    for await (const piece of snapshotText(store, ABOUT)) {
      text += piece
      await Promise.all(
        made.map(async ({ key }) => {
          const expected = store.get(key)?.revision ?? 0
          await store.write({ key, expected, encode: () => '"after"' })
        }),
      )
    }

    assert.equal(text.match(/"before"/g)?.length, 1200)
    assert.ok(!text.includes('"after"'))
  })
})

type Spoil = (text: string) => string
const SPOILT: readonly (readonly [string, Spoil, RegExp])[] = [
  ['nothing', () => '', /it is empty/],
  ['another text', () => 'apiVersion: v1\nkind: List\n', /no whole snapshot/],
  ['other JSON', () => '{"kind":"List"}\n', /does not begin like one/],
  ['one that is cut off', (text) => text.slice(0, text.lastIndexOf('{"end"')), /its end is missing/],
  ['one that is cut off within a line', (text) => text.slice(0, -90), /no whole snapshot/],
  ['one that misses a line', (text) => text.replace(/\{"key":"a\/1"[^\n]*\n/, ''), /contents were changed/],
  ['one with a changed object', (text) => text.replace('"changed":true', '"changed":null'), /contents were changed/],
  ['a newer format', (text) => text.replace('"version":1', '"version":2'), /format 2.*reads up to 1: update Capstan/],
  ['an endless line', (text) => text.replace('"changed"', `"${'x'.repeat(5_000_000)}"`), /a line is too long/],
]

for (const [what, spoil, message] of SPOILT) {
  test(`restoring ${what} is refused and leaves nothing behind`, async (t) => {
    const text = spoil(await textOf(await filled(t)))
    const directory = folder(t)

    await assert.rejects(restoreDirectory(directory, streamed(text, 100_000)), { code: 'bad-input', message })

    assert.deepEqual(readdirSync(directory), [])
  })
}

test('a directory with a cluster in it is not restored over', async (t) => {
  const directory = folder(t)
  await openDirectoryStore({ directory }).close()

  await assert.rejects(restoreDirectory(directory, streamed('')), {
    code: 'conflict',
    message: /has a cluster already/,
  })
  assert.ok(existsSync(join(directory, 'state.db')))
})
