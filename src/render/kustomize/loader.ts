// Reading files for one kustomization: relative to its directory, and not outside it (api/internal/loader).
import { CapstanError } from '../../base/errors.ts'
import { isRemoteFile } from './remotes.ts'
import type { RepoSpec } from './repo-spec.ts'
import { parseRepoSpec } from './repo-spec.ts'
import type { SourceFiles } from './source-files.ts'
import { MAX_DEPTH, isWithin, joinPath, shownPath } from './source-files.ts'

export interface Loader {
  readonly files: SourceFiles
  /** Directory of the kustomization, as the tree names it. */
  readonly root: string
  /** Who refers to this one; undefined at the top. */
  readonly referrer: Loader | undefined
  /** May files outside the directory be read? (`--load-restrictor LoadRestrictionsNone`) */
  readonly unrestricted: boolean
  /** The repository that the files were fetched from; absent for the source's own. */
  readonly repository?: { readonly raw: string; readonly mount: string }
}

/** The bytes of a file. Throws `bad-input` or `not-found` in kustomize's words. */
export function loadBytes(loader: Loader, path: string): Uint8Array {
  if (isRemoteFile(path)) return loader.files.remoteBytes(path)
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
  const spec = parseRepoSpec(path)
  if (spec !== undefined) return enterRepository(loader, spec)
  if (path.startsWith('/')) throw new CapstanError('bad-input', `new root '${path}' cannot be absolute`)
  const root = joinPath(loader.root, path)
  if (root === undefined) throw new CapstanError('bad-input', `must build at directory: ${path} leaves the source tree`)
  assertInRepository(loader, root)
  if (loader.files.isFile(root)) {
    throw new CapstanError('bad-input', `must build at directory: '${shownPath(root)}': file is not directory`)
  }
  if (!loader.files.isDirectory(root)) {
    throw new CapstanError('not-found', `must build at directory: not a valid directory: ${missing(root)}`)
  }
  assertNoCycle(loader, root)
  return { ...loader, root, referrer: loader }
}

/** Files of a repository that was fetched are read from its kustomization's folder alone. */
function enterRepository(loader: Loader, spec: RepoSpec): Loader {
  for (let at: Loader | undefined = loader; at !== undefined; at = at.referrer) {
    if (at.repository?.raw.startsWith(spec.raw) === true) {
      const message = `cycle detected: URI '${spec.raw}' referenced by previous URI '${at.repository.raw}'`
      throw new CapstanError('bad-input', message)
    }
  }
  const mount = loader.files.mountOf(spec)
  const root = joinPath(mount, spec.path)
  if (root === undefined || !isWithin(root, mount)) {
    throw new CapstanError('bad-input', `'${spec.raw}' refers to a directory outside of the repository`)
  }
  if (loader.files.isFile(root)) {
    throw new CapstanError('bad-input', `'${shownPath(root)}' refers to file; expecting directory`)
  }
  if (!loader.files.isDirectory(root)) throw new CapstanError('not-found', `not a valid directory: ${missing(root)}`)
  assertDepth(loader, root)
  return { ...loader, root, referrer: loader, unrestricted: false, repository: { raw: spec.raw, mount } }
}

function assertInRepository({ repository }: Loader, root: string): void {
  if (repository === undefined || isWithin(root, repository.mount)) return
  const places = `but base '${shownPath(root)}' is outside '${shownPath(repository.mount)}'`
  const message = `security; bases in kustomizations found in cloned git repos must be within the repo, ${places}`
  throw new CapstanError('bad-input', message)
}

function assertNoCycle(loader: Loader, root: string): void {
  for (let at: Loader | undefined = loader; at !== undefined; at = at.referrer) {
    if (isWithin(at.root, root)) {
      const message = `cycle detected: candidate root '${shownPath(root)}' contains visited root '${shownPath(at.root)}'`
      throw new CapstanError('bad-input', message)
    }
  }
  assertDepth(loader, root)
}

function assertDepth(loader: Loader, root: string): void {
  let depth = 0
  for (let at: Loader | undefined = loader; at !== undefined; at = at.referrer) depth++
  if (depth > MAX_DEPTH) throw new CapstanError('limit', `bases nested deeper than ${MAX_DEPTH}: ${shownPath(root)}`)
}

function missing(path: string): string {
  const shown = shownPath(path)
  return `evalsymlink failure on '${shown}' : lstat ${shown}: no such file or directory`
}

function outside(loader: Loader, shown: string): CapstanError {
  return new CapstanError('bad-input', `security; file '${shown}' is not in or below '${shownPath(loader.root)}'`)
}
