// How a request reaches an API server: over HTTP, or by a direct call inside the process. The semantics are the same.

export interface ApiRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** Raw path with its query, still percent-encoded: `/api/v1/namespaces/a/pods?limit=500`. */
  readonly path: string
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array
  /** The server asked for it to be sent once more. */
  readonly isRetry?: boolean
  /** Ends the request and, for a watch, its stream. */
  readonly signal?: AbortSignal
}

export interface ApiResponse {
  readonly status: number
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>
  /** A finished body, or chunks of a stream (watch: each chunk is one or more whole JSON lines in process, any split over HTTP). */
  readonly body: string | Uint8Array | AsyncIterable<string | Uint8Array>
}

/** One API server, reached one way. */
export interface Transport {
  /** Rejects only where no answer came (`unavailable`, `timeout`, abort); an error answer is a response. */
  send(request: ApiRequest): Promise<ApiResponse>
  /** Ends every connection it holds. */
  close(): Promise<void>
}
