// Which tool an application's source is for: what it says itself, else the files in its path.
import { CapstanError } from '../base/errors.ts'
import type { ApplicationSource } from '../crds/application.ts'
import type { FileTree } from '../source/file-tree.ts'
import type { SourceType } from './contract.ts'

export interface DetectOptions {
  /** Types switched off in argocd-cm (`helm.enable: "false"`): their sources count as directories. */
  readonly disabled?: ReadonlySet<SourceType>
  /** Asks the plug-ins, which come before the files. */
  readonly discover?: () => Promise<boolean>
  readonly signal?: AbortSignal
}

const KUSTOMIZATION_FILES: ReadonlySet<string> = new Set(['kustomization.yaml', 'kustomization.yml', 'Kustomization'])

/**
 * The type of a source (argo-cd v3.5.1 ExplicitType and discovery.AppType): an explicit block wins, a chart is Helm,
 * then the last of the telling files of the path in lexical order, else Directory. Throws `bad-input` for two blocks
 * and for a path that is not a directory of the tree.
 */
export async function detectSourceType(
  source: ApplicationSource,
  tree: FileTree,
  options: DetectOptions = {},
): Promise<SourceType> {
  const explicit = explicitType(source)
  if (explicit !== undefined) return explicit
  if (source.chart !== undefined && source.chart !== '') return 'Helm'
  const path = sourcePath(source)
  const entries = await tree.readDirectory(path, options.signal)
  if (entries === undefined) throw await pathProblem(path, tree, options.signal)
  if ((await options.discover?.()) === true) return 'Plugin'
  const names = entries.filter((entry) => entry.type !== 'directory').map((entry) => entry.name)
  return typeByFiles(names, options.disabled ?? new Set())
}

/** The type that a source names by its blocks. */
export function explicitType(source: ApplicationSource): SourceType | undefined {
  const found: SourceType[] = []
  if (source.kustomize !== undefined) found.push('Kustomize')
  if (source.helm !== undefined) found.push('Helm')
  if (source.directory !== undefined) found.push('Directory')
  if (source.plugin !== undefined) found.push('Plugin')
  if (found.length > 1) {
    throw new CapstanError('bad-input', `multiple application sources defined: ${found.join(',')}`)
  }
  return found[0]
}

function typeByFiles(names: readonly string[], disabled: ReadonlySet<SourceType>): SourceType {
  let found: SourceType = 'Directory'
  for (const name of names) {
    if (name.endsWith('Chart.yaml') && !disabled.has('Helm')) found = 'Helm'
    if (KUSTOMIZATION_FILES.has(name) && !disabled.has('Kustomize')) found = 'Kustomize'
  }
  return found
}

/**
 * The path of a source as trees have it: without `.` and doubled slashes, empty for the root. Throws `bad-input` for a
 * path that is absolute or leaves the tree (argo-cd v3.5.1 util/app/path).
 */
export function sourcePath(source: ApplicationSource): string {
  const path = source.path ?? ''
  if (path.startsWith('/')) throw new CapstanError('bad-input', `${path}: app path is absolute`)
  const parts: string[] = []
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue
    if (part !== '..') parts.push(part)
    else if (parts.pop() === undefined) throw new CapstanError('bad-input', `${path}: app path outside root`)
  }
  return parts.join('/')
}

/** Why a path cannot be listed. */
export async function pathProblem(path: string, tree: FileTree, signal?: AbortSignal): Promise<CapstanError> {
  const file = await tree.readFile(path, signal)
  return file === undefined
    ? new CapstanError('not-found', `${path}: app path does not exist`)
    : new CapstanError('bad-input', `${path}: app path is not a directory`)
}
