// History that is bounded under a storm of writes, and a disk that fails in the middle.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import type { Driver } from './driver.ts'
import { createMemoryDriver } from './memory-driver.ts'
import { RevisionLog } from './revision-log.ts'
import { createSqliteDriver } from './sqlite-driver.ts'
import { CompactedError } from './store.ts'

const HISTORY = { revisions: 1000, text: 1e9, markEvery: 100 }
const KEYS = 20

function folder(t: TestContext): string {
  const made = mkdtempSync(join(tmpdir(), 'log-'))
  t.after(() => rmSync(made, { recursive: true, force: true }))
  return made
}

async function storm(store: RevisionLog, rounds: number): Promise<void> {
  const known = new Map<string, number>()
  for (let round = 0; round < rounds; round++) {
    const writes = Array.from({ length: KEYS }, async (_, index) => {
      const key = `a/${index}`
      const written = await store.write({ key, expected: known.get(key) ?? 0, encode: (at) => `${at}`.repeat(100) })
      known.set(key, written.revision)
    })
    await Promise.all(writes)
  }
}

test('an old watch and an old list are refused after a storm, without anyone having compacted', async (t) => {
  const store = new RevisionLog(createMemoryDriver(), { history: HISTORY })
  t.after(() => store.close())

  await storm(store, 200)

  assert.equal(store.revision, 4000)
  assert.ok(store.compactedRevision > 2700, String(store.compactedRevision))
  assert.throws(() => store.watch({ prefix: 'a/', after: 1000, onEvents: () => undefined }), CompactedError)
  assert.throws(() => store.list({ prefix: 'a/', revision: 1000 }), CompactedError)
  assert.equal(store.list({ prefix: 'a/', revision: 3500 }).items.length, KEYS)
})

test('a file under a storm of updates does not grow with their number', async (t) => {
  const file = join(folder(t), 'state.db')
  const store = new RevisionLog(createSqliteDriver({ file }), { history: HISTORY })
  t.after(() => store.close())
  const size = (): number => statSync(file).size + statSync(`${file}-wal`).size

  await storm(store, 200)
  const early = size()
  await storm2(store, 600)

  assert.ok(size() < early * 1.5, `${early} bytes after 4,000 updates, ${size()} after 16,000`)
})

async function storm2(store: RevisionLog, rounds: number): Promise<void> {
  for (let round = 0; round < rounds; round++) {
    const items = store.list({ prefix: 'a/' }).items
    await Promise.all(
      items.map(({ key, revision }) => store.write({ key, expected: revision, encode: (at) => `${at}`.repeat(100) })),
    )
  }
}

test('history goes while writes never pause', async (t) => {
  const file = join(folder(t), 'state.db')
  const driver = createSqliteDriver({ file })
  const store = new RevisionLog(driver)
  t.after(() => store.close())
  await storm(store, 300)
  let isStorming = true
  const more = (async () => {
    let revision = 0
    while (isStorming) revision = (await store.write({ key: 'b', expected: revision, encode: () => 'x' })).revision
  })()

  store.compact(5900)
  while (driver.compactedRevision() < 5900) await new Promise(setImmediate)
  isStorming = false
  await more

  assert.equal(store.compactedRevision, 5900)
})

function failing(driver: Driver, isFailing: () => boolean): Driver {
  const checked = (step: () => void): void => {
    if (isFailing()) throw new Error('disk I/O error')
    step()
  }
  return {
    ...driver,
    commit: () => checked(() => driver.commit()),
    compact: (revision) => checked(() => driver.compact(revision)),
  }
}

test('a commit that fails reaches every writer of its batch, no watcher, and leaves no trace', async (t) => {
  let isFailing = false
  const store = new RevisionLog(failing(createMemoryDriver(), () => isFailing))
  t.after(() => store.close())
  const seen: string[] = []
  store.watch({ prefix: '', after: 0, onEvents: (events) => seen.push(...events.map(({ key }) => key)) })
  await store.write({ key: 'before', expected: 0, encode: () => 'x' })

  isFailing = true
  const results = await Promise.allSettled(
    ['a', 'b', 'c'].map((key) => store.write({ key, expected: 0, encode: () => 'x' })),
  )
  isFailing = false
  const after = await store.write({ key: 'a', expected: 0, encode: () => 'x' })

  assert.deepEqual(
    results.map(({ status }) => status),
    ['rejected', 'rejected', 'rejected'],
  )
  assert.deepEqual(seen, ['before', 'a'])
  assert.equal(after.revision, 2)
  assert.deepEqual(
    store.list({ prefix: '' }).items.map(({ key }) => key),
    ['a', 'before'],
  )
})

test('history that cannot be dropped is reported and tried again', async (t) => {
  let isFailing = false
  const errors: unknown[] = []
  const driver = createMemoryDriver()
  const store = new RevisionLog(
    failing(driver, () => isFailing),
    { onCompactionError: (error) => errors.push(error) },
  )
  t.after(() => store.close())
  await store.write({ key: 'a', expected: 0, encode: () => 'x' })
  await store.write({ key: 'a', expected: 1, encode: () => 'y' })
  isFailing = true

  store.compact(1)
  isFailing = false
  store.compact(2)

  assert.equal(errors.length, 1)
  assert.equal(driver.compactedRevision(), 2)
  assert.throws(() => store.list({ prefix: '', revision: 1 }), CompactedError)
})
