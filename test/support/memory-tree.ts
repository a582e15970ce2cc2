// A tree of files given as text, links among them.
import { CapstanError } from '../../src/base/errors.ts'
import { sha256Hex } from '../../src/base/digest.ts'
import type { FileTree, TreeEntry } from '../../src/source/file-tree.ts'

/** What a path holds: text or bytes of a file, or a symbolic link to a path of the tree. */
export type MemoryFile = string | Uint8Array | { readonly link: string }

/** A tree with these files by path; content ids are digests. Links lead to files and are followed one after the other. */
export function memoryTree(files: Readonly<Record<string, MemoryFile>>, revision: string): FileTree {
  return {
    revision,
    readFile: (path) => Promise.resolve().then(() => readMemoryFile(files, path)),
    readDirectory: (path) => Promise.resolve(listMemory(files, path)),
  }
}

const MAX_LINKS = 40

function readMemoryFile(
  files: Readonly<Record<string, MemoryFile>>,
  path: string,
): { id: string; bytes: Uint8Array } | undefined {
  let target = path
  for (let links = 0; links < MAX_LINKS; links++) {
    const file = Object.hasOwn(files, target) ? files[target] : undefined
    if (file === undefined) return undefined
    if (typeof file === 'string' || file instanceof Uint8Array) {
      const bytes = typeof file === 'string' ? new TextEncoder().encode(file) : file
      return { id: sha256Hex(bytes), bytes }
    }
    if (file.link.startsWith('/') || file.link.split('/').includes('..')) {
      throw new CapstanError('bad-input', `${path}: symbolic link leaves the tree`)
    }
    target = file.link
  }
  return undefined
}

function listMemory(files: Readonly<Record<string, MemoryFile>>, path: string): readonly TreeEntry[] | undefined {
  const prefix = path === '' ? '' : `${path}/`
  const entries = new Map<string, TreeEntry>()
  const below = new Map<string, string>()
  for (const [name, file] of Object.entries(files)) {
    if (!name.startsWith(prefix)) continue
    const [first = '', ...rest] = name.slice(prefix.length).split('/')
    const id = idOf(file)
    if (rest.length === 0) entries.set(first, { name: first, type: typeOf(file), id })
    else below.set(first, `${below.get(first) ?? ''}${rest.join('/')} ${id}\n`)
  }
  for (const [name, content] of below) entries.set(name, { name, type: 'directory', id: sha256Hex(content) })
  if (entries.size === 0) return path === '' ? [] : undefined
  return [...entries.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1))
}

function typeOf(file: MemoryFile): 'file' | 'symlink' {
  return typeof file === 'string' || file instanceof Uint8Array ? 'file' : 'symlink'
}

function idOf(file: MemoryFile): string {
  return sha256Hex(typeof file === 'string' || file instanceof Uint8Array ? file : `link ${file.link}`)
}
