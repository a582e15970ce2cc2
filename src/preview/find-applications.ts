// The Applications and ApplicationSets that the files of a revision declare.
import { messageOf } from '../base/errors.ts'
import type { KubeObject } from '../kube/object.ts'
import { readJsonManifest, readYamlManifests } from '../render/plain/manifests.ts'
import type { FileTree } from '../source/file-tree.ts'

/** Files above this size are no declarations of applications. */
export const MAX_FILE_BYTES: number = 4 * 1024 * 1024
/** Folders deeper than this are not looked into. */
export const MAX_FOLDER_DEPTH = 64

export interface Declared {
  /** Of group argoproj.io: Application or ApplicationSet. */
  readonly object: KubeObject
  readonly file: string
}

export interface Declarations {
  readonly declared: readonly Declared[]
  readonly problems: readonly string[]
}

/** Looks through files, and remembers by content what they declare: two sides have most of them in common. */
export class ApplicationFinder {
  readonly #known = new Map<string, Declarations>()

  /** Everything below `folder` (empty: everywhere), by path. */
  async find(tree: FileTree, folder: string, signal: AbortSignal): Promise<Declarations> {
    const declared: Declared[] = []
    const problems: string[] = []
    for await (const { path, id } of filesOf(tree, folder, 0)) {
      signal.throwIfAborted()
      const key = `${id} ${path}`
      const found = this.#known.get(key) ?? (await read(tree, path))
      this.#known.set(key, found)
      declared.push(...found.declared)
      problems.push(...found.problems)
    }
    return { declared, problems }
  }
}

interface File {
  readonly path: string
  readonly id: string
}

/** YAML and JSON files, but for templates of charts, which are no manifests yet. */
async function* filesOf(tree: FileTree, folder: string, depth: number): AsyncGenerator<File> {
  const entries = (await tree.readDirectory(folder)) ?? []
  const isChart = entries.some(({ name }) => name === 'Chart.yaml')
  for (const { name, type, id } of entries) {
    const path = folder === '' ? name : `${folder}/${name}`
    if (type === 'file' && /\.(?:ya?ml|json)$/i.test(name)) yield { path, id }
    const isLookedInto = type === 'directory' && depth < MAX_FOLDER_DEPTH && !(isChart && name === 'templates')
    if (isLookedInto) yield* filesOf(tree, path, depth + 1)
  }
}

async function read(tree: FileTree, path: string): Promise<Declarations> {
  const file = await tree.readFile(path)
  if (file === undefined || file.bytes.length > MAX_FILE_BYTES) return { declared: [], problems: [] }
  const text = Buffer.from(file.bytes).toString('utf8')
  if (!/argoproj\.io\//.test(text) || !/\bApplication(?:Set)?\b/.test(text)) return { declared: [], problems: [] }
  try {
    const objects = path.endsWith('json') ? readJsonManifest(path, file.bytes) : readYamlManifests(path, file.bytes)
    return { declared: objects.filter(isDeclaration).map((object) => ({ object, file: path })), problems: [] }
  } catch (error) {
    return { declared: [], problems: [`${path}: ${messageOf(error)}`] }
  }
}

/** Whether an object is an Application or an ApplicationSet. */
export function isDeclaration({ apiVersion, kind }: KubeObject): boolean {
  return apiVersion.startsWith('argoproj.io/') && (kind === 'Application' || kind === 'ApplicationSet')
}
