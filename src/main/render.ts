// `capstan render`: the manifests of a folder or a chart's archive on disk, without a cluster or an application.
import { existsSync, realpathSync } from 'node:fs'
import { dirname, join, relative, resolve, sep } from 'node:path'
import { CapstanError } from '../base/errors.ts'
import type { RenderFlags } from '../cli/render.ts'
import type { ApplicationSource } from '../crds/application.ts'
import type { SourceType } from '../render/contract.ts'
import { detectSourceType } from '../render/detect.ts'
import { diskTree } from '../source/disk-tree.ts'
import type { FileTree } from '../source/file-tree.ts'

const KINDS: Readonly<Record<string, SourceType>> = { helm: 'Helm', kustomize: 'Kustomize', directory: 'Directory' }

/** Prints what `helm template` or `kustomize build` would; warnings go to standard error. */
export async function runRender(directory: string, flags: RenderFlags, signal: AbortSignal): Promise<void> {
  if (!existsSync(directory)) throw new CapstanError('not-found', `${directory} does not exist`)
  const folder = realpathSync(resolve(directory))
  const isArchive = /\.tgz$|\.tar\.gz$/.test(folder)
  const { root, linksWithin } = isArchive ? { root: dirname(folder), linksWithin: undefined } : placeOf(folder)
  const tree = await diskTree(root, linksWithin)
  const path = relative(root, folder).split(sep).join('/')
  const source: ApplicationSource = { repoURL: '', path: path === '' ? '.' : path }
  if (flags.explain === true) return explain({ tree, root, source, folder, isArchive }, flags, signal)
  const sourceType = isArchive ? 'Helm' : (kindOf(flags) ?? (await detectSourceType(source, tree)))
  if (sourceType === 'Helm') {
    const { printHelmTemplate } = await import('./render-helm.ts')
    return printHelmTemplate({ tree, root, path, isArchive }, flags, signal)
  }
  const { printManifests } = await import('./render-other.ts')
  await printManifests(sourceType, { tree, root, source: withOptions(source, flags) }, { flags, signal })
}

interface Found {
  readonly tree: FileTree
  readonly root: string
  readonly source: ApplicationSource
  readonly folder: string
  readonly isArchive: boolean
}

async function explain(
  { tree, root, source, folder, isArchive }: Found,
  flags: RenderFlags,
  signal: AbortSignal,
): Promise<void> {
  const { printArchiveExplanation, printExplanation } = await import('./render-explain.ts')
  if (isArchive) return printArchiveExplanation(folder, flags)
  await printExplanation({ tree, root, source: withOptions(source, flags), sourceType: kindOf(flags) }, flags, signal)
}

function kindOf({ kind }: RenderFlags): SourceType | undefined {
  if (kind === undefined) return undefined
  const known = KINDS[kind.toLowerCase()]
  if (known === undefined)
    throw new CapstanError('bad-input', `--kind ${kind}: one of ${Object.keys(KINDS).join(', ')}`)
  return known
}

function withOptions(source: ApplicationSource, flags: RenderFlags): ApplicationSource {
  return flags.recurse === true ? { ...source, directory: { recurse: true } } : source
}

interface Place {
  readonly root: string
  readonly linksWithin?: string | undefined
}

/**
 * Bases may stand beside or above the folder: the repository it is in is what can be read. Outside of one, bases may
 * stand anywhere, as kustomize has it, but links must not lead away from the folder's neighbours.
 */
function placeOf(folder: string): Place {
  for (let at = folder; ; at = dirname(at)) {
    if (existsSync(join(at, '.git'))) return { root: at }
    if (dirname(at) === at) return { root: at, linksWithin: dirname(folder) }
  }
}
