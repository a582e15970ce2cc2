import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { GitObject } from './cat-file.ts'
import { gitTree, treeCache } from './tree.ts'

/** Of a root with this many files; the last byte of the id tells the commit. */
const WIDTH = 30

function rootOf(commit: number): GitObject {
  const id = commit.toString(16).padStart(40, '0')
  const entry = (index: number): Buffer =>
    Buffer.concat([Buffer.from(`100644 file-${String(index).padStart(2, '0')}\0`), Buffer.alloc(20, commit)])
  return { id, type: 'tree', bytes: Buffer.concat(Array.from({ length: WIDTH }, (_, at) => entry(at))) }
}

test('what is kept of trees is bounded by their entries, however wide each is; one that is gone is read again', async () => {
  const cache = treeCache(3 * (WIDTH + 1))
  const roots = new Map(Array.from({ length: 10 }, (_, commit) => rootOf(commit)).map((root) => [root.id, root]))
  let reads = 0
  const objects = {
    async read(id: string): Promise<GitObject | undefined> {
      reads++
      return roots.get(id)
    },
  }
  const namesAt = async (id: string): Promise<number> =>
    (await gitTree({ objects, revision: id, rootTree: id, cache }).readDirectory(''))?.length ?? 0

  for (const id of roots.keys()) assert.equal(await namesAt(id), WIDTH)

  assert.equal(cache.count, 3)
  assert.equal(reads, 10)
  const [first = ''] = roots.keys()
  assert.equal(await namesAt(first), WIDTH)
  assert.equal(reads, 11)
  assert.equal(await namesAt(first), WIDTH)
  assert.equal(reads, 11)
})
