// A transport that answers requests of a Kubernetes client from a script, and what tests of the client share.
import assert from 'node:assert/strict'
import type { ManualClock } from '../../src/base/clock.ts'
import { KubeError, type ResourceType } from '../../src/kube/client/client.ts'
import type { ApiRequest, ApiResponse, Transport } from '../../src/kube/client/transport.ts'

/** The kind that most tests ask for. */
export const configMaps: ResourceType = {
  group: '',
  version: 'v1',
  resource: 'configmaps',
  kind: 'ConfigMap',
  namespaced: true,
  verbs: ['get', 'list', 'watch'],
  subresources: [],
}

/** What a request is answered with; the rest is an empty object with status 200. */
export type Answer =
  | Partial<ApiResponse>
  | ((request: ApiRequest) => Partial<ApiResponse> | Promise<Partial<ApiResponse>>)

/** Answers requests one after the other; the last answer repeats. */
export function scripted(...answers: readonly Answer[]): { transport: Transport; requests: ApiRequest[] } {
  const requests: ApiRequest[] = []
  const transport: Transport = {
    async send(request) {
      const answer = answers[Math.min(requests.length, answers.length - 1)]
      requests.push(request)
      const given = typeof answer === 'function' ? await answer(request) : answer
      return { status: 200, headers: {}, body: '{}', ...given }
    },
    async close() {},
  }
  return { transport, requests }
}

/** An answer with a body. */
export function json(value: unknown, status = 200, headers: Record<string, string> = {}): ApiResponse {
  return { status, headers, body: JSON.stringify(value) }
}

/** An answer that says why not. */
export function statusBody(code: number, reason: string, name?: string): ApiResponse {
  return json({ kind: 'Status', status: 'Failure', message: `${reason} it is`, reason, code, details: { name } }, code)
}

/** A body that comes in pieces. */
export async function* chunks(...parts: readonly (string | Uint8Array)[]): AsyncGenerator<string | Uint8Array> {
  for (const part of parts) yield await Promise.resolve(part)
}

/** All of a stream. */
export async function collect<T>(events: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const event of events) all.push(event)
  return all
}

/** The KubeError that a request fails with. */
export async function failure(promise: Promise<unknown>): Promise<KubeError> {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  assert.ok(error instanceof KubeError, `expected a KubeError, got ${String(error)}`)
  return error
}

/** Lets the clock run while a promise is pending. */
export async function drive<T>(clock: ManualClock, promise: Promise<T>): Promise<T> {
  let pending = true
  const settled = promise.finally(() => {
    pending = false
  })
  settled.catch(() => undefined)
  while (pending) {
    await new Promise((resolve) => setImmediate(resolve))
    clock.advance(10_000)
  }
  return settled
}
