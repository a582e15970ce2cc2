// Reads a chart's files out of a tree, but those that its .helmignore takes out.
import { CapstanError } from '../../base/errors.ts'
import type { FileTree, TreeEntry } from '../../source/file-tree.ts'
import { withoutMark } from './archive.ts'
import { parseIgnoreRules } from './ignore.ts'
import type { IgnoreRules } from './ignore.ts'
import { MAX_CHART_FILE_BYTES, MAX_CHART_FILES, MAX_FOLDER_DEPTH } from './limits.ts'

const IGNORE_FILE = '.helmignore'

/**
 * Reads all files of the chart in this folder and gives their paths relative to it. Throws `bad-input` where there is no
 * Chart.yaml and for .helmignore files that cannot be read, `limit` for charts that are too large.
 */
export async function readChartTree(tree: FileTree, root: string, signal?: AbortSignal): Promise<string[]> {
  if ((await tree.readFile(inside(root, 'Chart.yaml'), signal)) === undefined) {
    const path = `<path to cached source>/${inside(root, 'Chart.yaml')}`
    throw new CapstanError('bad-input', `unable to detect chart at ${path}: open ${path}: no such file or directory`)
  }
  const ignoreFile = await tree.readFile(inside(root, IGNORE_FILE), signal)
  const ignores = parseIgnoreRules(ignoreFile === undefined ? '' : new TextDecoder().decode(ignoreFile.bytes))
  const walk: Walk = { tree, root, ignores, signal, found: [] }
  await readFolder(walk, '', 0)
  return walk.found
}

function inside(root: string, path: string): string {
  return root === '' ? path : `${root}/${path}`
}

interface Walk {
  readonly tree: FileTree
  readonly root: string
  readonly ignores: IgnoreRules
  readonly signal: AbortSignal | undefined
  readonly found: string[]
}

async function readFolder(walk: Walk, folder: string, depth: number): Promise<void> {
  if (depth > MAX_FOLDER_DEPTH) {
    throw new CapstanError('limit', `${inside(walk.root, folder)}: folders nest more than ${MAX_FOLDER_DEPTH} deep`)
  }
  const path = folder === '' ? walk.root : inside(walk.root, folder)
  for (const entry of (await walk.tree.readDirectory(path, walk.signal)) ?? []) {
    await readEntry(walk, folder === '' ? entry.name : `${folder}/${entry.name}`, { entry, depth })
  }
}

async function readEntry(
  walk: Walk,
  path: string,
  { entry, depth }: { entry: TreeEntry; depth: number },
): Promise<void> {
  if (entry.type === 'submodule' || (entry.type !== 'directory' && walk.ignores(path, false))) return
  if (entry.type === 'directory') {
    if (!walk.ignores(path, true)) await readFolder(walk, path, depth + 1)
    return
  }
  const file = await walk.tree.readFile(inside(walk.root, path), walk.signal)
  if (file === undefined) {
    // A link to a folder: it is entered like one.
    if ((await walk.tree.readDirectory(inside(walk.root, path), walk.signal)) === undefined) throw danglingLink(path)
    if (!walk.ignores(path, true)) await readFolder(walk, path, depth + 1)
    return
  }
  if (file.bytes.length > MAX_CHART_FILE_BYTES) {
    const text = `chart file ${JSON.stringify(entry.name)} is larger than the maximum file size ${MAX_CHART_FILE_BYTES}`
    throw new CapstanError('limit', text)
  }
  if (walk.found.length >= MAX_CHART_FILES) {
    throw new CapstanError('limit', `chart has more than ${MAX_CHART_FILES} files`)
  }
  walk.found.push(path)
}

function danglingLink(path: string): CapstanError {
  return new CapstanError('bad-input', `error evaluating symlink ${path}: no such file or directory`)
}

/** The bytes of a chart's file as they count. */
export function chartBytes(bytes: Uint8Array): Uint8Array {
  return withoutMark(bytes)
}
