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

/** A connection of numbered channels, as exec and attach have it (`v5.channel.k8s.io`). */
export interface Channels {
  /** `v5.channel.k8s.io` or `v4.channel.k8s.io`. */
  readonly protocol: string
  /** What the server says, until its end; whoever stops reading ends the connection. */
  readonly messages: AsyncIterable<{ readonly channel: number; readonly data: Uint8Array }>
  /** Resolves when there is room for more; what is sent after the end is dropped. */
  send(channel: number, data: Uint8Array): Promise<void>
  close(): void
}

/** One API server, reached one way. */
export interface Transport {
  /** Rejects only where no answer came (`unavailable`, `timeout`, abort); an error answer is a response. */
  send(request: ApiRequest): Promise<ApiResponse>
  /** Asks for a connection of channels; an answer instead is the server's no. Absent: this transport has none. */
  connect?(request: ApiRequest): Promise<Channels | ApiResponse>
  /** Ends every connection it holds. */
  close(): Promise<void>
}
