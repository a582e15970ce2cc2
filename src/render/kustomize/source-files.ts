// The files that a build may read: those that were loaded, by paths that cannot leave the tree.
import { CapstanError } from '../../base/errors.ts'
import { readYamlBytes } from '../../lang/yaml/bytes.ts'
import type { LoadedFiles } from '../contract.ts'

/** Nested bases and components. Real trees have a handful of levels; each costs stack. */
export const MAX_DEPTH = 100

/** Bytes of all files of one build together, as often as they are read; the largest public kustomizations have 12 MB. */
export const MAX_TOTAL_SIZE: number = 64 * 1024 * 1024

export const KUSTOMIZATION_NAMES = ['kustomization.yaml', 'kustomization.yml', 'Kustomization'] as const

/** Joins a relative path to a directory of the tree; undefined where it leaves the tree. */
export function joinPath(directory: string, path: string): string | undefined {
  const parts = path.startsWith('/') || directory === '' ? [] : directory.split('/')
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue
    if (part !== '..') parts.push(part)
    else if (parts.pop() === undefined) return undefined
  }
  return parts.join('/')
}

/** How messages name a path: the root of the tree is `/`. */
export function shownPath(path: string): string {
  return `/${path}`
}

/** Is the path the directory or below it? */
export function isWithin(path: string, directory: string): boolean {
  return directory === '' || path === directory || path.startsWith(`${directory}/`)
}

/** A path that is not in the tree at all: the source of a Git repository or an address. */
export function isRemote(path: string): boolean {
  return REMOTE.test(path)
}

/** What kustomize takes for a repository (api/internal/git/repospec.go parseHost), and web addresses. */
const REMOTE =
  /^(?:git::|ssh:\/\/|https?:\/\/|file:\/\/|(?:[a-zA-Z][\w.-]*@)?github\.com[:/]|[a-zA-Z][\w.-]*@[^/]+[:/])/i

export class SourceFiles {
  readonly #files: LoadedFiles['files']
  readonly #directories = new Set<string>([''])
  #size = 0

  constructor(loaded: LoadedFiles) {
    this.#files = loaded.files
    for (const path of loaded.files.keys()) this.#addParents(path)
    for (const path of loaded.directories.keys()) {
      this.#directories.add(path)
      this.#addParents(path)
    }
  }

  #addParents(path: string): void {
    let end = path.lastIndexOf('/')
    while (end > 0 && !this.#directories.has(path.slice(0, end))) {
      this.#directories.add(path.slice(0, end))
      end = path.lastIndexOf('/', end - 1)
    }
  }

  isFile(path: string): boolean {
    return this.#files.has(path)
  }

  isDirectory(path: string): boolean {
    return this.#directories.has(path)
  }

  /** Content id, equal for equal bytes. */
  idOf(path: string): string | undefined {
    return this.#files.get(path)?.id
  }

  /** Throws `limit` beyond the total size. */
  bytes(path: string): Uint8Array | undefined {
    const file = this.#files.get(path)
    if (file === undefined) return undefined
    this.#size += file.bytes.byteLength
    if (this.#size > MAX_TOTAL_SIZE) {
      throw new CapstanError('limit', `the files of one kustomization are larger than ${MAX_TOTAL_SIZE} bytes together`)
    }
    return file.bytes
  }

  text(path: string): string | undefined {
    const bytes = this.bytes(path)
    return bytes === undefined ? undefined : readYamlBytes(bytes)
  }
}
