// `capstan render` of a chart: what `helm template` prints, with its messages and its exit code.
import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { CapstanError } from '../base/errors.ts'
import { sha256Hex } from '../base/digest.ts'
import type { RenderFlags } from '../cli/render.ts'
import { bytesOfText, textOfBytes } from '../lang/go/text.ts'
import { readArchive, withoutMark } from '../render/helm/archive.ts'
import type { ChartFile } from '../render/helm/chart.ts'
import { readChartTree } from '../render/helm/chart-tree.ts'
import { fetchDependencies } from '../render/helm/fetch-dependencies.ts'
import { MAX_VALUES_BYTES } from '../render/helm/limits.ts'
import { renderChartBytes, type ChartInput } from '../render/helm/render-chart.ts'
import { chartPlace } from '../render/helm/renderer.ts'
import { rulesOf } from '../render/helm/rules.ts'
import { showOnly } from '../render/helm/show-only.ts'
import type { NamedFile, UserValues } from '../render/helm/user-values.ts'
import type { HelmVersion } from '../render/renderer.ts'
import type { FileTree } from '../source/file-tree.ts'
import { chartFetcher } from './chart-cache.ts'
import { printBytes } from './print-bytes.ts'
import { failRender } from './render-failure.ts'

export interface ChartPath {
  readonly tree: FileTree
  /** Where the tree is on disk. */
  readonly root: string
  /** Of the chart in the tree: a folder, or an archive. */
  readonly path: string
  readonly isArchive: boolean
}

/** The same tree, which reads each file once: charts are listed by reading them. */
function readOnce(tree: FileTree): FileTree {
  const files = new Map<string, ReturnType<FileTree['readFile']>>()
  return {
    ...tree,
    readFile(path, signal) {
      const known = files.get(path) ?? tree.readFile(path, signal)
      files.set(path, known)
      return known
    },
  }
}

/** Renders and prints; errors end the program as helm ends. */
export async function printHelmTemplate(found: ChartPath, flags: RenderFlags, signal: AbortSignal): Promise<void> {
  const chart = { ...found, tree: readOnce(found.tree) }
  try {
    const input = await readInput(chart, flags, signal)
    const output = await render(input, flags, signal)
    if (flags.showOnly === undefined) printBytes(output)
    else
      printBytes([
        bytesOfText(showOnly(textOfBytes(Buffer.concat(output)), flags.showOnly, rulesOf(input.helmVersion))),
      ])
  } catch (error) {
    failRender(error, found.root, signal)
  }
}

async function render(input: ChartInput, flags: RenderFlags, signal: AbortSignal): Promise<readonly Uint8Array[]> {
  if (flags.kubeconfig !== undefined || flags.dryRun === 'server') {
    const { renderOnCluster } = await import('./render-on-cluster.ts')
    return [bytesOfText(await renderOnCluster(input, flags, signal))]
  }
  if (flags.dryRun !== undefined && flags.dryRun !== 'client') {
    throw new CapstanError('bad-input', `invalid dry-run value (${flags.dryRun}). Must be "server" or "client"`)
  }
  try {
    return renderChartBytes(input)
  } catch (error) {
    if (!isOutOfStack(error)) throw error
    const { renderWithLargeStack } = await import('./render-deep.ts')
    return [bytesOfText(await renderWithLargeStack(input))]
  }
}

/** Some hundred `include`s in each other need more stack than the main thread has; a thread of its own has enough. */
function isOutOfStack(error: unknown): boolean {
  return error instanceof CapstanError && error.code === 'limit' && error.message.includes('templates nest too deep')
}

async function readInput(chart: ChartPath, flags: RenderFlags, signal: AbortSignal): Promise<ChartInput> {
  if (flags.verify === true) await verify(chart, flags)
  const setFiles = await readSetFiles(flags.setFile ?? [])
  return {
    files: await readFiles(chart, flags, signal),
    values: {
      files: await Promise.all((flags.values ?? []).map((name) => readValues(name, chart, signal))),
      ...valueTexts(flags),
      readFile: (path) => setFiles.get(path),
    },
    releaseName: flags.nameTemplate ?? flags.name ?? 'release-name',
    namespace: flags.namespace,
    kubeVersion: flags.kubeVersion ?? '',
    apiVersions: flags.apiVersions ?? [],
    includeCrds: flags.includeCrds === true,
    skipTests: flags.skipTests === true,
    skipHooks: !flags.hooks,
    isUpgrade: flags.isUpgrade === true,
    skipSchemaValidation: flags.skipSchemaValidation === true,
    helmVersion: versionOf(flags.helmVersion),
  }
}

function valueTexts({ set, setString, setFile, setJson, setLiteral }: RenderFlags): UserValues {
  const texts = { set, setString, setFile, setJson, setLiteral }
  return Object.fromEntries(Object.entries(texts).filter(([, value]) => value !== undefined))
}

function versionOf(text = '4'): HelmVersion {
  const major = /^v?(?<major>[34])(?:\..*)?$/.exec(text)?.groups?.['major']
  if (major === undefined) throw new CapstanError('bad-input', `--helm-version ${text}: one of 4, 3`)
  return major === '3' ? '3' : '4.2'
}

async function readFiles(
  { tree, path, isArchive }: ChartPath,
  flags: RenderFlags,
  signal: AbortSignal,
): Promise<ChartFile[]> {
  if (isArchive) {
    const archive = await tree.readFile(path)
    if (archive === undefined) throw new CapstanError('not-found', `path "${path}" not found`)
    return readArchive(archive.bytes, archive.id)
  }
  const names = await readChartTree(tree, path)
  const charts = flags.dependencyUpdate === true ? chartFetcher() : undefined
  const place = chartPlace(tree, path, signal)
  const { files, added } = await fetchDependencies({ place, files: names, charts, ignoresLock: true, signal })
  const own = await Promise.all(files.map((name) => readOwn(tree, path, name)))
  return [...own, ...added.map((file) => ({ ...file, bytes: withoutMark(file.bytes) }))]
}

async function readOwn(tree: FileTree, path: string, name: string): Promise<ChartFile> {
  const file = await tree.readFile(path === '' ? name : `${path}/${name}`)
  if (file === undefined) throw new CapstanError('not-found', `${name} went away while it was read`)
  return { name, id: file.id, bytes: withoutMark(file.bytes) }
}

/** A file is named from where the command runs, as for helm, else from the chart's folder. */
async function readValues(name: string, { tree, path }: ChartPath, signal: AbortSignal): Promise<NamedFile> {
  if (name.trim() === '-') {
    const { readStandardInput } = await import('./standard-input.ts')
    return { name, bytes: await readStandardInput(MAX_VALUES_BYTES) }
  }
  if (/^https?:\/\//.test(name)) {
    const { remoteFiles } = await import('./chart-access.ts')
    return { name, bytes: await remoteFiles(['http', 'https']).fetch(name, signal) }
  }
  const bytes =
    (await readIfThere(name)) ??
    (await tree.readFile(path === '' ? name : `${path}/${name}`).catch(() => undefined))?.bytes
  if (bytes === undefined) throw new CapstanError('not-found', `open ${name}: no such file or directory`)
  return { name, bytes }
}

async function readIfThere(path: string): Promise<Uint8Array | undefined> {
  try {
    return await readFile(resolve(path))
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'EISDIR'))
      return undefined
    throw error
  }
}

/** The files that `--set-file` may name: every path behind a `=`, as far as it is one. */
async function readSetFiles(texts: readonly string[]): Promise<ReadonlyMap<string, Uint8Array>> {
  const files = new Map<string, Uint8Array>()
  for (const text of texts) {
    for (const part of text.split(/(?<!\\),/)) {
      // A list of files stands in braces.
      const path = part
        .slice(part.indexOf('=') + 1)
        .replaceAll(/^\{|(?<!\\)\}$/g, '')
        .replaceAll(/\\(?<char>.)/g, '$<char>')
      const bytes = await readIfThere(path)
      if (bytes !== undefined) files.set(path, bytes)
    }
  }
  return files
}

async function verify({ tree, path, isArchive }: ChartPath, { keyring }: RenderFlags): Promise<void> {
  if (!isArchive) throw new CapstanError('bad-input', 'unpacked charts cannot be verified')
  const archive = await tree.readFile(path)
  const provenance = await tree.readFile(`${path}.prov`)
  if (archive === undefined || provenance === undefined) {
    throw new CapstanError('not-found', `could not load provenance file ${path}.prov: no such file or directory`)
  }
  const { verifyProvenance } = await import('../source/charts/provenance.ts')
  await verifyProvenance({
    provenance: Buffer.from(provenance.bytes).toString('utf8'),
    fileName: path.slice(path.lastIndexOf('/') + 1),
    digest: sha256Hex(archive.bytes),
    ...(keyring === undefined ? {} : { keyring: resolve(keyring) }),
  })
}
