// Connections to servers of sources: whom they trust, what they show of themselves, which proxy they take.
import { Agent as HttpAgent } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'
import type { Secret } from '../base/secret.ts'

/** All absent: the system's trust, no certificate of one's own, no proxy. */
export interface ServerTrust {
  /** Skips the check of the server's certificate. */
  readonly insecure?: boolean
  /** PEM certificates to trust instead of the system's. */
  readonly caCertificates?: string
  readonly tlsClientCertificate?: string
  readonly tlsClientKey?: Secret
  readonly proxy?: string
  readonly noProxy?: string
}

export interface Agents {
  readonly http: HttpAgent
  readonly https: HttpsAgent
}

/** Whoever makes them destroys both. */
export function createAgents(trust: ServerTrust): Agents {
  const { proxy, noProxy, tlsClientCertificate, tlsClientKey } = trust
  const proxyEnv =
    proxy === undefined || proxy === '' ? {} : { HTTP_PROXY: proxy, HTTPS_PROXY: proxy, NO_PROXY: noProxy ?? '' }
  const tls = {
    rejectUnauthorized: trust.insecure !== true,
    ...(trust.caCertificates === undefined ? {} : { ca: trust.caCertificates }),
    ...(tlsClientCertificate === undefined || tlsClientKey === undefined
      ? {}
      : { cert: tlsClientCertificate, key: tlsClientKey.reveal() }),
  }
  return { http: new HttpAgent({ proxyEnv }), https: new HttpsAgent({ ...tls, proxyEnv }) }
}
