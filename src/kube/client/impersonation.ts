// Sends requests as somebody else, if the API server lets us.
import type { ApiRequest, Transport } from './transport.ts'

/** The same server with Kubernetes' impersonation header; closing it leaves the one below open. */
export function actingAs(user: string, transport: Transport): Transport {
  const acting = (request: ApiRequest): ApiRequest => ({
    ...request,
    headers: { ...request.headers, 'impersonate-user': user },
  })
  const connect = transport.connect?.bind(transport)
  return {
    send: (request) => transport.send(acting(request)),
    ...(connect === undefined ? {} : { connect: (request: ApiRequest) => connect(acting(request)) }),
    close: async () => {},
  }
}
