// `capstan render` of what is no chart: what `kustomize build` prints for a kustomization, and plain directories.
import { join } from 'node:path'
import type { RenderFlags } from '../cli/render.ts'
import type { ApplicationSource } from '../crds/application.ts'
import { stringifyYaml } from '../lang/yaml/write.ts'
import type { RemoteSources, RenderWarning, SourceType } from '../render/contract.ts'
import { warningsBefore } from '../render/kustomize/fault.ts'
import { evaluateSource, loadSource } from '../render/render-source.ts'
import type { RenderRequest } from '../render/renderer.ts'
import type { FileTree } from '../source/file-tree.ts'
import { chartFetcher } from './chart-cache.ts'
import { printBytes } from './print-bytes.ts'
import { failRender } from './render-failure.ts'
import type { OpenRemotes } from './render-remotes.ts'

interface Folder {
  readonly tree: FileTree
  /** Where the tree is on disk. */
  readonly root: string
  readonly source: ApplicationSource
}

interface Command {
  readonly flags: RenderFlags
  readonly signal: AbortSignal
}

/** Renders and prints; warnings go to standard error, and errors end the program as kustomize ends. */
export async function printManifests(sourceType: SourceType, folder: Folder, command: Command): Promise<void> {
  const { remotes, close } = remotesOnUse()
  try {
    printBytes([Buffer.from(await render(sourceType, folder, { ...command, remotes }))])
  } catch (error) {
    printWarnings(warningsBefore(error))
    failRender(error, folder.root, command.signal)
  } finally {
    await close()
  }
}

async function render(
  sourceType: SourceType,
  { tree, root, source }: Folder,
  { flags, signal, remotes }: Command & { readonly remotes: RemoteSources },
): Promise<string> {
  const request = requestOf(sourceType, source, flags)
  const options = { tree, references: new Map<string, FileTree>(), signal, remotes, charts: chartFetcher() }
  const loaded = await loadSource(sourceType, request, options)
  const { manifests, warnings } = evaluateSource(sourceType, request, loaded)
  printWarnings(warnings)
  if (sourceType === 'Directory' && manifests.length === 0) {
    // No error, as for an application; but a person who names the wrong folder should learn it.
    const hint = source.directory?.recurse === true ? '' : '; --recurse reads the folders below it too'
    process.stderr.write(`warning: ${join(root, source.path ?? '')}: no manifests in this directory${hint}\n`)
  }
  return manifests.map((manifest) => stringifyYaml(manifest)).join('---\n')
}

function printWarnings(warnings: readonly RenderWarning[]): void {
  for (const { path, message } of warnings) {
    // kustomize's own warnings are comments.
    process.stderr.write(message.startsWith('#') ? `${message}\n` : `warning: ${path}: ${message}\n`)
  }
}

/** What flags say of an application that is none. */
export function requestOf(sourceType: SourceType, source: ApplicationSource, flags: RenderFlags): RenderRequest {
  const name = flags.name ?? 'release-name'
  // Charts of a kustomization see the version that helm assumes.
  const kubeVersion = flags.kubeVersion ?? (sourceType === 'Kustomize' ? '' : '1.36.3')
  return {
    application: { name, namespace: 'argocd', project: 'default', destinationNamespace: flags.namespace },
    source,
    revision: 'working-tree',
    cluster: { kubeVersion, apiVersions: flags.apiVersions ?? [] },
    options: { kustomizeBuildOptions: buildOptions(flags) },
  }
}

function buildOptions({ enableHelm, loadRestrictor, enableManagedbyLabel, reorder }: RenderFlags): string {
  const words = [
    enableHelm === true ? '--enable-helm' : '',
    loadRestrictor === undefined ? '' : `--load-restrictor=${loadRestrictor}`,
    enableManagedbyLabel === true ? '--enable-managedby-label' : '',
    reorder === undefined ? '' : `--reorder=${reorder}`,
  ]
  return words.filter((word) => word !== '').join(' ')
}

/** Nothing of Git is loaded before a kustomization names an address: most name none. */
function remotesOnUse(): OpenRemotes {
  let opened: Promise<OpenRemotes> | undefined
  const open = async (): Promise<OpenRemotes> => {
    opened ??= import('./render-remotes.ts').then(({ openRemotes }) => openRemotes())
    return opened
  }
  return {
    remotes: {
      openRepository: async (query, signal) => (await open()).remotes.openRepository(query, signal),
      fetchFile: async (url, signal) => (await open()).remotes.fetchFile(url, signal),
    },
    close: async () => (await opened)?.close(),
  }
}
