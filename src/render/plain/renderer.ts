// Directories of YAML, JSON and Jsonnet files, as Argo CD's Directory sources are read.
import { CapstanError } from '../../base/errors.ts'
import { matchesGlob } from '../../base/glob.ts'
import type { ApplicationSourceDirectory, ApplicationSourceJsonnet } from '../../crds/application.ts'
import { textOfBytes } from '../../lang/go/text.ts'
import type { KubeObject } from '../../kube/object.ts'
import type { TreeEntry } from '../../source/file-tree.ts'
import { buildEnvironment } from '../build-environment.ts'
import type { LoadContext, Rendered } from '../contract.ts'
import { pathProblem, sourcePath } from '../detect.ts'
import { loadImports, searchedFolders, type Program } from '../jsonnet/imports.ts'
import { programInput, runProgram } from '../jsonnet/program.ts'
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
  const search: DirectorySearch = { root, options: request.source.directory ?? {}, context, found: [] }
  await findFiles(search, root, entries, 0)
  const isEnabled = request.options?.isJsonnetEnabled !== false
  const found = isEnabled ? search.found : search.found.filter((path) => !isProgram(path))
  const paths = await readFiles(found, context)
  await loadPrograms(request, paths, context)
  return paths
}

/** Reads what the Jsonnet files among the paths import. */
async function loadPrograms(request: RenderRequest, paths: readonly string[], context: LoadContext): Promise<void> {
  const programs: Program[] = []
  for (const path of paths.filter(isProgram)) {
    const file = await context.tree.readFile(path, context.signal)
    if (file !== undefined) programs.push({ name: path, text: textOfBytes(file.bytes) })
  }
  if (programs.length === 0) return
  const { externalVariables, topLevelArguments } = programInput(jsonnetOf(request), buildEnvironment(request))
  const code = [...externalVariables, ...topLevelArguments].filter(({ isCode }) => isCode)
  const variables = code.map(({ name, value }) => ({ name: `<${name}>`, text: value }))
  await loadImports([...programs, ...variables], searchedOf(request), context)
}

function isProgram(path: string): boolean {
  return path.endsWith('.jsonnet')
}

function jsonnetOf(request: RenderRequest): ApplicationSourceJsonnet | undefined {
  return request.source.directory?.jsonnet
}

function searchedOf(request: RenderRequest): readonly string[] {
  return searchedFolders(sourcePath(request.source), jsonnetOf(request)?.libs ?? [])
}

interface DirectorySearch {
  readonly root: string
  readonly options: ApplicationSourceDirectory
  readonly context: LoadContext
  readonly found: string[]
}

async function findFiles(
  search: DirectorySearch,
  directory: string,
  entries: readonly TreeEntry[],
  depth: number,
): Promise<void> {
  for (const entry of entries) {
    const path = directory === '' ? entry.name : `${directory}/${entry.name}`
    if (entry.type === 'directory') await findBelow(search, path, depth)
    else if (entry.type !== 'submodule' && isWanted(search, path)) search.found.push(path)
  }
}

async function findBelow(search: DirectorySearch, path: string, depth: number): Promise<void> {
  if (search.options.recurse !== true) return
  if (depth >= MAX_DIRECTORY_DEPTH) {
    throw new CapstanError('limit', `${path}: directories nested deeper than ${MAX_DIRECTORY_DEPTH}`)
  }
  const entries = await search.context.tree.readDirectory(path, search.context.signal)
  if (entries !== undefined) await findFiles(search, path, entries, depth + 1)
}

/** By its name, then the globs over its path below the source's (exclude first; gobwas without separators). */
function isWanted({ root, options }: DirectorySearch, path: string): boolean {
  if (!MANIFEST_FILE.test(path)) return false
  const relative = root === '' ? path : path.slice(root.length + 1)
  const { exclude = '', include = '' } = options
  if (exclude !== '' && matchesGlob(exclude, relative)) return false
  return include === '' || matchesGlob(include, relative)
}

/** Files asked for at once: enough to keep Git's object reader busy, few enough to stop soon beyond the limit. */
const FILES_AT_ONCE = 16

/** Reads the files; gives the paths of those that count. */
async function readFiles(found: readonly string[], { tree, signal }: LoadContext): Promise<readonly string[]> {
  const paths: string[] = []
  let size = 0
  for (let i = 0; i < found.length; i += FILES_AT_ONCE) {
    const batch = found.slice(i, i + FILES_AT_ONCE)
    const files = await Promise.all(batch.map((path) => tree.readFile(path, signal)))
    for (const [at, path] of batch.entries()) {
      const bytes = files[at]?.bytes
      // A link to a directory or to nothing is passed over, as upstream does.
      if (bytes === undefined || isMarkedToSkip(bytes)) continue
      size += bytes.length
      paths.push(path)
    }
    if (size > MAX_COMBINED_SIZE) {
      throw new CapstanError(
        'limit',
        'failed to get potentially valid manifests: exceeded max combined manifest file size',
      )
    }
  }
  return paths
}

function isMarkedToSkip(bytes: Uint8Array): boolean {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).includes(SKIP_MARKER)
}

/** Parses the files in order; lists are replaced by what they hold, duplicates stay for the controller to report. */
function evaluateDirectory(request: RenderRequest, loaded: LoadedSource): Rendered {
  const paths = loaded.extra as readonly string[] // what loadDirectory returned
  const manifests: KubeObject[] = []
  const input = programInput(jsonnetOf(request), buildEnvironment(request))
  const place = { loaded: loaded.files, searched: searchedOf(request) }
  for (const path of paths) {
    const bytes = loaded.files.files.get(path)?.bytes
    if (bytes === undefined) continue
    const objects = isProgram(path) ? runProgram({ path, bytes }, input, place) : readManifests(path, bytes)
    for (const object of objects) manifests.push(object)
  }
  return { sourceType: 'Directory', manifests, warnings: [] }
}

function readManifests(path: string, bytes: Uint8Array): KubeObject[] {
  return path.endsWith('.json') ? readJsonManifest(path, bytes) : readYamlManifests(path, bytes)
}
