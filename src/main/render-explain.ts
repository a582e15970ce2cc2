// `capstan render --explain`: what an application of this folder would depend on, a line for each input.
import { readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { sha256Hex } from '../base/digest.ts'
import type { RenderFlags } from '../cli/render.ts'
import type { ApplicationSource } from '../crds/application.ts'
import { explainLoad } from '../desired/explain.ts'
import { withOverrides } from '../desired/overrides.ts'
import type { SourceType } from '../render/contract.ts'
import { detectSourceType } from '../render/detect.ts'
import { RecordingTree } from '../render/recording.ts'
import { evaluateSource, loadSource } from '../render/render-source.ts'
import type { FileTree } from '../source/file-tree.ts'
import { chartFetcher } from './chart-cache.ts'
import { failRender } from './render-failure.ts'
import { requestOf } from './render-other.ts'
import { openRemotes } from './render-remotes.ts'
import { VERSION } from './version.ts'

export interface ExplainedFolder {
  readonly tree: FileTree
  /** Where the tree is on disk. */
  readonly root: string
  readonly source: ApplicationSource
  /** Undefined where the files tell. */
  readonly sourceType: SourceType | undefined
}

/** Override files and what tells the type count, as for an application; secrets are named, not read. */
export async function printExplanation(
  folder: ExplainedFolder,
  flags: RenderFlags,
  signal: AbortSignal,
): Promise<void> {
  const { remotes, close } = openRemotes()
  try {
    const name = flags.name ?? 'release-name'
    const tree = new RecordingTree(folder.tree)
    const source = await withOverrides(withFlags(folder.source, flags), name, tree, signal)
    const sourceType = folder.sourceType ?? (await detectSourceType(source, tree, { signal }))
    const request = requestOf(sourceType, source, flags)
    const options = { tree, references: new Map<string, FileTree>(), signal, remotes, charts: chartFetcher() }
    const loaded = await loadSource(sourceType, request, options)
    const { manifests } = evaluateSource(sourceType, request, loaded)
    const lines = explainLoad({ sourceType, request, loaded, manifests, version: VERSION })
    const all = [...lines, ...(await valueFiles(flags))]
    process.stdout.write(all.map((line) => `${line}\n`).join(''))
  } catch (error) {
    failRender(error, folder.root, signal)
  } finally {
    await close()
  }
}

/** A chart's archive is one input, whatever is in it. */
export async function printArchiveExplanation(path: string, flags: RenderFlags): Promise<void> {
  const digest = sha256Hex(await readFile(path))
  const source: ApplicationSource = withFlags({ repoURL: '', path: '.' }, flags)
  const request = requestOf('Helm', source, flags)
  const nothing = { files: new Map(), directories: new Map(), missing: [] }
  const loaded = { files: nothing, references: new Map(), extra: undefined, inputs: [] }
  const lines = explainLoad({ sourceType: 'Helm', request, loaded, manifests: [], version: VERSION })
  const all = [...lines, `file ${basename(path)} sha256:${digest}`, ...(await valueFiles(flags))]
  process.stdout.write(all.map((line) => `${line}\n`).join(''))
}

/** `--set` and its kin as an application's parameters. */
function withFlags(source: ApplicationSource, { set = [], setString = [] }: RenderFlags): ApplicationSource {
  const given = [
    ...set.map((text) => ({ text, forceString: false })),
    ...setString.map((text) => ({ text, forceString: true })),
  ]
  if (given.length === 0) return source
  const parameters = given.map(({ text, forceString }) => {
    const [name = '', ...value] = text.split('=')
    return { name, value: value.join('='), ...(forceString ? { forceString } : {}) }
  })
  return { ...source, helm: { ...source.helm, parameters } }
}

async function valueFiles({ values = [], setFile = [] }: RenderFlags): Promise<readonly string[]> {
  const paths = [...values, ...setFile.map((text) => text.slice(text.indexOf('=') + 1))]
  const local = paths.filter((path) => path !== '-' && !/^[a-z][a-z0-9+.-]*:\/\//i.test(path))
  return Promise.all(local.map(async (path) => `values file ${path} sha256:${sha256Hex(await readFile(path))}`))
}
