// Log rows in memory: for tests and clusters that need not outlive their process.
import type { Driver, LogRow } from './driver.ts'

/** A driver that forgets everything on close. */
export function createMemoryDriver(): Driver {
  const rows = new Map<number, LogRow>()
  const heads = new Map<string, LogRow>()
  const keys: string[] = []
  let last = 0
  let compacted = 0
  let undo: (() => void)[] = []

  const setHead = (key: string, row: LogRow | undefined): void => {
    const known = heads.has(key)
    if (row === undefined) {
      heads.delete(key)
      if (known) keys.splice(firstAtOrAfter(keys, key), 1)
      return
    }
    heads.set(key, row)
    if (!known) keys.splice(firstAtOrAfter(keys, key), 0, key)
  }

  return {
    lastRevision: () => last,
    compactedRevision: () => compacted,
    head: (key) => heads.get(key),
    row: (revision) => rows.get(revision),
    scan(prefix, after, limit) {
      const found: LogRow[] = []
      const start = after > prefix ? firstAtOrAfter(keys, `${after}\0`) : firstAtOrAfter(keys, prefix)
      for (let index = start; index < keys.length && found.length < limit; index++) {
        const key = keys[index] ?? ''
        if (!key.startsWith(prefix)) break
        const row = heads.get(key)
        if (row !== undefined) found.push(row)
      }
      return found
    },
    count(prefix) {
      let total = 0
      for (let index = firstAtOrAfter(keys, prefix); index < keys.length; index++) {
        const key = keys[index] ?? ''
        if (!key.startsWith(prefix)) break
        if (heads.get(key)?.deleted === false) total++
      }
      return total
    },
    since(revision) {
      const found: LogRow[] = []
      for (let at = revision + 1; at <= last; at++) {
        const row = rows.get(at)
        if (row !== undefined) found.push(row)
      }
      return found
    },
    begin() {
      undo = []
    },
    append(row) {
      const before = heads.get(row.key)
      const lastBefore = last
      undo.push(() => {
        rows.delete(row.revision)
        setHead(row.key, before)
        last = lastBefore
      })
      rows.set(row.revision, row)
      setHead(row.key, row)
      last = Math.max(last, row.revision)
    },
    commit() {
      undo = []
    },
    rollback() {
      for (const step of undo.toReversed()) step()
      undo = []
    },
    compact(revision) {
      for (let at = compacted + 1; at <= revision; at++) {
        const row = rows.get(at)
        if (row === undefined) continue
        rows.delete(row.previous)
        if (!row.deleted) continue
        rows.delete(at)
        if (heads.get(row.key) === row) setHead(row.key, undefined)
      }
      compacted = Math.max(compacted, revision)
      last = Math.max(last, compacted)
    },
    close() {
      rows.clear()
      heads.clear()
      keys.length = 0
    },
  }
}

function firstAtOrAfter(sorted: readonly string[], key: string): number {
  let low = 0
  let high = sorted.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((sorted[middle] ?? '') < key) low = middle + 1
    else high = middle
  }
  return low
}
