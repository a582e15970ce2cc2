// Directories of YAML and JSON files, as Argo CD's Directory sources are read.
import { CapstanError } from '../../base/errors.ts'
import { matchesGlob } from '../../base/glob.ts'
import type { ApplicationSourceDirectory } from '../../crds/application.ts'
import type { KubeObject } from '../../kube/object.ts'
import type { TreeEntry } from '../../source/file-tree.ts'
import type { LoadContext, Rendered } from '../contract.ts'
import { pathProblem, sourcePath } from '../detect.ts'
import type { LoadedSource, RenderRequest, Renderer } from '../renderer.ts'
import { readJsonManifest, readYamlManifests } from './manifests.ts'

/** Sum of the sizes of the files of one directory source (argo-cd `reposerver.max.combined.directory.manifests.size`). */
export const MAX_COMBINED_SIZE: number = 10 * 1000 * 1000

/** Directories below the source's path; symbolic links to directories are not followed, so only a hostile tree is deeper. */
export const MAX_DIRECTORY_DEPTH = 100

/** A file that holds this text is no manifest, whatever its name. */
const SKIP_MARKER = '+argocd:skip-file-rendering'

const MANIFEST_FILE = /\.(?:yaml|yml|json|jsonnet)$/

export const plainRenderer: Renderer = { sourceType: 'Directory', load: loadDirectory, evaluate: evaluateDirectory }

/** Reads the files that may be manifests; gives their paths in the order in which they are rendered. */
async function loadDirectory(request: RenderRequest, context: LoadContext): Promise<readonly string[]> {
  const root = sourcePath(request.source)
  const entries = await context.tree.readDirectory(root, context.signal)
  if (entries === undefined) throw await pathProblem(root, context.tree, context.signal)
  const load: DirectoryLoad = { root, options: request.source.directory ?? {}, context, paths: [], size: 0 }
  await loadEntries(load, root, entries, 0)
  return load.paths
}

interface DirectoryLoad {
  readonly root: string
  readonly options: ApplicationSourceDirectory
  readonly context: LoadContext
  readonly paths: string[]
  size: number
}

async function loadEntries(
  load: DirectoryLoad,
  directory: string,
  entries: readonly TreeEntry[],
  depth: number,
): Promise<void> {
  for (const entry of entries) {
    const path = directory === '' ? entry.name : `${directory}/${entry.name}`
    if (entry.type === 'directory') await loadSubdirectory(load, path, depth)
    else if (entry.type !== 'submodule' && isWanted(load, path)) await loadFile(load, path)
  }
}

async function loadSubdirectory(load: DirectoryLoad, path: string, depth: number): Promise<void> {
  if (load.options.recurse !== true) return
  if (depth >= MAX_DIRECTORY_DEPTH) {
    throw new CapstanError('limit', `${path}: directories nested deeper than ${MAX_DIRECTORY_DEPTH}`)
  }
  const entries = await load.context.tree.readDirectory(path, load.context.signal)
  if (entries !== undefined) await loadEntries(load, path, entries, depth + 1)
}

/** By its name, then the globs over its path below the source's (exclude first; gobwas without separators). */
function isWanted({ root, options }: DirectoryLoad, path: string): boolean {
  if (!MANIFEST_FILE.test(path)) return false
  const relative = root === '' ? path : path.slice(root.length + 1)
  const { exclude = '', include = '' } = options
  if (exclude !== '' && matchesGlob(exclude, relative)) return false
  return include === '' || matchesGlob(include, relative)
}

async function loadFile(load: DirectoryLoad, path: string): Promise<void> {
  const file = await load.context.tree.readFile(path, load.context.signal)
  // A link to a directory or to nothing is passed over, as upstream does.
  if (file === undefined) return
  const bytes = Buffer.from(file.bytes.buffer, file.bytes.byteOffset, file.bytes.byteLength)
  if (bytes.includes(SKIP_MARKER)) return
  load.size += bytes.length
  if (load.size > MAX_COMBINED_SIZE) {
    throw new CapstanError(
      'limit',
      'failed to get potentially valid manifests: exceeded max combined manifest file size',
    )
  }
  load.paths.push(path)
}

/** Parses the files in order; lists are replaced by what they hold, duplicates stay for the controller to report. */
function evaluateDirectory(_request: RenderRequest, loaded: LoadedSource): Rendered {
  const paths = loaded.extra as readonly string[] // what loadDirectory returned
  const manifests: KubeObject[] = []
  for (const path of paths) {
    const bytes = loaded.files.files.get(path)?.bytes
    if (bytes !== undefined) manifests.push(...readManifests(path, bytes))
  }
  return { sourceType: 'Directory', manifests, warnings: [] }
}

function readManifests(path: string, bytes: Uint8Array): KubeObject[] {
  if (path.endsWith('.json')) return readJsonManifest(path, bytes)
  if (path.endsWith('.jsonnet')) {
    throw new CapstanError('unsupported', `${path}: Jsonnet files cannot be rendered by this version; exclude them`)
  }
  return readYamlManifests(path, bytes)
}
