// The files that a build may read: those that were loaded, by paths that cannot leave the tree.
import { CapstanError } from '../../base/errors.ts'
import { readYamlBytes } from '../../lang/yaml/bytes.ts'
import type { LoadedFiles } from '../contract.ts'
import type { ChartFile } from '../helm/chart.ts'
import type { FetchProblem, LoadedRemotes } from './remotes.ts'
import { NO_REMOTES, isProblem, problemError, repositoryKey } from './remotes.ts'
import type { RepoSpec } from './repo-spec.ts'
import { parseRepoSpec } from './repo-spec.ts'

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

export class SourceFiles {
  readonly #files: Map<string, { readonly id: string; readonly bytes: Uint8Array }>
  readonly #directories = new Set<string>([''])
  readonly #remotes: LoadedRemotes
  #size = 0

  constructor(loaded: LoadedFiles, remotes: LoadedRemotes = NO_REMOTES) {
    this.#files = new Map(loaded.files)
    this.#remotes = remotes
    this.#addDirectories(loaded, '')
    for (const found of remotes.repositories.values()) {
      if (isProblem(found)) continue
      const { mount, files } = found
      for (const [path, file] of files.files) this.#files.set(`${mount}/${path}`, file)
      this.#directories.add(mount)
      this.#addDirectories(files, `${mount}/`)
    }
  }

  /** Where the files of a repository stand. Throws what went wrong when it was fetched. */
  mountOf(spec: RepoSpec): string {
    const found = this.#remotes.repositories.get(repositoryKey(spec))
    if (found === undefined) throw new CapstanError('unsupported', `remote base ${spec.raw} is not fetched here`)
    if (isProblem(found)) throw problemError(found)
    return found.mount
  }

  /** A file that was fetched by its address. Throws what went wrong then. */
  remoteBytes(address: string): Uint8Array {
    const found = this.#remotes.files.get(address)
    if (found === undefined) {
      // Nothing was asked for under the address of a repository.
      const spec = parseRepoSpec(address)
      if (spec !== undefined) throw new CapstanError('bad-input', 'URL is a git repository')
      throw new CapstanError('unsupported', `remote file ${address} is not fetched here`)
    }
    if (isProblem(found)) throw problemError(found)
    this.#count(found)
    return found
  }

  /** Files of a chart, or why there are none; undefined where it was nowhere to be looked for. */
  chart(key: string): readonly ChartFile[] | FetchProblem | undefined {
    return this.#remotes.charts.get(key)
  }

  #addDirectories(loaded: LoadedFiles, prefix: string): void {
    for (const path of loaded.files.keys()) this.#addParents(prefix + path)
    for (const path of loaded.directories.keys()) {
      this.#directories.add(prefix + path)
      this.#addParents(prefix + path)
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
    this.#count(file.bytes)
    return file.bytes
  }

  #count({ byteLength }: Uint8Array): void {
    this.#size += byteLength
    if (this.#size > MAX_TOTAL_SIZE) {
      throw new CapstanError('limit', `the files of one kustomization are larger than ${MAX_TOTAL_SIZE} bytes together`)
    }
  }

  text(path: string): string | undefined {
    const bytes = this.bytes(path)
    return bytes === undefined ? undefined : readYamlBytes(bytes)
  }
}
