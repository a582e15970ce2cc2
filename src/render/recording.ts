// A tree that notes what is asked of it: these notes are a rendering's dependencies and its input.
import type { FileTree, TreeEntry } from '../source/file-tree.ts'
import type { LoadedFiles } from './contract.ts'

/** Wraps a tree; `loaded()` gives everything read, listed and missed so far. */
export class RecordingTree implements FileTree {
  readonly revision: string
  readonly #tree: FileTree
  readonly #files = new Map<string, { readonly id: string; readonly bytes: Uint8Array }>()
  readonly #directories = new Map<string, readonly string[]>()
  readonly #missing = new Set<string>()

  constructor(tree: FileTree) {
    this.#tree = tree
    this.revision = tree.revision
  }

  async readFile(path: string, signal?: AbortSignal): Promise<{ id: string; bytes: Uint8Array } | undefined> {
    const known = this.#files.get(path)
    if (known !== undefined) return known
    const file = await this.#tree.readFile(path, signal)
    if (file === undefined) this.#missing.add(path)
    else this.#files.set(path, file)
    return file
  }

  async readDirectory(path: string, signal?: AbortSignal): Promise<readonly TreeEntry[] | undefined> {
    const entries = await this.#tree.readDirectory(path, signal)
    if (entries === undefined) this.#missing.add(path)
    else this.#directories.set(path, entries.map(listedName))
    return entries
  }

  loaded(): LoadedFiles {
    const found = this.#found()
    const missing = [...this.#missing].filter((path) => !found.has(path))
    return { files: this.#files, directories: this.#directories, missing }
  }

  /** What is there as one kind though it was missed as the other: a base is looked for as a file first. */
  #found(): ReadonlySet<string> {
    const found = new Set([...this.#files.keys(), ...this.#directories.keys()])
    for (const path of found) {
      for (let end = path.lastIndexOf('/'); end > 0; end = path.lastIndexOf('/', end - 1)) {
        const parent = path.slice(0, end)
        if (found.has(parent)) break
        found.add(parent)
      }
    }
    return found
  }
}

/** An entry as a listing depends on it: a file that becomes a directory of the same name is another entry. */
export function listedName(entry: TreeEntry): string {
  return entry.type === 'directory' ? `${entry.name}/` : entry.name
}
