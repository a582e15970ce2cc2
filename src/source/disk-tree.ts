// A folder on disk as a file tree: for rendering what is not committed yet.
import { readdirSync, readFileSync, realpathSync, statSync } from 'node:fs'
import { join, sep } from 'node:path'
import { CapstanError } from '../base/errors.ts'
import { sha256Hex } from '../base/digest.ts'
import type { FileTree, TreeEntry } from './file-tree.ts'

/**
 * The files below `root`; links are followed as long as they stay there. For a command that does nothing beside it: the
 * disk is read at once, which takes a fifth of the time that hundreds of small files take in turns.
 */
export async function diskTree(root: string): Promise<FileTree> {
  const top = realPath(root)
  if (top === undefined) throw new CapstanError('not-found', `${root} does not exist`)

  /** The real place of a path, undefined where there is nothing. */
  function resolvePath(path: string): string | undefined {
    const steps = path.split('/')
    if (steps.includes('..')) throw outside(path)
    const real = realPath(join(top ?? '', ...steps))
    if (real !== undefined && real !== top && !real.startsWith(top + sep)) throw outside(path)
    return real
  }

  return {
    revision: 'working-tree',
    async readFile(path) {
      const real = resolvePath(path)
      if (real === undefined || !statSync(real).isFile()) return undefined
      const bytes = readFileSync(real)
      return { id: sha256Hex(bytes), bytes }
    },
    async readDirectory(path) {
      const real = resolvePath(path)
      if (real === undefined || !statSync(real).isDirectory()) return undefined
      return readdirSync(real, { withFileTypes: true })
        .filter(({ name }) => name !== '.git')
        .map((entry) => ({ name: entry.name, type: typeOf(entry), id: join(real, entry.name) }))
        .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    },
  }
}

function realPath(path: string): string | undefined {
  try {
    return realpathSync.native(path)
  } catch {
    // Nothing there, or a link that leads nowhere.
    return undefined
  }
}

function typeOf(entry: { isDirectory(): boolean; isSymbolicLink(): boolean }): TreeEntry['type'] {
  if (entry.isSymbolicLink()) return 'symlink'
  return entry.isDirectory() ? 'directory' : 'file'
}

function outside(path: string): CapstanError {
  return new CapstanError('bad-input', `${path}: path leads outside the folder that is rendered`)
}
