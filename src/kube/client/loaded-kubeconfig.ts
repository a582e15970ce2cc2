// What a kubeconfig comes to: one context, ready for a transport.
import type { HttpTransportOptions } from './http-transport.ts'

export interface LoadedKubeConfig {
  readonly transport: HttpTransportOptions
  /** Name of the context; `in-cluster` inside a pod. */
  readonly context: string
  readonly cluster: string
  readonly user: string
  /** Of the context; `default` where it names none. */
  readonly namespace: string
  /** Names of all contexts in the files read. */
  readonly contexts: readonly string[]
}
