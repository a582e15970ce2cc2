// Which server a command talks to, and how: flags, environment and configuration file, in this order.
import { readFile } from 'node:fs/promises'
import { connect as connectTls } from 'node:tls'
import { createApiClient, type ApiClient } from '../api/client/client.ts'
import { CapstanError, messageOf } from '../base/errors.ts'
import { Secret } from '../base/secret.ts'
import type { GlobalFlags, ServerEntry } from '../cli/context.ts'
import { claimsOf } from '../cli/token.ts'
import { cliConfigPath, readCliConfig, readServerEntry, saveTokens } from './cli-config.ts'
import { flagsOfEnvironment } from './cli-options.ts'
import { withoutAbsent } from './without-absent.ts'

type Env = Readonly<Record<string, string | undefined>>

/** The server that flags, environment or the current context name, with its session. */
export async function openApi(given: GlobalFlags, env: Env, signal: AbortSignal): Promise<ApiClient> {
  const flags = { ...flagsOfEnvironment(env), ...withoutAbsent<GlobalFlags>(given) }
  const path = await cliConfigPath(flags.config, env)
  const entry = await entryOf(flags, path, env)
  if (entry.isCore === true) return (await import('./cli-core.ts')).openCore(flags, signal)
  return connectTo(await renewed(entry, flags, { path, signal }), flags)
}

/** A session of a provider that has ended is renewed where the provider gave the means (pkg/apiclient refreshAuthToken). */
async function renewed(
  entry: ServerEntry,
  flags: GlobalFlags,
  { path, signal }: { readonly path: string; readonly signal: AbortSignal },
): Promise<ServerEntry> {
  const { token, refreshToken, ...server } = entry
  if (token === undefined || refreshToken === undefined || !isOver(token)) return entry
  const { refreshSession } = await import('./cli-sign-on.ts')
  const tokens = await refreshSession(await connectTo(server, flags), refreshToken, signal)
  if (server.context !== undefined) await saveTokens(path, server.context, tokens)
  return { ...server, ...tokens }
}

function isOver(token: Secret): boolean {
  const { exp } = claimsOf(token.reveal())
  return exp > 0 && exp * 1000 < Date.now()
}

async function entryOf(flags: GlobalFlags, path: string, env: Env): Promise<ServerEntry> {
  if (flags.core === true)
    return { server: 'kubernetes', isPlainText: false, isInsecure: false, rootPath: '', isCore: true }
  const named = flags.server ?? env['ARGOCD_SERVER']
  const token = flags.authToken ?? env['ARGOCD_AUTH_TOKEN']
  const stored = named === undefined ? await readServerEntry(path, flags.argocdContext) : await entryNamed(path, named)
  if (stored === undefined) {
    throw new CapstanError(
      'unauthenticated',
      'no server is known: run "capstan login SERVER", or give --server (or ARGOCD_SERVER); --core needs none',
    )
  }
  return {
    ...stored,
    isPlainText: flags.plaintext ?? stored.isPlainText,
    isInsecure: flags.insecure ?? stored.isInsecure,
    rootPath: flags.grpcWebRootPath ?? stored.rootPath,
    ...(token === undefined || token === '' ? {} : { token: new Secret(token) }),
  }
}

/** What is stored of a server that was named, or the server alone. */
async function entryNamed(path: string, server: string): Promise<ServerEntry> {
  const { contexts } = await readCliConfig(path)
  const context = contexts.find((entry) => entry.server === server)
  const stored = context === undefined ? undefined : await readServerEntry(path, context.name)
  return stored ?? { server, isPlainText: false, isInsecure: false, rootPath: '' }
}

/** A client for one server; files that flags name are read at once. */
export async function connectTo(entry: ServerEntry, flags: GlobalFlags): Promise<ApiClient> {
  const { isPlainText, isInsecure, rootPath, token } = entry
  const scheme = /^[a-z]+:\/\//i.exec(entry.server)?.[0]
  if (scheme !== undefined) {
    const text = `a server is host:port, without "${scheme}"; --plaintext talks to it without TLS`
    throw new CapstanError('bad-input', text)
  }
  const root = rootPath === '' ? '' : `/${rootPath.replaceAll(/^\/|\/$/g, '')}`
  const tls = isPlainText ? undefined : await tlsOptions(isInsecure, flags)
  return createApiClient({
    baseUrl: `${isPlainText ? 'http' : 'https'}://${entry.server}${root}`,
    send: tls === undefined ? fetch : sendWith(tls),
    headers: headersOf(flags.header ?? []),
    ...(token === undefined ? {} : { token }),
  })
}

/** `-H 'Name: value'`, several with commas between them too. */
function headersOf(lines: readonly string[]): Readonly<Record<string, string>> {
  const pairs = lines
    .flatMap((line) => line.split(/,(?=[^,]*:)/))
    .map((line) => {
      const colon = line.indexOf(':')
      if (colon < 1) throw new CapstanError('bad-input', `--header ${line}: write "Name: value"`)
      return [line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim()] as const
    })
  return Object.fromEntries(pairs)
}

interface TlsOptions {
  readonly rejectUnauthorized?: boolean
  readonly ca?: string
  readonly cert?: string
  readonly key?: string
}

/** Undefined where nothing is asked but what `fetch` does. */
async function tlsOptions(isInsecure: boolean, flags: GlobalFlags): Promise<TlsOptions | undefined> {
  const { serverCrt, clientCrt, clientCrtKey } = flags
  if ((clientCrt === undefined) !== (clientCrtKey === undefined))
    throw new CapstanError('bad-input', '--client-crt and --client-crt-key must always be specified together')
  if (!isInsecure && serverCrt === undefined && clientCrt === undefined) return undefined
  return {
    ...(isInsecure ? { rejectUnauthorized: false } : {}),
    ...(serverCrt === undefined ? {} : { ca: await readFile(serverCrt, 'utf8') }),
    ...(clientCrt === undefined ? {} : { cert: await readFile(clientCrt, 'utf8') }),
    ...(clientCrtKey === undefined ? {} : { key: await readFile(clientCrtKey, 'utf8') }),
  }
}

/** undici is loaded only where Node's own fetch cannot be told of certificates. */
function sendWith(tls: TlsOptions): typeof fetch {
  let dispatcher: Promise<object> | undefined
  return async (input, init) => {
    dispatcher ??= import('undici').then(({ Agent }) => new Agent({ connect: { ...tls } }))
    // Node's fetch takes a dispatcher, which its types leave out.
    return fetch(input, { ...init, dispatcher: await dispatcher } as unknown as RequestInit)
  }
}

/** How long a server may take to say whether it speaks TLS. */
const PROBE_MS = 30_000
const DEFAULT_PORT = 443

/** Whether the server speaks TLS with a certificate to trust (util/grpc TestTLS, v3.5.1). */
export async function probeServer(
  { serverCrt }: GlobalFlags,
  server: string,
  signal: AbortSignal,
): Promise<'plain' | { readonly certificateError: string } | undefined> {
  const { hostname, port } = new URL(`https://${server}`)
  const ca = serverCrt === undefined ? {} : { ca: await readFile(serverCrt, 'utf8') }
  const options = { host: hostname.replaceAll(/[[\]]/g, ''), port: port === '' ? DEFAULT_PORT : Number(port), ...ca }
  const failure = await handshake(options, true, signal)
  if (failure === undefined) return undefined
  if ('isTransport' in failure) throw new CapstanError('unavailable', `cannot reach ${server}: ${failure.text}`)
  const again = await handshake(options, false, signal)
  return again === undefined ? { certificateError: failure.text } : 'plain'
}

interface HandshakeFailure {
  readonly text: string
  /** Not TLS failed, but the way to the server. */
  readonly isTransport?: true
}

function handshake(
  options: object,
  rejectUnauthorized: boolean,
  signal: AbortSignal,
): Promise<HandshakeFailure | undefined> {
  // prettier-ignore
  return new Promise((resolve) => {
    const end = (failure?: HandshakeFailure): void => {
      signal.removeEventListener('abort', stop)
      socket.destroy()
      resolve(failure)
    }
    const stop = (): void => end({ text: 'interrupted', isTransport: true })
    const socket = connectTls({ ...options, rejectUnauthorized, timeout: PROBE_MS }, () => end())
    socket.once('error', (error: NodeJS.ErrnoException) =>
      end(error.syscall === undefined || error.code === 'ECONNRESET' ? { text: messageOf(error) } : { text: messageOf(error), isTransport: true }),
    )
    socket.once('timeout', () => end({ text: 'it took too long', isTransport: true }))
    signal.addEventListener('abort', stop, { once: true })
  })
}
