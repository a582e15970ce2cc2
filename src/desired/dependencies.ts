// What a rendering depended on, and whether another revision's tree still has all of it.
import type { FileTree, TreeEntry } from '../source/file-tree.ts'
import type { LoadedFiles } from '../render/contract.ts'
import type { ExternalInput } from '../render/external-inputs.ts'
import { listedName } from '../render/recording.ts'
import type { LoadedSource } from '../render/renderer.ts'

/** Of one tree: content ids of the files read, names in the directories listed, paths looked for in vain. */
export interface TreeDependencies {
  readonly files: ReadonlyMap<string, string>
  readonly directories: ReadonlyMap<string, string>
  readonly missing: readonly string[]
}

export interface Dependencies {
  readonly tree: TreeDependencies
  /** Of the `$ref` sources, by their names. */
  readonly references: ReadonlyMap<string, TreeDependencies>
  /** What was fetched besides, with its versions. */
  readonly external: readonly ExternalInput[]
}

/** The dependencies of a load, without the contents. */
export function dependenciesOf(loaded: LoadedSource): Dependencies {
  const references = new Map([...loaded.references].map(([name, files]) => [name, treeDependencies(files)]))
  return { tree: treeDependencies(loaded.files), references, external: loaded.inputs ?? [] }
}

function treeDependencies(loaded: LoadedFiles): TreeDependencies {
  return {
    files: new Map([...loaded.files].map(([path, file]) => [path, file.id])),
    directories: new Map([...loaded.directories].map(([path, names]) => [path, names.join('\0')])),
    missing: loaded.missing,
  }
}

/** Would a load over these trees read the same, list the same and miss the same? No file content is read to tell. */
export async function stillHold(
  dependencies: Dependencies,
  tree: FileTree,
  references: ReadonlyMap<string, FileTree>,
  signal?: AbortSignal,
): Promise<boolean> {
  if (dependencies.references.size !== references.size) return false
  for (const [name, wanted] of dependencies.references) {
    const reference = references.get(name)
    if (reference === undefined || !(await treeHolds(wanted, reference, signal))) return false
  }
  return treeHolds(dependencies.tree, tree, signal)
}

async function treeHolds(wanted: TreeDependencies, tree: FileTree, signal?: AbortSignal): Promise<boolean> {
  const lookup = new Lookup(tree, signal)
  for (const [path, names] of wanted.directories) {
    const entries = await lookup.directory(path)
    if (entries === undefined || entries.map(listedName).join('\0') !== names) return false
  }
  for (const [path, id] of wanted.files) if ((await lookup.id(path)) !== id) return false
  for (const path of wanted.missing) if (await lookup.exists(path)) return false
  return true
}

/** Finds ids through listings, each of which is asked for once. */
class Lookup {
  readonly #tree: FileTree
  readonly #signal: AbortSignal | undefined
  readonly #listings = new Map<string, ReadonlyMap<string, TreeEntry> | undefined>()

  constructor(tree: FileTree, signal: AbortSignal | undefined) {
    this.#tree = tree
    this.#signal = signal
  }

  directory(path: string): Promise<readonly TreeEntry[] | undefined> {
    return this.#tree.readDirectory(path, this.#signal)
  }

  /** Content id of a file; one behind a symbolic link is read, for the link's own id says nothing of its target. */
  async id(path: string): Promise<string | undefined> {
    const entry = await this.#entry(path)
    if (entry?.type === 'file') return entry.id
    if (entry !== undefined && entry.type !== 'symlink') return undefined
    return (await this.#tree.readFile(path, this.#signal))?.id
  }

  /** A path missed as a file or as a directory now exists if it is either. */
  async exists(path: string): Promise<boolean> {
    const entry = await this.#entry(path)
    if (entry?.type !== 'symlink') return entry !== undefined
    if ((await this.#tree.readFile(path, this.#signal)) !== undefined) return true
    return (await this.directory(path)) !== undefined
  }

  async #entry(path: string): Promise<TreeEntry | undefined> {
    const slash = path.lastIndexOf('/')
    const parent = slash < 0 ? '' : path.slice(0, slash)
    let listing = this.#listings.get(parent)
    if (listing === undefined && !this.#listings.has(parent)) {
      const entries = await this.directory(parent)
      listing = entries && new Map(entries.map((entry) => [entry.name, entry]))
      this.#listings.set(parent, listing)
    }
    return listing?.get(path.slice(slash + 1))
  }
}
