// Tells of each request to an API server: who was asked for what, how long it took, how much was sent and answered.
import type { Clock } from '../../base/clock.ts'
import type { ApiRequest, ApiResponse, Transport } from './transport.ts'

export interface TransportReport {
  /** With its port. */
  readonly host: string
  readonly method: ApiRequest['method']
  /** `Get`, `List`, `Watch`, `Create` … */
  readonly verb: string
  /** Of HTTP; `<error>` where no answer came, as client-go writes it. */
  readonly code: string
  /** Until the answer's head. */
  readonly durationMs: number
  readonly requestBytes: number
  /** The server had asked for another try, which this is. */
  readonly isRetry: boolean
}

export interface TransportObserver {
  asked(report: TransportReport): void
  /** A body was read to its end; those of watches are not told. */
  answered(report: Pick<TransportReport, 'host' | 'method'> & { readonly bytes: number }): void
}

/** Around the transport to a server, whose address names the host. */
export function measuredTransport(
  transport: Transport,
  { server, clock, observer }: { readonly server: string; readonly clock: Clock; readonly observer: TransportObserver },
): Transport {
  const host = hostOf(server)
  const connect = transport.connect?.bind(transport)
  return {
    close: () => transport.close(),
    // Connections of channels last as long as somebody types: they are no requests.
    ...(connect === undefined ? {} : { connect }),
    async send(request) {
      const startMs = clock.now()
      const { method, body } = request
      const about = {
        host,
        method,
        verb: verbOf(request),
        requestBytes: body === undefined ? 0 : Buffer.byteLength(body),
      }
      const tell = (code: string): void =>
        observer.asked({ ...about, code, durationMs: clock.now() - startMs, isRetry: request.isRetry === true })
      let response: ApiResponse
      try {
        response = await transport.send(request)
      } catch (error) {
        tell('<error>')
        throw error
      }
      tell(String(response.status))
      if (about.verb === 'Watch') return response
      return counted(response, (bytes) => observer.answered({ host, method, bytes }))
    },
  }
}

function hostOf(server: string): string {
  return URL.canParse(server) ? new URL(server).host : server
}

/** What stands behind the API version in a path, up to four parts (argo-cd v3.5.1 `util/metrics/kubectl/util.go`). */
const PARTS = /\/v\d\w*?(?<parts>(?:\/[a-zA-Z0-9-]*){1,4})/
const VERBS: Readonly<Record<Exclude<ApiRequest['method'], 'GET'>, string>> = {
  POST: 'Create',
  PUT: 'Update',
  PATCH: 'Patch',
  DELETE: 'Delete',
}

/** A path with an odd number of parts is that of a collection. */
function verbOf({ method, path }: ApiRequest): string {
  if (method !== 'GET') return VERBS[method]
  const [bare = '', query = ''] = path.split('?', 2)
  const parts = PARTS.exec(bare)?.groups?.['parts']?.split('/').slice(1) ?? []
  if (parts.filter((part) => part !== '').length % 2 === 0) return 'Get'
  return new URLSearchParams(query).get('watch') === 'true' ? 'Watch' : 'List'
}

function counted(response: ApiResponse, tell: (bytes: number) => void): ApiResponse {
  const { body } = response
  if (typeof body === 'string' || body instanceof Uint8Array) {
    tell(Buffer.byteLength(body))
    return response
  }
  return { ...response, body: countedChunks(body, tell) }
}

async function* countedChunks(
  body: AsyncIterable<string | Uint8Array>,
  tell: (bytes: number) => void,
): AsyncGenerator<string | Uint8Array> {
  let bytes = 0
  for await (const chunk of body) {
    bytes += Buffer.byteLength(chunk)
    yield chunk
  }
  tell(bytes)
}
