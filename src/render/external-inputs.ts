// Notes what a load fetches besides its trees, with the version it got: these are dependencies like files.
import { sha256Hex } from '../base/digest.ts'
import type { ChartFetcher, RemoteFiles, RemoteSources, RepositoryQuery } from './contract.ts'

/** Something a rendering read that is no file of its sources, and the version that it had. */
export type ExternalInput =
  | { readonly kind: 'repository'; readonly query: RepositoryQuery; readonly version: string }
  | { readonly kind: 'chart'; readonly query: ChartFetcherQuery; readonly version: string }
  | { readonly kind: 'values file' | 'file'; readonly url: string; readonly version: string }

type ChartFetcherQuery = Parameters<ChartFetcher['fetch']>[0]

/** What a load may fetch besides the trees; each is absent where it may not. */
export interface Fetchers {
  readonly charts?: ChartFetcher
  readonly remoteFiles?: RemoteFiles
  readonly remotes?: RemoteSources
}

/** The same fetchers, which note in `inputs` what they gave. */
export function recordingFetchers(fetchers: Fetchers, inputs: ExternalInput[]): Fetchers {
  const { charts, remoteFiles, remotes } = fetchers
  return {
    ...(charts === undefined ? {} : { charts: recordingCharts(charts, inputs) }),
    ...(remoteFiles === undefined ? {} : { remoteFiles: recordingFiles(remoteFiles, inputs) }),
    ...(remotes === undefined ? {} : { remotes: recordingRemotes(remotes, inputs) }),
  }
}

function recordingCharts(charts: ChartFetcher, inputs: ExternalInput[]): ChartFetcher {
  return {
    addressOf: (name) => charts.addressOf(name),
    isPermitted: (repository) => charts.isPermitted(repository),
    async fetch(query, signal) {
      const fetched = await charts.fetch(query, signal)
      inputs.push({ kind: 'chart', query, version: chartVersion(fetched) })
      return fetched
    },
  }
}

function recordingFiles(files: RemoteFiles, inputs: ExternalInput[]): RemoteFiles {
  return {
    schemes: files.schemes,
    async fetch(url, signal) {
      const bytes = await files.fetch(url, signal)
      inputs.push({ kind: 'values file', url, version: sha256Hex(bytes) })
      return bytes
    },
  }
}

function recordingRemotes(remotes: RemoteSources, inputs: ExternalInput[]): RemoteSources {
  return {
    async openRepository(query, signal) {
      const opened = await remotes.openRepository(query, signal)
      const { url, ref, timeoutMs, submodules } = query
      inputs.push({ kind: 'repository', query: { url, ref, timeoutMs, submodules }, version: opened.revision })
      return opened
    },
    async fetchFile(url, signal) {
      const bytes = await remotes.fetchFile(url, signal)
      inputs.push({ kind: 'file', url, version: sha256Hex(bytes) })
      return bytes
    },
  }
}

function chartVersion({ version, digest }: { readonly version: string; readonly digest: string }): string {
  return `${version} sha256:${digest}`
}

/** Would all of them come with the same version again? What can no longer be had would not. */
export async function externalInputsHold(
  inputs: readonly ExternalInput[],
  fetchers: Fetchers,
  signal?: AbortSignal,
): Promise<boolean> {
  const versions = await Promise.all(inputs.map((input) => presentVersion(input, fetchers, signal)))
  return inputs.every((input, i) => versions[i] === input.version)
}

async function presentVersion(
  input: ExternalInput,
  fetchers: Fetchers,
  signal: AbortSignal | undefined,
): Promise<string | undefined> {
  switch (input.kind) {
    case 'repository':
      return (await fetchers.remotes?.openRepository(input.query, signal))?.revision
    case 'file':
      return digestOf(await fetchers.remotes?.fetchFile(input.url, signal))
    case 'values file':
      return digestOf(await fetchers.remoteFiles?.fetch(input.url, signal))
    case 'chart': {
      const fetched = await fetchers.charts?.fetch(input.query, signal)
      return fetched && chartVersion(fetched)
    }
  }
}

function digestOf(bytes: Uint8Array | undefined): string | undefined {
  return bytes && sha256Hex(bytes)
}

/** One line for people: what it is, where it is from, which version it had. */
export function describeInput(input: ExternalInput): string {
  switch (input.kind) {
    case 'repository':
      return `repository ${input.query.url} at ${input.query.ref === '' ? 'HEAD' : input.query.ref}: ${input.version}`
    case 'chart':
      return `chart ${input.query.repository} ${input.query.name} ${input.query.version}: ${input.version}`
    case 'file':
    case 'values file':
      return `${input.kind} ${input.url}: sha256:${input.version}`
  }
}
