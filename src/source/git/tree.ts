// A commit's files as a FileTree: read straight from Git's object store, links followed inside the tree only.
import { CapstanError } from '../../base/errors.ts'
import type { FileTree, TreeEntry } from '../file-tree.ts'
import type { GitObject } from './cat-file.ts'
import { parseTree } from './objects.ts'

/** More links in one path than this is taken for a circle, as by Linux. */
export const MAX_LINKS = 40

export interface ObjectSource {
  read(id: string): Promise<GitObject | undefined>
}

const decoder = new TextDecoder()

/** The files of one commit. `cache` keeps parsed tree objects by id and may be shared by all commits of a repository. */
export function gitTree(options: {
  readonly objects: ObjectSource
  readonly revision: string
  readonly rootTree: string
  readonly cache: Map<string, readonly TreeEntry[]>
}): FileTree {
  const { objects, revision, rootTree, cache } = options

  /** Tree objects that are being read: many applications ask for the same ones at once. */
  const reading = new Map<string, Promise<readonly TreeEntry[]>>()

  function entriesOf(id: string): readonly TreeEntry[] | Promise<readonly TreeEntry[]> {
    const known = cache.get(id) ?? reading.get(id)
    if (known !== undefined) return known
    const read = readEntries(id).finally(() => reading.delete(id))
    reading.set(id, read)
    return read
  }

  async function readEntries(id: string): Promise<readonly TreeEntry[]> {
    const object = await objects.read(id)
    if (object === undefined) throw missingObject(id)
    const entries = parseTree(object.bytes, id.length / 2).toSorted(byName)
    cache.set(id, entries)
    return entries
  }

  async function readBlob(id: string): Promise<Uint8Array> {
    const object = await objects.read(id)
    if (object === undefined) throw missingObject(id)
    return object.bytes
  }

  function missingObject(id: string): CapstanError {
    return new CapstanError(
      'unavailable',
      `Git object ${id} of revision ${revision} is missing; refresh the application to fetch it again`,
    )
  }

  /** Finds what a path names, links followed; undefined where there is nothing. */
  async function find(path: string): Promise<TreeEntry | undefined> {
    let steps = path.split('/').filter((step) => step !== '' && step !== '.')
    let parents: TreeEntry[] = []
    let here: TreeEntry = { name: '', type: 'directory', id: rootTree }
    let links = 0
    while (steps.length > 0) {
      const [step = '', ...rest] = steps
      steps = rest
      if (step === '..') {
        const parent = parents.at(-1)
        if (parent === undefined) throw leavesTree(path)
        parents = parents.slice(0, -1)
        here = parent
        continue
      }
      if (here.type !== 'directory') return undefined
      const entry = (await entriesOf(here.id)).find(({ name }) => name === step)
      if (entry === undefined) return undefined
      if (entry.type !== 'symlink') {
        parents = [...parents, here]
        here = entry
        continue
      }
      links += 1
      if (links > MAX_LINKS) throw new CapstanError('bad-input', `${path}: too many levels of symbolic links`)
      const target = decoder.decode(await readBlob(entry.id))
      if (target.startsWith('/')) throw leavesTree(path)
      steps = [...target.split('/').filter((part) => part !== '' && part !== '.'), ...steps]
    }
    return here
  }

  return {
    revision,
    async readFile(path) {
      const entry = await find(path)
      if (entry?.type !== 'file') return undefined
      return { id: entry.id, bytes: await readBlob(entry.id) }
    },
    async readDirectory(path) {
      const entry = await find(path)
      return entry?.type === 'directory' ? entriesOf(entry.id) : undefined
    },
  }
}

function byName(a: TreeEntry, b: TreeEntry): number {
  if (a.name === b.name) return 0
  return a.name < b.name ? -1 : 1
}

function leavesTree(path: string): CapstanError {
  return new CapstanError('bad-input', `${path}: path leads outside the repository`)
}
