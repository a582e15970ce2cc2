// Finds the values files an application names: relative, from the repository's root, by glob, in other sources.
import { CapstanError } from '../../base/errors.ts'
import type { FileTree } from '../../source/file-tree.ts'
import type { BuildEnvironment } from '../build-environment.ts'
import { substituteEnvironment } from '../build-environment.ts'
import type { LoadContext } from '../contract.ts'
import { findByGlob } from './tree-glob.ts'

/** A file of the source itself, or of the source with this `ref`. */
export interface FileRef {
  readonly reference?: string
  /** Where the file came by URL, that URL. */
  readonly path: string
  /** What came by URL. */
  readonly remote?: Uint8Array
}

export interface ValueFileSearch {
  readonly context: LoadContext
  /** The application's path, to which names are relative. */
  readonly root: string
  readonly environment: BuildEnvironment
  readonly ignoreMissing: boolean
}

/**
 * The files these names stand for, in order, each once (argo-cd v3.5.1 getResolvedValueFiles): globs expand in lexical
 * order without files that are named themselves. All files are read, so that they count as dependencies.
 * Throws `bad-input` for a file that is not there, unless missing ones are to be ignored.
 */
export async function findValueFiles(names: readonly string[], search: ValueFileSearch): Promise<FileRef[]> {
  const resolved: FileRef[] = []
  for (const name of names) resolved.push(await resolveName(name, search))
  const explicit = new Set(resolved.filter((ref) => !isGlob(ref)).map(keyOf))
  const found = new Map<string, FileRef>()
  for (const ref of resolved) {
    if (isGlob(ref)) {
      for (const match of await expandGlob(ref, search, explicit)) found.set(keyOf(match), match)
    } else if (await exists(ref, search)) {
      found.set(keyOf(ref), ref)
    } else if (!search.ignoreMissing) {
      throw missingFile(ref)
    }
  }
  return [...found.values()]
}

/** The files of a glob, without those that are named themselves. */
async function expandGlob(ref: FileRef, search: ValueFileSearch, explicit: ReadonlySet<string>): Promise<FileRef[]> {
  const { context } = search
  const paths = await findByGlob(treeOf(ref, context), ref.path, context.signal)
  if (paths.length === 0 && !search.ignoreMissing) {
    throw new CapstanError('bad-input', `values file glob ${JSON.stringify(ref.path)} matched no files`)
  }
  const matches = paths.map((path): FileRef => ({ ...ref, path })).filter((match) => !explicit.has(keyOf(match)))
  for (const match of matches) await exists(match, search)
  return matches
}

/** One file, which must be there. */
export async function findFile(name: string, search: ValueFileSearch): Promise<FileRef> {
  const ref = await resolveName(name, search)
  if (!(await exists(ref, search))) throw missingFile(ref)
  return ref
}

function missingFile(ref: FileRef): CapstanError {
  return new CapstanError('bad-input', `open <path to cached source>/${ref.path}: no such file or directory`)
}

async function exists(ref: FileRef, { context }: ValueFileSearch): Promise<boolean> {
  if (ref.remote !== undefined) return true
  return (await treeOf(ref, context).readFile(ref.path, context.signal)) !== undefined
}

function treeOf(ref: FileRef, context: LoadContext): FileTree {
  const tree = ref.reference === undefined ? context.tree : context.references.get(ref.reference)
  if (tree === undefined) throw new CapstanError('bad-input', `source referenced "$${ref.reference}" is not there`)
  return tree
}

function keyOf(ref: FileRef): string {
  return `${ref.reference ?? ''}\0${ref.path}`
}

function isGlob({ path, remote }: FileRef): boolean {
  return remote === undefined && /[*?[]/.test(path)
}

async function resolveName(name: string, search: ValueFileSearch): Promise<FileRef> {
  const reference = /^\$(?<name>[^/]+)(?:\/|$)/.exec(name)?.groups?.['name']
  if (reference !== undefined && search.context.references.has(reference)) {
    const rest = substituteEnvironment(name.slice(reference.length + 1), search.environment)
    return { reference, path: pathInside(rest, '') }
  }
  const substituted = substituteEnvironment(name, search.environment)
  const remote = await fetchByUrl(substituted, search.context)
  if (remote !== undefined) return { path: substituted, remote }
  return { path: pathInside(substituted, substituted.startsWith('/') ? '' : search.root) }
}

/** Fetches a file whose name is a URL (argo-cd v3.5.1 ResolveValueFilePathOrUrl); undefined for other names. */
async function fetchByUrl(name: string, { remoteFiles, signal }: LoadContext): Promise<Uint8Array | undefined> {
  const scheme = /^(?<scheme>[a-zA-Z][a-zA-Z0-9+.-]*):\/\//.exec(name)?.groups?.['scheme']?.toLowerCase()
  if (scheme === undefined) return undefined
  if (remoteFiles?.schemes.has(scheme) === true) return remoteFiles.fetch(name, signal)
  throw new CapstanError('bad-input', `the URL scheme '${scheme}' is not allowed`)
}

/** A path against a folder of the tree; from the tree's root where that is empty. Throws `bad-input` for one that leaves it. */
export function pathInside(path: string, root: string): string {
  const parts = root === '' ? [] : root.split('/')
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue
    if (part !== '..') parts.push(part)
    else if (parts.pop() === undefined) {
      throw new CapstanError('bad-input', `value file '${path}' resolved to outside repository root`)
    }
  }
  return parts.join('/')
}
