// A folder on disk as a file tree: for rendering what is not committed yet.
import { readdir, readFile, realpath, stat } from 'node:fs/promises'
import { join, sep } from 'node:path'
import { CapstanError } from '../base/errors.ts'
import { sha256Hex } from '../base/digest.ts'
import type { FileTree, TreeEntry } from './file-tree.ts'

/** The files below `root`; links are followed as long as they stay there. */
export async function diskTree(root: string): Promise<FileTree> {
  const top = await realpath(root).catch((error: unknown) => {
    throw new CapstanError('not-found', `${root} does not exist`, { cause: error })
  })

  /** The real place of a path, undefined where there is nothing. */
  async function resolvePath(path: string): Promise<string | undefined> {
    const steps = path.split('/')
    if (steps.includes('..')) throw outside(path)
    const real = await realpath(join(top, ...steps)).catch(() => undefined)
    if (real !== undefined && real !== top && !real.startsWith(top + sep)) throw outside(path)
    return real
  }

  return {
    revision: 'working-tree',
    async readFile(path) {
      const real = await resolvePath(path)
      if (real === undefined || !(await stat(real)).isFile()) return undefined
      const bytes = await readFile(real)
      return { id: sha256Hex(bytes), bytes }
    },
    async readDirectory(path) {
      const real = await resolvePath(path)
      if (real === undefined || !(await stat(real)).isDirectory()) return undefined
      const entries = await readdir(real, { withFileTypes: true })
      return entries
        .filter(({ name }) => name !== '.git')
        .map((entry) => ({ name: entry.name, type: typeOf(entry), id: join(real, entry.name) }))
        .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    },
  }
}

function typeOf(entry: { isDirectory(): boolean; isSymbolicLink(): boolean }): TreeEntry['type'] {
  if (entry.isSymbolicLink()) return 'symlink'
  return entry.isDirectory() ? 'directory' : 'file'
}

function outside(path: string): CapstanError {
  return new CapstanError('bad-input', `${path}: path leads outside the folder that is rendered`)
}
