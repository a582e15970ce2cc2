// Data directories: one owner at a time, nothing lost when the process dies.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { DatabaseSync } from 'node:sqlite'
import { test, type TestContext } from 'node:test'
import { openDirectoryStore } from './open-store.ts'
import { createSqliteDriver } from './sqlite-driver.ts'

function directoryFor(t: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), 'store-'))
  t.after(() => rmSync(directory, { recursive: true, force: true }))
  return directory
}

test('keeps objects, history and the counter over a restart', async (t) => {
  const directory = directoryFor(t)
  const before = openDirectoryStore({ directory })
  await before.write({ key: 'a/1', expected: 0, encode: () => 'one' })
  await before.write({ key: 'a/1', expected: 1, encode: () => 'two' })
  await before.close()

  const after = openDirectoryStore({ directory, durable: true })
  t.after(() => after.close())

  assert.equal(after.revision, 2)
  assert.deepEqual(
    after.list({ prefix: 'a/', revision: 1 }).items.map((item) => item.value),
    ['one'],
  )
})

test('does not count back after the newest rows were compacted away', async (t) => {
  const directory = directoryFor(t)
  const before = openDirectoryStore({ directory })
  await before.write({ key: 'a/1', expected: 0, encode: () => 'one' })
  await before.write({ key: 'a/1', expected: 1, delete: true, encode: () => 'gone' })
  before.compact(2)
  await before.close()

  const after = openDirectoryStore({ directory })
  t.after(() => after.close())

  assert.equal(after.revision, 2)
})

test('refuses a second opener and names the process of the first', (t) => {
  const directory = directoryFor(t)
  const first = openDirectoryStore({ directory })
  t.after(() => first.close())

  assert.throws(() => openDirectoryStore({ directory }), {
    code: 'conflict',
    message: new RegExp(`in use by process ${process.pid};`),
  })
})

test('takes over what a dead process left', async (t) => {
  const directory = directoryFor(t)
  await openDirectoryStore({ directory }).close()
  writeFileSync(join(directory, 'owner.pid'), '999999\n')

  const store = openDirectoryStore({ directory })

  await assert.doesNotReject(store.close())
})

test('names a directory that cannot be made', (t) => {
  const file = join(directoryFor(t), 'file')
  writeFileSync(file, '')

  assert.throws(() => openDirectoryStore({ directory: join(file, 'data') }), {
    code: 'precondition',
    message: /cannot write to data directory/,
  })
})

test('names a database that is none', (t) => {
  const directory = directoryFor(t)
  writeFileSync(join(directory, 'state.db'), 'this is a text and no database '.repeat(100))

  assert.throws(() => openDirectoryStore({ directory }), {
    code: 'precondition',
    message: /restore it from a snapshot or a backup/,
  })
})

test('a full disk fails the write, not the store', async (t) => {
  const directory = directoryFor(t)
  const driver = createSqliteDriver({ file: join(directory, 'state.db'), maxPages: 24 })
  const { RevisionLog } = await import('./revision-log.ts')
  const store = new RevisionLog(driver)
  t.after(() => store.close())
  await store.write({ key: 'a/small', expected: 0, encode: () => 'x' })

  const large = store.write({ key: 'a/large', expected: 0, encode: () => 'x'.repeat(400_000) })

  await assert.rejects(large, { code: 'limit', message: /disk of the data directory is full/ })
  await store.committed()
  assert.equal(store.revision, 1)
  assert.equal((await store.write({ key: 'a/next', expected: 0, encode: () => 'y' })).revision, 2)
})

const WRITER = `
  const { openDirectoryStore } = await import(process.argv[1])
  const store = openDirectoryStore({ directory: process.argv[2], durable: process.argv[3] === 'durable' })
  for (let turn = 0; ; turn++) {
    const writes = Array.from({ length: 5 }, (_, index) =>
      store.write({ key: 'a/' + turn + '-' + index, expected: 0, encode: (revision) => JSON.stringify({ turn, revision }) }))
    const written = await Promise.all(writes)
    process.stdout.write(written.map((row) => row.revision).join(' ') + '\\n')
  }
`

test('a database of another program is left alone', (t) => {
  const directory = directoryFor(t)
  const foreign = new DatabaseSync(join(directory, 'state.db'))
  foreign.exec('CREATE TABLE bookmarks (url TEXT)')
  foreign.close()

  assert.throws(() => openDirectoryStore({ directory }), {
    code: 'precondition',
    message: /it belongs to another program; choose another directory with --data-dir/,
  })
  const after = new DatabaseSync(join(directory, 'state.db'))
  t.after(() => after.close())
  assert.deepEqual(
    after
      .prepare('SELECT name FROM sqlite_master')
      .all()
      .map(({ name }) => name),
    ['bookmarks'],
  )
})

test('a database of a newer Capstan is left alone', async (t) => {
  const directory = directoryFor(t)
  await openDirectoryStore({ directory }).close()
  const file = new DatabaseSync(join(directory, 'state.db'))
  file.exec('PRAGMA user_version = 2')
  file.close()

  assert.throws(() => openDirectoryStore({ directory }), {
    code: 'precondition',
    message: /it has format 2, and this Capstan reads 1/,
  })
})

for (const mode of ['default', 'durable']) {
  test(`loses nothing it acknowledged when the process is killed in the middle of writes (${mode})`, (t) =>
    killInTheMiddle(t, mode))
}

async function killInTheMiddle(t: TestContext, mode: string): Promise<void> {
  const directory = directoryFor(t)
  const module = new URL('./open-store.ts', import.meta.url).href
  const child = spawn(process.execPath, ['--input-type=module', '-e', WRITER, module, directory, mode], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  t.after(() => child.kill('SIGKILL'))
  const acknowledged: number[] = []
  for await (const line of createInterface({ input: child.stdout })) {
    acknowledged.push(...line.split(' ').map(Number))
    if (acknowledged.length >= 500) break
  }
  child.kill('SIGKILL')
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')

  const store = openDirectoryStore({ directory })
  t.after(() => store.close())
  const items = store.list({ prefix: 'a/' }).items

  const kept = new Set(items.map((item) => item.revision))
  assert.deepEqual(
    acknowledged.filter((revision) => !kept.has(revision)),
    [],
  )
  assert.equal(items.length, store.revision)
  assert.equal(items.length % 5, 0, 'a batch is there as a whole or not at all')
  for (const item of items) assert.equal(JSON.parse(item.value).revision, item.revision)
}
