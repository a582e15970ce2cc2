// Which paths of a Git tree a pattern means: directories by path.Match, files as `git ls-files` or as doublestar has it.
import { CapstanError } from '../base/errors.ts'
import { compileGlob, type GlobMatcher } from '../base/glob.ts'
import { compareText } from '../lang/go/text.ts'
import type { FileTree, TreeEntry } from '../source/file-tree.ts'

/** Entries of one tree that are looked at: the largest monorepos have some hundred thousand. */
export const MAX_TREE_ENTRIES = 2_000_000
/** How deep directories may nest. */
export const MAX_TREE_DEPTH = 500

/** Paths of all directories, parents first, each level by name; hidden ones only where asked for. */
export async function listDirectories(
  tree: FileTree,
  areHiddenIncluded: boolean,
  signal: AbortSignal,
): Promise<string[]> {
  const found: string[] = []
  await walk(tree, signal, (path, entry) => {
    if (entry.type !== 'directory') return false
    if (!areHiddenIncluded && entry.name.startsWith('.')) return false
    found.push(path)
    return true
  })
  return found.toSorted(compareBySegments)
}

function compareBySegments(a: string, b: string): number {
  // No name holds this character, and it stands before all others.
  return compareText(a.replaceAll('/', '\0'), b.replaceAll('/', '\0'))
}

/** Paths of all files. */
export async function listFiles(tree: FileTree, signal: AbortSignal): Promise<string[]> {
  const found: string[] = []
  await walk(tree, signal, (path, entry) => {
    if (entry.type === 'file' || entry.type === 'symlink') found.push(path)
    return entry.type === 'directory'
  })
  return found
}

type Visit = (path: string, entry: TreeEntry) => boolean

async function walk(tree: FileTree, signal: AbortSignal, visit: Visit): Promise<void> {
  let count = 0
  const pending: { readonly path: string; readonly depth: number }[] = [{ path: '', depth: 0 }]
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    signal.throwIfAborted()
    if (next.depth > MAX_TREE_DEPTH)
      throw new CapstanError('limit', `directories nest more than ${MAX_TREE_DEPTH} deep`)
    const { path: parent, depth } = next
    const entries = (await tree.readDirectory(parent, signal)) ?? []
    count += entries.length
    if (count > MAX_TREE_ENTRIES) throw new CapstanError('limit', `the tree has more than ${MAX_TREE_ENTRIES} entries`)
    const below: string[] = []
    for (const entry of entries.toSorted((a, b) => compareText(a.name, b.name))) {
      const path = parent === '' ? entry.name : `${parent}/${entry.name}`
      if (visit(path, entry)) below.push(path)
    }
    for (const path of below.toReversed()) pending.push({ path, depth: depth + 1 })
  }
}

/** Go's path.Match; a pattern that is none matches nothing. */
export function pathMatcher(pattern: string): GlobMatcher {
  return compiled(pattern.replaceAll(/\*+/g, '*'), '/')
}

/**
 * A pathspec of `git ls-files`: `*` and `?` cross directories, and a plain path means the file or all below the directory.
 */
export function pathspecMatcher(pattern: string): GlobMatcher {
  const cleaned = cleanPath(pattern)
  if (cleaned === '') return () => true
  const glob = compiled(cleaned.replaceAll(/\*+/g, '*'), '')
  return (path) => path === cleaned || path.startsWith(`${cleaned}/`) || glob(path)
}

/** doublestar: `*` stays within a directory, `**` stands for any number of directories. */
export function doublestarMatcher(pattern: string): GlobMatcher {
  const parts = cleanPath(pattern).split('/')
  const segments = parts.map((part) => (part === '**' ? undefined : compiled(part.replaceAll(/\*+/g, '*'), '/', true)))
  return (path) => matchesSegments(segments, path.split('/'))
}

/** Dynamic programming over both lists: linear in their product, whatever the pattern. */
function matchesSegments(segments: readonly (GlobMatcher | undefined)[], names: readonly string[]): boolean {
  let reachable: readonly number[] = [0]
  for (const segment of segments) reachable = step(segment, names, reachable)
  return reachable.includes(names.length)
}

function step(
  segment: GlobMatcher | undefined,
  names: readonly string[],
  reachable: readonly number[],
): readonly number[] {
  if (segment !== undefined) {
    return reachable.filter((at) => at < names.length && segment(names[at] ?? '')).map((at) => at + 1)
  }
  const from = reachable[0]
  return from === undefined ? [] : Array.from({ length: names.length - from + 1 }, (_, index) => from + index)
}

function cleanPath(pattern: string): string {
  return pattern
    .replace(/^(?:\.?\/)+/, '')
    .replace(/\/+$/, '')
    .replace(/^\.$/, '')
}

function compiled(pattern: string, separators: string, hasBraces = false): GlobMatcher {
  const negated = pattern.replaceAll('[^', '[!')
  const text = hasBraces ? negated : negated.replaceAll(/[{}]/g, String.raw`\$&`)
  try {
    return compileGlob(text, separators)
  } catch {
    // Upstream logs a malformed pattern and goes on without a match.
    return () => false
  }
}
