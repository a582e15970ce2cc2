// Answers in plain text, and what a path outside the resources is asked for.
import type { ApiResponse } from '../../kube/client/transport.ts'

export interface PlainTarget {
  readonly path: string
  readonly query: URLSearchParams
}

export const TEXT_HEADERS: Readonly<Record<string, string>> = { 'content-type': 'text/plain; charset=utf-8' }

/** What Go's mux says where no handler is. */
export function notFoundText(): ApiResponse {
  return {
    status: 404,
    headers: { ...TEXT_HEADERS, 'x-content-type-options': 'nosniff' },
    body: '404 page not found\n',
  }
}
