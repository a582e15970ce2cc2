// Reading files for one kustomization: relative to its directory, and not outside it (api/internal/loader).
import { CapstanError } from '../../base/errors.ts'
import type { SourceFiles } from './source-files.ts'
import { MAX_DEPTH, isRemote, isWithin, joinPath, shownPath } from './source-files.ts'

export interface Loader {
  readonly files: SourceFiles
  /** Directory of the kustomization, as the tree names it. */
  readonly root: string
  /** Who refers to this one; undefined at the top. */
  readonly referrer: Loader | undefined
  /** May files outside the directory be read? (`--load-restrictor LoadRestrictionsNone`) */
  readonly unrestricted: boolean
}

/** The bytes of a file. Throws `bad-input` or `not-found` in kustomize's words. */
export function loadBytes(loader: Loader, path: string): Uint8Array {
  if (isRemote(path)) throw remoteProblem(path)
  const full = joinPath(loader.root, path)
  if (full === undefined) throw outside(loader, path)
  const isFile = loader.files.isFile(full)
  if (!isFile && loader.files.isDirectory(full)) {
    throw new CapstanError('bad-input', `'${shownPath(full)}' must resolve to a file`)
  }
  if (!isFile) throw new CapstanError('not-found', missing(full))
  if (!loader.unrestricted && !isWithin(full, loader.root)) throw outside(loader, shownPath(full))
  const bytes = loader.files.bytes(full)
  if (bytes === undefined) throw new CapstanError('not-found', missing(full))
  return bytes
}

export function loadText(loader: Loader, path: string): string {
  return decodeText(loadBytes(loader, path))
}

function decodeText(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8')
}

/** The loader of a base or component. Throws where there is no such directory, or where it is one that is being built. */
export function enterDirectory(loader: Loader, path: string): Loader {
  if (path === '') throw new CapstanError('bad-input', 'new root cannot be empty')
  if (isRemote(path)) throw remoteProblem(path)
  if (path.startsWith('/')) throw new CapstanError('bad-input', `new root '${path}' cannot be absolute`)
  const root = joinPath(loader.root, path)
  if (root === undefined) throw new CapstanError('bad-input', `must build at directory: ${path} leaves the source tree`)
  if (loader.files.isFile(root)) {
    throw new CapstanError('bad-input', `must build at directory: '${shownPath(root)}': file is not directory`)
  }
  if (!loader.files.isDirectory(root)) {
    throw new CapstanError('not-found', `must build at directory: not a valid directory: ${missing(root)}`)
  }
  assertNoCycle(loader, root)
  return { ...loader, root, referrer: loader }
}

function assertNoCycle(loader: Loader, root: string): void {
  let depth = 0
  for (let at: Loader | undefined = loader; at !== undefined; at = at.referrer) {
    if (isWithin(at.root, root)) {
      const message = `cycle detected: candidate root '${shownPath(root)}' contains visited root '${shownPath(at.root)}'`
      throw new CapstanError('bad-input', message)
    }
    depth++
  }
  if (depth > MAX_DEPTH) throw new CapstanError('limit', `bases nested deeper than ${MAX_DEPTH}: ${shownPath(root)}`)
}

function missing(path: string): string {
  const shown = shownPath(path)
  return `evalsymlink failure on '${shown}' : lstat ${shown}: no such file or directory`
}

function outside(loader: Loader, shown: string): CapstanError {
  return new CapstanError('bad-input', `security; file '${shown}' is not in or below '${shownPath(loader.root)}'`)
}

function remoteProblem(path: string): CapstanError {
  return new CapstanError(
    'unsupported',
    `remote base ${path} cannot be fetched by this version; copy it into the repository`,
  )
}
