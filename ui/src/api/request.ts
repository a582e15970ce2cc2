// Calls the REST API and turns every failure into an error with a text that people can read.

/** The server's own words for a refused call; status 0 where no answer came at all. */
export class ApiError extends Error {
  readonly status: number

  constructor(status: number, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'ApiError'
    this.status = status
  }
}

export interface CallOptions {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** Sent as JSON. */
  readonly body?: unknown
  readonly signal?: AbortSignal | undefined
  readonly send?: typeof fetch
}

/** Gives the parsed answer. Throws `ApiError`; an abort is passed on as it is. */
export async function callApi<T>(path: string, options: CallOptions = {}): Promise<T> {
  const { method = 'GET', body, signal, send = fetch } = options
  const response = await sendOrExplain(send, path, {
    method,
    ...(signal === undefined ? {} : { signal }),
    // The server refuses changes without this type, against forms on other sites.
    ...(method === 'GET' ? {} : { headers: { 'content-type': 'application/json' } }),
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const text = await response.text()
  if (!response.ok) throw new ApiError(response.status, messageIn(text) ?? `${response.status} ${response.statusText}`)
  // The server's answers have the shapes of its message tables, which T names.
  return (text === '' ? {} : JSON.parse(text)) as T
}

async function sendOrExplain(send: typeof fetch, path: string, init: RequestInit): Promise<Response> {
  try {
    return await send(path, init)
  } catch (error) {
    if (init.signal?.aborted === true) throw error
    throw new ApiError(0, 'The server does not answer.', { cause: error })
  }
}

/** The `message` of an error answer. */
function messageIn(text: string): string | undefined {
  try {
    const answer: unknown = JSON.parse(text)
    const isMessage = typeof answer === 'object' && answer !== null && 'message' in answer
    return isMessage && typeof answer.message === 'string' && answer.message !== '' ? answer.message : undefined
  } catch {
    // A proxy's page in place of an answer: its status line says more than its markup.
    return undefined
  }
}

/** Below which the server stands, without a slash at its end: `/argocd`, or nothing at the top. The server writes it into the page. */
export function basePath(): string {
  if (typeof document === 'undefined') return ''
  return (document.querySelector('base')?.getAttribute('href') ?? '').replace(/\/+$/, '')
}

/** Builds a path below /api/v1, each inserted value as one escaped segment. */
export function apiPath(parts: TemplateStringsArray, ...values: readonly string[]): string {
  const root = `${basePath()}/api/v1`
  return parts.reduce((path, part, index) => path + encodeURIComponent(values[index - 1] ?? '') + part, root)
}

/** Appends a query of the values that are set. */
export function withQuery(path: string, query: Readonly<Record<string, string | boolean | undefined>>): string {
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== '') search.set(name, String(value))
  }
  return search.size === 0 ? path : `${path}?${search.toString()}`
}
