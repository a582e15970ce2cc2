// The call about the installation itself.
import { basePath, callApi } from './request.ts'

export interface CapstanStatus {
  readonly version: string
  readonly runtime: string
  readonly startedAt: string
  readonly cpuSeconds: number
  readonly residentBytes: number
  readonly heapBytes: number
  readonly applications: { readonly total: number; readonly running: number }
  /** Prometheus' text; absent where nothing is counted. */
  readonly figures?: string
}

/** Only for those who may look after clusters. */
export function readStatus(signal?: AbortSignal): Promise<CapstanStatus> {
  return callApi(`${basePath()}/api/capstan/status`, { signal })
}
