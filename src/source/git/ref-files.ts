// Reads the refs of a repository on this disk from its own files: HEAD, the loose refs and packed-refs.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** More loose refs than this, or deeper folders, are left to git: it lists them no slower. */
export const MAX_LOOSE_REFS = 1_000
const MAX_DEPTH = 16
/** Names that stand for names, as git limits them (refs.c `SYMREF_MAXDEPTH`). */
const MAX_SYMREFS = 5

const ID = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/
const PACKED_LINE = /^(?:\^(?<tag>[0-9a-f]{40,64})|(?<id>[0-9a-f]{40}|[0-9a-f]{64}) (?<name>refs\/.+))$/
const SYMREF = 'ref: '

export interface RefFiles {
  /** The full name HEAD stands for; undefined where it names a commit. */
  readonly head: string | undefined
  /** Full ref name → object id, `HEAD` included; annotated tags are not peeled. Names that lead nowhere are left out. */
  readonly ids: ReadonlyMap<string, string>
  /** What packed-refs knows of annotated tags: id of the tag → id of what it is on. */
  readonly peeled: ReadonlyMap<string, string>
}

/** The refs that were read, and the files' own words, by which a later reading knows that nothing has moved. */
export interface RefSnapshot extends RefFiles {
  readonly loose: string
  readonly packed: PackedRefs
}

interface PackedRefs {
  readonly text: Buffer
  readonly ids: ReadonlyMap<string, string>
  readonly peeled: ReadonlyMap<string, string>
}

const NOTHING_PACKED: PackedRefs = { text: Buffer.alloc(0), ids: new Map(), peeled: new Map() }

/**
 * Reads every file anew, so that no change is missed however fast it followed another; the very same `before` comes back
 * where nothing has moved. Undefined where only git can say: another storage, a linked work tree, a file of another form.
 * Synchronous: a handful of files of 41 bytes, which the kernel has in memory.
 */
export function readRefFiles(gitDirectory: string, before?: RefSnapshot): RefSnapshot | undefined {
  if (existsSync(join(gitDirectory, 'reftable')) || existsSync(join(gitDirectory, 'commondir'))) return undefined
  const values = readLoose(gitDirectory)
  if (values === undefined) return undefined
  // After the loose ones: a ref that is packed meanwhile stands in packed-refs before its file goes (files-backend.c).
  const packed = readPacked(gitDirectory, before?.packed)
  if (packed === undefined) return undefined
  const loose = JSON.stringify(values)
  if (before?.loose === loose && before.packed === packed) return before
  const known = new Map([...packed.ids, ...values])
  return { head: targetOf(known.get('HEAD')), ids: resolveAll(known), peeled: packed.peeled, loose, packed }
}

function resolveAll(values: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  const ids = new Map<string, string>()
  for (const name of values.keys()) {
    const id = idOf(values, name)
    if (id !== undefined) ids.set(name, id)
  }
  return ids
}

/** What a symbolic ref names. */
function targetOf(value: string | undefined): string | undefined {
  return value?.startsWith(SYMREF) === true ? value.slice(SYMREF.length) : undefined
}

function idOf(values: ReadonlyMap<string, string>, name: string): string | undefined {
  let value = values.get(name)
  for (let steps = 0; steps <= MAX_SYMREFS; steps++) {
    const target = targetOf(value)
    if (target === undefined) return value
    value = values.get(target)
  }
  return undefined
}

/** HEAD and the files below refs/, as [name, id or `ref: name`]. */
function readLoose(gitDirectory: string): readonly (readonly [string, string])[] | undefined {
  const values: [string, string][] = []
  const folders = [{ name: 'refs', depth: 0 }]
  const head = valueOf(join(gitDirectory, 'HEAD'))
  if (head === undefined || head === 'gone') return undefined
  values.push(['HEAD', head])
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    for (const entry of entriesOf(join(gitDirectory, folder.name))) {
      const name = `${folder.name}/${entry.name}`
      if (entry.isDirectory()) {
        folders.push({ name, depth: folder.depth + 1 })
        continue
      }
      if (name.endsWith('.lock')) continue
      const value = valueOf(join(gitDirectory, name))
      if (value === undefined || values.length > MAX_LOOSE_REFS || folder.depth > MAX_DEPTH) return undefined
      if (value !== 'gone') values.push([name, value])
    }
  }
  return values
}

/** An id or `ref: name`; `gone` for a file deleted meanwhile, undefined for one that holds something else. */
function valueOf(path: string): string | undefined {
  const text = readIfThere(path)?.toString('utf8').trim()
  if (text === undefined) return 'gone'
  return ID.test(text) || /^ref: refs\/\S+$/.test(text) ? text : undefined
}

function entriesOf(path: string): readonly { readonly name: string; isDirectory(): boolean }[] {
  try {
    return readdirSync(path, { withFileTypes: true })
  } catch (error) {
    if (isMissing(error)) return []
    throw error
  }
}

/** The same object again where the file is the same; undefined where it has lines that are not known. */
function readPacked(gitDirectory: string, before: PackedRefs | undefined): PackedRefs | undefined {
  const text = readIfThere(join(gitDirectory, 'packed-refs'))
  if (text === undefined) return before?.text.length === 0 ? before : NOTHING_PACKED
  if (before?.text.equals(text) === true) return before
  const lines = parsePacked(text.toString('utf8'))
  return lines === undefined ? undefined : { text, ...lines }
}

/** Lines `<id> <name>`, each followed by `^<id>` where it is an annotated tag. */
function parsePacked(text: string): Pick<PackedRefs, 'ids' | 'peeled'> | undefined {
  const ids = new Map<string, string>()
  const peeled = new Map<string, string>()
  let last: string | undefined
  for (const line of text.split('\n')) {
    if (line === '' || line.startsWith('#')) continue
    const { tag, id = '', name = '' } = PACKED_LINE.exec(line)?.groups ?? {}
    if (tag !== undefined && last !== undefined) peeled.set(last, tag)
    else if (name === '') return undefined
    else ids.set(name, id)
    last = id
  }
  return { ids, peeled }
}

function readIfThere(path: string): Buffer | undefined {
  try {
    return readFileSync(path)
  } catch (error) {
    if (isMissing(error)) return undefined
    throw error
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR')
}
