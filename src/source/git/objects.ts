// Git's own formats: the entries of a tree object and the facts in a commit object.
import { rfc3339Seconds } from '../../base/rfc3339.ts'
import type { RevisionFacts } from '../provider.ts'
import type { TreeEntry } from '../file-tree.ts'

const decoder = new TextDecoder()

/** Entries of a tree object in the order Git keeps them. `idBytes` is 20 (SHA-1) or 32 (SHA-256). */
export function parseTree(bytes: Uint8Array, idBytes: number): readonly TreeEntry[] {
  const entries: TreeEntry[] = []
  let at = 0
  while (at < bytes.length) {
    const space = bytes.indexOf(0x20, at)
    const end = bytes.indexOf(0, space)
    const mode = decoder.decode(bytes.subarray(at, space))
    const name = decoder.decode(bytes.subarray(space + 1, end))
    at = end + 1 + idBytes
    const id = Buffer.from(bytes.subarray(end + 1, at)).toString('hex')
    entries.push({ name, type: typeOfMode(mode), id, ...(mode === '100755' ? { isExecutable: true } : {}) })
  }
  return entries
}

function typeOfMode(mode: string): TreeEntry['type'] {
  switch (mode) {
    case '40000':
      return 'directory'
    case '120000':
      return 'symlink'
    case '160000':
      return 'submodule'
    default:
      return 'file'
  }
}

export interface Commit {
  readonly tree: string
  readonly facts: Omit<RevisionFacts, 'tags'>
}

/** The tree and the facts of a commit object. */
export function parseCommit(bytes: Uint8Array): Commit {
  const text = decoder.decode(bytes)
  const blank = text.indexOf('\n\n')
  const head = blank < 0 ? text : text.slice(0, blank)
  const tree = /^tree (?<id>[0-9a-f]+)$/m.exec(head)?.groups?.['id'] ?? ''
  const author = /^author (?<who>.*) (?<seconds>-?\d+) (?<zone>[+-]\d{4})$/m.exec(head)?.groups
  const date = rfc3339Seconds(Number(author?.['seconds'] ?? 0) * 1000)
  const message = blank < 0 ? '' : text.slice(blank + 2).trim()
  return { tree, facts: { author: author?.['who'] ?? '', date, message } }
}
