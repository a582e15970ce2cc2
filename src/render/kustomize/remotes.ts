// Repositories and files that kustomizations name by address, as the load found them: plain data for the build.
import { CapstanError } from '../../base/errors.ts'
import type { ErrorCode } from '../../base/errors.ts'
import type { LoadedFiles } from '../contract.ts'
import type { ChartFile } from '../helm/chart.ts'
import type { RepoSpec } from './repo-spec.ts'

/** What went wrong while something was fetched; the build says it with its place. */
export interface FetchProblem {
  readonly code: ErrorCode
  readonly message: string
}

export interface LoadedRepository {
  /** Directory under which its files stand in the build. */
  readonly mount: string
  readonly files: LoadedFiles
}

export interface LoadedRemotes {
  /** By `repositoryKey`. */
  readonly repositories: ReadonlyMap<string, LoadedRepository | FetchProblem>
  /** By address. */
  readonly files: ReadonlyMap<string, Uint8Array | FetchProblem>
  /** Charts to be inflated, by `chartKey`. */
  readonly charts: ReadonlyMap<string, readonly ChartFile[] | FetchProblem>
}

export const NO_REMOTES: LoadedRemotes = { repositories: new Map(), files: new Map(), charts: new Map() }

/** Equal for addresses that mean the same repository at the same ref. */
export function repositoryKey({ url, ref }: RepoSpec): string {
  return ref === '' ? url : `${url}@${ref}`
}

/** Does kustomize read this path over HTTP? */
export function isRemoteFile(path: string): boolean {
  return /^https?:\/\//i.test(path)
}

export function isProblem(found: object): found is FetchProblem {
  return 'message' in found
}

export function problemError({ code, message }: FetchProblem): CapstanError {
  return new CapstanError(code, message)
}
