// Kustomize sources: the kustomization of a path with the Application's own changes, built in the process.
import { CapstanError } from '../../base/errors.ts'
import type { LoadContext, RenderWarning, Rendered } from '../contract.ts'
import { sourcePath } from '../detect.ts'
import type { LoadedSource, RenderRequest, Renderer } from '../renderer.ts'
import { applicationEdits } from './application-edits.ts'
import type { BuildOptions } from './build-context.ts'
import { parseBuildFlags } from './build-flags.ts'
import { KUSTOMIZE_VERSION, buildKustomization } from './build.ts'
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
  const { remotes, charts } = context
  const { enableHelm = false } = parseBuildFlags(optionsText(request))
  const options = {
    tree,
    edit,
    enableHelm,
    ...(signal === undefined ? {} : { signal }),
    ...(remotes === undefined ? {} : { remotes }),
    ...(charts === undefined ? {} : { charts }),
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
    const options = { ...buildOptions(request), edit, remotes }
    const { manifests, warnings } = buildKustomization(loaded.files, root, options)
    return { sourceType: 'Kustomize', manifests, warnings: [...versionWarnings(request), ...warnings] }
  } catch (error) {
    if (!(error instanceof CapstanError)) throw error
    const message = `kustomize build ${root === '' ? '.' : root} failed: ${error.message}${placeText(error, root, loaded)}`
    throw new CapstanError(error.code, message, { cause: error })
  }
}

/** The settings' words for the version that the Application names; every version is built with this one's rules. */
function optionsText({ source, options = {} }: RenderRequest): string {
  const { kustomizeVersions, kustomizeBuildOptions = '' } = options
  const version = source.kustomize?.version ?? ''
  if (version === '' || kustomizeVersions === undefined) return kustomizeBuildOptions
  const own = Object.hasOwn(kustomizeVersions, version) ? kustomizeVersions[version] : undefined
  if (own === undefined) throw new CapstanError('not-found', `kustomize version ${version} is not registered`)
  return own
}

function versionWarnings({ source }: RenderRequest): readonly RenderWarning[] {
  const version = source.kustomize?.version ?? ''
  if (version === '') return []
  const message = `kustomize version ${version} is asked for: rendered with the rules of ${KUSTOMIZE_VERSION}, which are built in`
  return [{ path: sourcePath(source), message }]
}

/** What the settings and the Application ask of the build. */
function buildOptions(request: RenderRequest): BuildOptions {
  const { source, cluster, options } = request
  const { enableHelm, ...flags } = parseBuildFlags(optionsText(request))
  if (enableHelm !== true) return flags
  const { kubeVersion = '', apiVersions = [] } = source.kustomize ?? {}
  const helm = {
    kubeVersion: kubeVersion === '' ? cluster.kubeVersion : kubeVersion,
    apiVersions: apiVersions.length > 0 ? apiVersions : cluster.apiVersions,
    ...(options?.helmVersion === undefined ? {} : { helmVersion: options.helmVersion }),
  }
  return { ...flags, helm }
}

/** The file and field that an error came from, or at least the file that was built. */
function placeText(error: CapstanError, root: string, loaded: LoadedSource): string {
  const place = placeOf(error)
  if (place !== undefined) return ` (${place.file}: ${place.field})`
  const candidates = KUSTOMIZATION_NAMES.map((name) => joinPath(root, name) ?? name)
  const file = candidates.find((path) => loaded.files.files.has(path))
  return file === undefined ? '' : ` (${file})`
}
