// Finds the files of a tree that fit a pattern with `*`, `?`, `[a-z]` and `**` for folders at any depth.
import { CapstanError } from '../../base/errors.ts'
import type { FileTree, TreeEntry } from '../../source/file-tree.ts'
import { MAX_FOLDER_DEPTH } from './limits.ts'
import { compilePathPattern } from '../../base/path-pattern.ts'
import type { PathMatcher } from '../../base/path-pattern.ts'

/** Paths in lexical order. Throws `bad-input` for a malformed pattern. */
export async function findByGlob(tree: FileTree, pattern: string, signal?: AbortSignal): Promise<string[]> {
  const parts = pattern.split('/').map(partOf)
  const search: Search = { tree, signal, parts, found: new Set(), seen: new Set() }
  const fixed = parts.findIndex((part) => part.text === undefined)
  const start = parts.slice(0, fixed).map((part) => part.text)
  await searchFolder(search, start.join('/'), fixed < 0 ? parts.length : fixed)
  return [...search.found].toSorted((a, b) => (a < b ? -1 : 1))
}

interface Part {
  /** Set where the part is no pattern. */
  readonly text: string | undefined
  readonly isAnyDepth: boolean
  readonly matches: PathMatcher
}

function partOf(text: string): Part {
  const isAnyDepth = text === '**'
  const matches = compilePathPattern(isAnyDepth ? '*' : text)
  if (matches === undefined) throw new CapstanError('bad-input', `values file glob: syntax error in pattern ${text}`)
  return { text: /[*?[]/.test(text) ? undefined : text, isAnyDepth, matches }
}

interface Search {
  readonly tree: FileTree
  readonly signal: AbortSignal | undefined
  readonly parts: readonly Part[]
  readonly found: Set<string>
  /** Folders by the part they were searched for: each pair once. */
  readonly seen: Set<string>
}

async function searchFolder(search: Search, folder: string, index: number): Promise<void> {
  const part = search.parts[index]
  const key = `${index}:${folder}`
  if (part === undefined || search.seen.has(key)) return
  search.seen.add(key)
  if (folder.split('/').length > MAX_FOLDER_DEPTH) {
    throw new CapstanError('limit', `${folder}: folders nest more than ${MAX_FOLDER_DEPTH} deep`)
  }
  if (part.isAnyDepth) await searchFolder(search, folder, index + 1)
  for (const entry of (await search.tree.readDirectory(folder, search.signal)) ?? []) {
    if (part.matches(entry.name)) await visit(search, entry, { folder, index, part })
  }
}

async function visit(
  search: Search,
  entry: TreeEntry,
  { folder, index, part }: { readonly folder: string; readonly index: number; readonly part: Part },
): Promise<void> {
  const path = folder === '' ? entry.name : `${folder}/${entry.name}`
  if (entry.type === 'directory') await searchFolder(search, path, part.isAnyDepth ? index : index + 1)
  else if (index === search.parts.length - 1) search.found.add(path)
}
