// `capstan render`: the manifests of a folder or a chart's archive on disk, without a cluster or an application.
import { existsSync } from 'node:fs'
import { dirname, join, relative, resolve, sep } from 'node:path'
import { CapstanError } from '../base/errors.ts'
import type { RenderFlags } from '../cli/render.ts'
import type { ApplicationSource } from '../crds/application.ts'
import type { SourceType } from '../render/contract.ts'
import { detectSourceType } from '../render/detect.ts'
import { diskTree } from '../source/disk-tree.ts'

const KINDS: Readonly<Record<string, SourceType>> = { helm: 'Helm', kustomize: 'Kustomize', directory: 'Directory' }

/** Prints what `helm template` or `kustomize build` would; warnings go to standard error. */
export async function runRender(directory: string, flags: RenderFlags, signal: AbortSignal): Promise<void> {
  const folder = resolve(directory)
  if (!existsSync(folder)) throw new CapstanError('not-found', `${directory} does not exist`)
  const isArchive = /\.tgz$|\.tar\.gz$/.test(folder)
  const root = isArchive ? dirname(folder) : rootOf(folder)
  const tree = await diskTree(root)
  const path = relative(root, folder).split(sep).join('/')
  const source: ApplicationSource = { repoURL: '', path: path === '' ? '.' : path }
  const sourceType = isArchive ? 'Helm' : (kindOf(flags) ?? (await detectSourceType(source, tree)))
  if (sourceType === 'Helm') {
    const { printHelmTemplate } = await import('./render-helm.ts')
    return printHelmTemplate({ tree, path, isArchive }, flags, signal)
  }
  const { printManifests } = await import('./render-other.ts')
  await printManifests(sourceType, { tree, source: withOptions(source, flags) }, { flags, signal })
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

/** Bases may stand beside or above the folder: the repository it is in is what can be read, else the folder alone. */
function rootOf(folder: string): string {
  for (let at = folder; ; at = dirname(at)) {
    if (existsSync(join(at, '.git'))) return at
    if (dirname(at) === at) return folder
  }
}
