// What the headers of a gRPC call say of its caller (server/server.go `getToken`, argo-cd v3.5.1).
import type { IncomingHttpHeaders } from 'node:http'
import { Secret } from '../../base/secret.ts'
import { tokenInHeaders } from '../rest/cookies.ts'

/** The token of `token`, else of `authorization: Bearer`, else of the cookie. */
export function tokenOfMetadata(headers: IncomingHttpHeaders): Secret | undefined {
  const { token } = headers
  const own = Array.isArray(token) ? token[0] : token
  if (own !== undefined && own !== '') return new Secret(own)
  const cookie = headers['grpcgateway-cookie']
  return tokenInHeaders(headers) ?? (typeof cookie === 'string' ? tokenInHeaders({ cookie }) : undefined)
}
