// A commit's files as a FileTree: read straight from Git's object store, links followed inside the tree only.
import { CapstanError } from '../../base/errors.ts'
import { LruCache } from '../../base/lru.ts'
import type { FileTree, TreeEntry } from '../file-tree.ts'
import type { GitObject } from './cat-file.ts'
import { type LfsPointer, parsePointer } from './lfs-pointer.ts'
import { parseTree } from './objects.ts'
import type { Submodules } from './submodules.ts'

/** More links in one path than this is taken for a circle, as by Linux. */
export const MAX_LINKS = 40

export interface ObjectSource {
  read(id: string): Promise<GitObject | undefined>
}

/** So many are looked through faster than they are indexed. */
const FEW_ENTRIES = 16

const decoder = new TextDecoder()

/** Parsed tree objects by id, bounded by the number of their entries; an empty one counts as one. */
export function treeCache(maxEntries: number): LruCache<readonly TreeEntry[]> {
  return new LruCache({ maxSize: maxEntries, sizeOf: (entries) => entries.length + 1 })
}

/** The files of one commit. `cache` keeps parsed tree objects by id and may be shared by all commits of a repository. */
export function gitTree(options: {
  readonly objects: ObjectSource
  readonly revision: string
  readonly rootTree: string
  readonly cache: LruCache<readonly TreeEntry[]>
  /** Absent: their directories are empty. */
  readonly submodules?: Submodules
  /** What a pointer of Git LFS stands for; undefined leaves the pointer. */
  readonly readLfs?: (pointer: LfsPointer, path: string) => Promise<Uint8Array | undefined>
}): FileTree {
  const { objects, revision, rootTree, cache, submodules, readLfs } = options

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

  /** By list: a folder of thousands of applications is searched for each of them. */
  const indexes = new WeakMap<readonly TreeEntry[], ReadonlyMap<string, TreeEntry>>()

  function entryNamed(entries: readonly TreeEntry[], wanted: string): TreeEntry | undefined {
    if (entries.length <= FEW_ENTRIES) return entries.find(({ name }) => name === wanted)
    let index = indexes.get(entries)
    if (index === undefined) {
      index = new Map(entries.map((entry) => [entry.name, entry]))
      indexes.set(entries, index)
    }
    return index.get(wanted)
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
  async function find(path: string): Promise<Found | undefined> {
    let steps = stepsOf(path)
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
      const entry = entryNamed(await entriesOf(here.id), step)
      if (entry === undefined) return undefined
      if (entry.type === 'submodule') return enter([...parents, here, entry], steps)
      if (entry.type !== 'symlink') {
        parents = [...parents, here]
        here = entry
        continue
      }
      links += 1
      if (links > MAX_LINKS) throw new CapstanError('bad-input', `${path}: too many levels of symbolic links`)
      steps = [...(await targetOf(entry, path)), ...steps]
    }
    return { entry: here }
  }

  async function targetOf(link: TreeEntry, path: string): Promise<readonly string[]> {
    const target = decoder.decode(await readBlob(link.id))
    if (target.startsWith('/')) throw leavesTree(path)
    return stepsOf(target)
  }

  /** The root comes first, the submodule last. */
  async function enter(entries: readonly TreeEntry[], steps: readonly string[]): Promise<Found | undefined> {
    const entry = entries.at(-1)
    const place = entries.slice(1).map(({ name }) => name)
    const module = entry && (await submodules?.treeAt(place.join('/'), entry.id))
    if (module !== undefined) return { module, inner: steps.join('/') }
    return entry === undefined || steps.length > 0 ? undefined : { entry }
  }

  /** Where submodules are opened, each is a directory like any other. */
  async function listed(id: string): Promise<readonly TreeEntry[]> {
    const entries = await entriesOf(id)
    const isMapped = entries.some(({ type }) => type === 'submodule') && (await submodules?.areConfigured()) === true
    return isMapped ? entries.map((one) => (one.type === 'submodule' ? { ...one, type: 'directory' } : one)) : entries
  }

  return {
    revision,
    async readFile(path, signal) {
      const found = await find(path)
      if (found?.module !== undefined) return found.module.readFile(found.inner, signal)
      if (found?.entry.type !== 'file') return undefined
      const bytes = await readBlob(found.entry.id)
      const pointer = readLfs && parsePointer(bytes)
      const file = pointer && (await readLfs(pointer, path))
      return { id: found.entry.id, bytes: file ?? bytes }
    },
    async readDirectory(path, signal) {
      const found = await find(path)
      if (found?.module !== undefined) return found.module.readDirectory(found.inner, signal)
      return found?.entry.type === 'directory' ? listed(found.entry.id) : undefined
    },
  }
}

/** An entry of the tree itself, or a path in one of its submodules. */
type Found =
  | { readonly entry: TreeEntry; readonly module?: undefined }
  | { readonly module: FileTree; readonly inner: string }

function stepsOf(path: string): readonly string[] {
  return path.split('/').filter((step) => step !== '' && step !== '.')
}

function byName(a: TreeEntry, b: TreeEntry): number {
  if (a.name === b.name) return 0
  return a.name < b.name ? -1 : 1
}

function leavesTree(path: string): CapstanError {
  return new CapstanError('bad-input', `${path}: path leads outside the repository`)
}
