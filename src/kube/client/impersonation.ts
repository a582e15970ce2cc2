// Sends requests as somebody else, if the API server lets us.
import type { Transport } from './transport.ts'

/** The same server with Kubernetes' impersonation header; closing it leaves the one below open. */
export function actingAs(user: string, transport: Transport): Transport {
  return {
    send: (request) => transport.send({ ...request, headers: { ...request.headers, 'impersonate-user': user } }),
    close: async () => {},
  }
}
