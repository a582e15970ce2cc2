// The files of a source that a plug-in is given, within limits on their number and size.
import { CapstanError } from '../../base/errors.ts'
import type { FileTree } from '../../source/file-tree.ts'

export const MAX_FILES = 20_000
export const MAX_BYTES: number = 100 * 1024 * 1024
const MAX_DEPTH = 64
const AT_ONCE = 16

export interface CopiedFile {
  /** Relative to the root of the repository. */
  readonly path: string
  readonly bytes: Uint8Array
  readonly isExecutable: boolean
}

type Found = Omit<CopiedFile, 'bytes'>

/** The paths of all files and links at or below a path, from the root of the repository on; folders of Git's own are left out. */
export async function pathsBelow(tree: FileTree, root: string, signal?: AbortSignal): Promise<readonly string[]> {
  return (await foundBelow(tree, root, signal)).map(({ path }) => path)
}

/** All files at or below a path, links inside the tree followed. */
export async function filesBelow(tree: FileTree, root: string, signal?: AbortSignal): Promise<readonly CopiedFile[]> {
  const found = await foundBelow(tree, root, signal)
  const files: CopiedFile[] = []
  let bytes = 0
  for (let start = 0; start < found.length; start += AT_ONCE) {
    const some = found.slice(start, start + AT_ONCE)
    const contents = await Promise.all(some.map(({ path }) => tree.readFile(path, signal)))
    for (const [index, one] of some.entries()) {
      const content = contents[index]?.bytes
      if (content === undefined) continue
      bytes += content.length
      files.push({ ...one, bytes: content })
    }
    if (bytes > MAX_BYTES) throw tooLarge(`${MAX_BYTES} bytes`)
  }
  return files
}

async function foundBelow(tree: FileTree, root: string, signal: AbortSignal | undefined): Promise<readonly Found[]> {
  const found: Found[] = []
  await collect(tree, { folder: root, depth: 0, found, signal })
  return found
}

interface Walk {
  readonly folder: string
  readonly depth: number
  readonly found: Found[]
  readonly signal: AbortSignal | undefined
}

async function collect(tree: FileTree, walk: Walk): Promise<void> {
  const { folder, depth, found, signal } = walk
  if (depth > MAX_DEPTH) throw tooLarge(`${MAX_DEPTH} levels of folders`)
  for (const { name, type, isExecutable = false } of (await tree.readDirectory(folder, signal)) ?? []) {
    const path = folder === '' ? name : `${folder}/${name}`
    if (type === 'directory' && name !== '.git') await collect(tree, { ...walk, folder: path, depth: depth + 1 })
    else if (type === 'file' || type === 'symlink') found.push({ path, isExecutable })
    if (found.length > MAX_FILES) throw tooLarge(`${MAX_FILES} files`)
  }
}

function tooLarge(limit: string): CapstanError {
  return new CapstanError(
    'limit',
    `the repository has more than ${limit}, too much to be handed to a plug-in: annotate the plug-in with capstan.dev/files: path, or split the repository`,
  )
}
