// Kustomize sources: the kustomization of a path with the Application's own changes, built in the process.
import { CapstanError } from '../../base/errors.ts'
import type { LoadContext, Rendered } from '../contract.ts'
import { sourcePath } from '../detect.ts'
import type { LoadedSource, RenderRequest, Renderer } from '../renderer.ts'
import { applicationEdits } from './application-edits.ts'
import { buildKustomization } from './build.ts'
import { discoverFiles } from './discover.ts'
import { placeOf } from './fault.ts'
import type { LoadedRemotes } from './remotes.ts'
import { KUSTOMIZATION_NAMES, joinPath } from './source-files.ts'

export const kustomizeRenderer: Renderer = { sourceType: 'Kustomize', load, evaluate }

/** Reads everything the build will; gives which of the Application's components are there. */
async function load(request: RenderRequest, context: LoadContext): Promise<LoadedExtras> {
  const root = sourcePath(request.source)
  const { tree, signal } = context
  const present: string[] = []
  for (const component of request.source.kustomize?.components ?? []) {
    const path = joinPath(root, component)
    if (path !== undefined && (await tree.readDirectory(path, signal)) !== undefined) present.push(component)
  }
  const edit = applicationEdits(request, { present })
  const { remotes } = context
  const options = {
    tree,
    edit,
    ...(signal === undefined ? {} : { signal }),
    ...(remotes === undefined ? {} : { remotes }),
  }
  return { present, remotes: await discoverFiles(root, options) }
}

/** What a load finds besides the files of its own tree. */
export interface LoadedExtras {
  /** Components of the Application that exist: `ignoreMissingComponents` leaves out the others. */
  readonly present: readonly string[]
  readonly remotes: LoadedRemotes
}

/**
 * Builds the kustomization. Errors begin with the command Argo CD would have run, and name the kustomization file.
 * Manifests are in the order kustomize prints them.
 */
function evaluate(request: RenderRequest, loaded: LoadedSource): Rendered {
  const root = sourcePath(request.source)
  const { present, remotes } = loaded.extra as LoadedExtras // what `load` returned
  try {
    const edit = applicationEdits(request, { present })
    const { manifests, warnings } = buildKustomization(loaded.files, root, { edit, remotes })
    return { sourceType: 'Kustomize', manifests, warnings }
  } catch (error) {
    if (!(error instanceof CapstanError)) throw error
    const message = `kustomize build ${root === '' ? '.' : root} failed: ${error.message}${placeText(error, root, loaded)}`
    throw new CapstanError(error.code, message, { cause: error })
  }
}

/** The file and field that an error came from, or at least the file that was built. */
function placeText(error: CapstanError, root: string, loaded: LoadedSource): string {
  const place = placeOf(error)
  if (place !== undefined) return ` (${place.file}: ${place.field})`
  const candidates = KUSTOMIZATION_NAMES.map((name) => joinPath(root, name) ?? name)
  const file = candidates.find((path) => loaded.files.files.has(path))
  return file === undefined ? '' : ` (${file})`
}
