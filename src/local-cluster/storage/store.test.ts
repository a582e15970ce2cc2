// The contract of every store, run over memory and SQLite.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test, type TestContext } from 'node:test'
import { openDirectoryStore, openMemoryStore } from './open-store.ts'
import { CompactedError, RevisionConflictError, type Store, type StoredObject, type StoreEvent } from './store.ts'

const OPENERS: Readonly<Record<string, (t: TestContext) => Store>> = {
  memory: () => openMemoryStore(),
  sqlite(t) {
    const directory = mkdtempSync(join(tmpdir(), 'store-'))
    t.after(() => rmSync(directory, { recursive: true }))
    return openDirectoryStore({ directory })
  },
}

function put(store: Store, key: string, text: string, expected = 0): Promise<StoredObject> {
  return store.write({ key, expected, encode: (revision) => `${text}@${revision}` })
}

function remove(store: Store, key: string, expected: number): Promise<StoredObject> {
  return store.write({ key, expected, delete: true, encode: (revision) => `gone@${revision}` })
}

function values(items: readonly StoredObject[]): readonly string[] {
  return items.map((item) => item.value)
}

for (const [name, open] of Object.entries(OPENERS)) {
  describe(`a store in ${name}`, () => {
    const opened = (t: TestContext): Store => {
      const store = open(t)
      t.after(() => store.close())
      return store
    }

    test('counts one revision up for every write and keeps the revision of creation', async (t) => {
      const store = opened(t)

      const created = await put(store, 'a/x', 'one')
      await put(store, 'b/y', 'other')
      const updated = await put(store, 'a/x', 'two', created.revision)

      assert.deepEqual([created.revision, updated.revision, updated.createRevision], [1, 3, 1])
      assert.equal(store.get('a/x')?.value, 'two@3')
      assert.equal(store.revision, 3)
    })

    test('lists what is written into folders that were empty, then and later', async (t) => {
      const store = opened(t)
      const list = (prefix: string, revision?: number): readonly string[] =>
        values(store.list({ prefix, ...(revision === undefined ? {} : { revision }) }).items)
      const before = [list('a/'), list('a/b/')]

      const created = await put(store, 'a/b/x', 'one')
      const after = [list('a/'), list('a/b/')]
      await remove(store, 'a/b/x', created.revision)

      assert.deepEqual(
        [before, after],
        [
          [[], []],
          [['one@1'], ['one@1']],
        ],
      )
      assert.deepEqual([list('a/b/'), list('a/b/'), list('a/b/', 1)], [[], [], ['one@1']])
    })

    test('refuses a write that expects another revision, and keeps what is there', async (t) => {
      const store = opened(t)
      await put(store, 'a/x', 'one')

      await assert.rejects(put(store, 'a/x', 'again'), RevisionConflictError)
      await assert.rejects(put(store, 'a/x', 'stale', 7), RevisionConflictError)
      await assert.rejects(remove(store, 'a/none', 3), RevisionConflictError)

      assert.equal(store.get('a/x')?.value, 'one@1')
      assert.equal(store.revision, 1)
    })

    test('sees the conflict between two writes of one turn', async (t) => {
      const store = opened(t)

      const results = await Promise.allSettled([put(store, 'a/x', 'first'), put(store, 'a/x', 'second')])

      assert.deepEqual(
        results.map((result) => result.status),
        ['fulfilled', 'rejected'],
      )
      assert.equal(store.get('a/x')?.value, 'first@1')
    })

    test('lists a prefix in key order, page by page', async (t) => {
      const store = opened(t)
      for (const key of ['a/3', 'b/1', 'a/1', 'a/2']) await put(store, key, key)

      const first = store.list({ prefix: 'a/', limit: 2 })
      const rest = store.list({ prefix: 'a/', limit: 2, after: 'a/2' })

      assert.deepEqual(values(first.items), ['a/1@3', 'a/2@4'])
      assert.deepEqual([first.more, rest.more], [true, false])
      assert.deepEqual(values(rest.items), ['a/3@1'])
      assert.equal(store.count('a/'), 3)
    })

    test('lists a prefix longer than one read of the driver', async (t) => {
      const store = opened(t)
      const keys = Array.from({ length: 2_105 }, (_, index) => `a/${String(index).padStart(5, '0')}`)
      await Promise.all(keys.map((key) => put(store, key, 'v')))

      const page = store.list({ prefix: 'a/' })

      assert.deepEqual(
        page.items.map((item) => item.key),
        keys,
      )
    })

    test('shows the state at an older revision, deleted objects too', async (t) => {
      const store = opened(t)
      await put(store, 'a/1', 'one')
      const { revision } = await put(store, 'a/2', 'two')
      await put(store, 'a/1', 'changed', 1)
      await remove(store, 'a/2', 2)
      await put(store, 'a/3', 'three')

      assert.deepEqual(values(store.list({ prefix: 'a/', revision }).items), ['one@1', 'two@2'])
      assert.deepEqual(values(store.list({ prefix: 'a/' }).items), ['changed@3', 'three@5'])
    })

    test('watches from a revision: history first, then every commit, with what stood before', async (t) => {
      const store = opened(t)
      await put(store, 'a/1', 'one')
      await put(store, 'a/1', 'two', 1)
      const seen: StoreEvent[] = []

      const stop = store.watch({ prefix: 'a/', after: 1, onEvents: (events) => seen.push(...events) })
      await put(store, 'b/1', 'elsewhere')
      await remove(store, 'a/1', 2)
      stop()
      await put(store, 'a/2', 'unseen')

      assert.deepEqual(
        seen.map(({ type, value, previous }) => [type, value, previous]),
        [
          ['updated', 'two@2', 'one@1'],
          ['deleted', 'gone@4', 'two@2'],
        ],
      )
    })

    test('hands the changes of one turn over together', async (t) => {
      const store = opened(t)
      const batches: number[] = []
      store.watch({ prefix: '', after: 0, onEvents: (events) => batches.push(events.length) })

      await Promise.all([put(store, 'a/1', 'x'), put(store, 'a/2', 'x'), put(store, 'a/3', 'x')])

      assert.deepEqual(batches, [3])
    })

    test('forgets superseded versions on compaction and says so', async (t) => {
      const store = opened(t)
      await put(store, 'a/1', 'one')
      await put(store, 'a/1', 'two', 1)
      await put(store, 'a/2', 'gone soon')
      await remove(store, 'a/2', 3)

      store.compact(4)

      assert.throws(() => store.list({ prefix: 'a/', revision: 2 }), CompactedError)
      assert.throws(() => store.watch({ prefix: 'a/', after: 3, onEvents: () => {} }), CompactedError)
      assert.deepEqual(values(store.list({ prefix: 'a/' }).items), ['two@2'])
      assert.equal((await put(store, 'a/2', 'anew')).revision, 5)
    })

    test('gives the revision to no one else when making the text fails', async (t) => {
      const store = opened(t)
      const failing = store.write({
        key: 'a/1',
        expected: 0,
        encode: () => {
          throw new Error('too large')
        },
      })

      await assert.rejects(failing, /too large/)
      assert.equal((await put(store, 'a/1', 'fine')).revision, 1)
    })
  })
}
