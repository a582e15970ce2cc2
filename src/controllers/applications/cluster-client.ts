// Makes a client for a cluster that a Secret describes.
import { createPrivateKey, X509Certificate } from 'node:crypto'
import type { Clock } from '../../base/clock.ts'
import { CapstanError } from '../../base/errors.ts'
import { awsLogin } from '../../kube/client/aws-login.ts'
import type { KubeClient } from '../../kube/client/client.ts'
import { createClient } from '../../kube/client/create-client.ts'
import { execLogin } from '../../kube/client/exec-login.ts'
import { httpTransport, type HttpTransportOptions } from '../../kube/client/http-transport.ts'
import type { LoginSource } from '../../kube/client/login.ts'
import type { Transport } from '../../kube/client/transport.ts'
import type { Cluster, ClusterConnection } from '../../settings/clusters.ts'

/** A cluster, or why its Secret cannot be used. */
export interface ClusterRecord extends Cluster {
  readonly fault?: string
  /** The uid of its Secret; absent for the control plane's own. */
  readonly id?: string
}

export interface ConnectOptions {
  readonly clock: Clock
  /** Told of each request, where somebody wants to know. */
  readonly measure?: (transport: Transport, server: string) => Transport
  /** This process' environment: where AWS and programs that log in look for what they need. */
  readonly env: Readonly<Record<string, string | undefined>>
}

/** Connects over HTTP, once something is asked. Throws `bad-input` naming the cluster and the field that is wrong. */
export function connectCluster(record: ClusterRecord, options: ConnectOptions): KubeClient {
  const { name, server, connection } = record
  try {
    checkTls(connection)
    checkProxy(connection)
    const login = loginOf(connection, options)
    const transport = httpTransport({
      ...transportOptions(connection),
      server,
      ...(login === undefined ? {} : { login }),
    })
    return createClient(options.measure?.(transport, server) ?? transport, { clock: options.clock })
  } catch (error) {
    if (error instanceof CapstanError) throw new CapstanError(error.code, `cluster ${name}: ${error.message}`)
    throw error
  }
}

function transportOptions(connection: ClusterConnection): Omit<HttpTransportOptions, 'server'> {
  const { caData, certData, keyData, bearerToken, username, password, insecure, tlsServerName, proxyUrl } = connection
  const given = {
    ca: caData,
    clientCertificate: certData,
    clientKey: keyData,
    token: bearerToken,
    username,
    password,
    insecure,
    tlsServerName,
    proxyUrl,
  }
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined))
}

function loginOf({ aws, exec }: ClusterConnection, { clock, env }: ConnectOptions): LoginSource | undefined {
  if (aws !== undefined) return awsLogin({ ...aws, clock, env })
  return exec === undefined ? undefined : execLogin({ ...exec, clock, inherited: env })
}

/** What client-go refuses (transport/transport.go TLSConfigFor), and what would fail at the first connection with OpenSSL's words. */
function checkTls({ caData, certData, keyData, insecure }: ClusterConnection): void {
  if (insecure === true && caData !== undefined) {
    throw wrong('tlsClientConfig: insecure and caData exclude each other: leave one out')
  }
  if ((certData === undefined) !== (keyData === undefined)) {
    const missing = certData === undefined ? 'certData' : 'keyData'
    throw wrong(`tlsClientConfig.${missing} is missing: certificate and key belong together`)
  }
  if (caData !== undefined) certificate(caData, 'caData')
  if (certData === undefined || keyData === undefined) return
  const own = certificate(certData, 'certData')
  let key
  try {
    key = createPrivateKey(keyData.reveal())
  } catch {
    // The cause could quote the key.
    throw wrong('tlsClientConfig.keyData holds no private key in PEM: write it in base64')
  }
  if (!own.checkPrivateKey(key)) throw wrong('tlsClientConfig.keyData is not the key of certData')
}

function certificate(pem: string, field: string): X509Certificate {
  try {
    return new X509Certificate(pem)
  } catch (error) {
    throw new CapstanError('bad-input', `tlsClientConfig.${field} holds no certificate in PEM: write it in base64`, {
      cause: error,
    })
  }
}

function checkProxy({ proxyUrl }: ClusterConnection): void {
  if (proxyUrl === undefined) return
  if (URL.canParse(proxyUrl) && /^https?:$/.test(new URL(proxyUrl).protocol)) return
  // The address may hold a password.
  throw wrong('proxyUrl is no http:// or https:// address')
}

function wrong(what: string): CapstanError {
  return new CapstanError('bad-input', what)
}
