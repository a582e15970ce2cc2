// Logins that a program gives: client-go's exec credential plug-ins, as a cluster's Secret names them.
import { spawn, type ChildProcess } from 'node:child_process'
import type { Clock } from '../../base/clock.ts'
import { CapstanError } from '../../base/errors.ts'
import { maskSecrets, Secret } from '../../base/secret.ts'
import { keptLogin, type Login, type LoginSource } from './login.ts'

/** Programs that ask a cloud for a token take seconds. */
export const EXEC_TIMEOUT_MS = 60_000
/** An ExecCredential is a few kilobytes. */
export const MAX_EXEC_OUTPUT_BYTES: number = 1024 * 1024
/** As much of a program's complaint as a message takes. */
const MAX_COMPLAINT = 500

/** client-go plugin/pkg/client/auth/exec/exec.go, v0.36. */
const API_VERSIONS: ReadonlySet<string> = new Set([
  'client.authentication.k8s.io/v1',
  'client.authentication.k8s.io/v1beta1',
])

/**
 * All a program inherits: where things are, and how it may log in without a secret that stands in the environment. Capstan's own
 * passwords and tokens stay here.
 */
const INHERITED: readonly string[] = [
  'PATH HOME USER LANG LC_ALL TMPDIR TZ SSL_CERT_FILE SSL_CERT_DIR',
  'HTTP_PROXY HTTPS_PROXY NO_PROXY http_proxy https_proxy no_proxy',
  'AWS_REGION AWS_DEFAULT_REGION AWS_ROLE_ARN AWS_ROLE_SESSION_NAME AWS_WEB_IDENTITY_TOKEN_FILE',
  'AWS_STS_REGIONAL_ENDPOINTS AWS_CONTAINER_CREDENTIALS_FULL_URI AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE',
  'AWS_CONFIG_FILE AWS_SHARED_CREDENTIALS_FILE GOOGLE_APPLICATION_CREDENTIALS',
  'AZURE_CLIENT_ID AZURE_TENANT_ID AZURE_FEDERATED_TOKEN_FILE AZURE_AUTHORITY_HOST',
].flatMap((line) => line.split(' '))

export interface ExecLoginOptions {
  readonly command: string
  readonly args: readonly string[]
  /** Added to what is inherited. */
  readonly env: Readonly<Record<string, Secret>>
  readonly apiVersion: string
  /** Said where the program is not there. */
  readonly installHint?: string
  readonly clock: Clock
  /** This process' environment, of which little is passed on. */
  readonly inherited: Readonly<Record<string, string | undefined>>
  /** Default 60 s. */
  readonly timeoutMs?: number
}

/** Throws `bad-input` naming the field where the configuration cannot be used. */
export function execLogin(options: ExecLoginOptions): LoginSource {
  if (!API_VERSIONS.has(options.apiVersion)) {
    const wanted = [...API_VERSIONS].join(' or ')
    throw wrong(`apiVersion ${JSON.stringify(options.apiVersion)} is not supported: write ${wanted}`)
  }
  return keptLogin(options.clock, async () => parseCredential(await run(options), options))
}

async function run(options: ExecLoginOptions): Promise<string> {
  const { command, args, timeoutMs = EXEC_TIMEOUT_MS } = options
  // A group of its own: what the program starts ends with it.
  const child = spawn(command, args, { env: environment(options), stdio: ['ignore', 'pipe', 'pipe'], detached: true })
  const stdout = collect(child, child.stdout)
  const stderr = collect(child, child.stderr)
  let isLate = false
  const timer = setTimeout(() => {
    isLate = true
    endGroup(child)
  }, timeoutMs)
  try {
    const code = await ended(child, options)
    if (isLate) throw refused(options, `gave no answer within ${timeoutMs / 1000} s`)
    if (stdout.isTooLong()) throw refused(options, `printed more than ${MAX_EXEC_OUTPUT_BYTES} bytes`)
    if (code !== 0) throw refused(options, `ended with ${code}: ${complaint(stderr.text(), options)}`)
    return stdout.text()
  } finally {
    clearTimeout(timer)
  }
}

interface Collected {
  text(): string
  isTooLong(): boolean
}

function collect(child: ChildProcess, stream: NodeJS.ReadableStream): Collected {
  const chunks: Buffer[] = []
  let bytes = 0
  stream.on('data', (chunk: Buffer) => {
    bytes += chunk.length
    if (bytes > MAX_EXEC_OUTPUT_BYTES) endGroup(child)
    else chunks.push(chunk)
  })
  return { text: () => Buffer.concat(chunks).toString('utf8'), isTooLong: () => bytes > MAX_EXEC_OUTPUT_BYTES }
}

function ended(child: ChildProcess, { command, installHint }: ExecLoginOptions): Promise<number | string> {
  const { promise, resolve, reject } = Promise.withResolvers<number | string>()
  child.on('error', (error: NodeJS.ErrnoException) => {
    const hint = installHint === undefined ? '' : `; ${installHint}`
    const what = error.code === 'ENOENT' ? `executable ${command} not found${hint}` : `${command}: ${error.message}`
    reject(new CapstanError('unauthenticated', `execProviderConfig: ${what}`, { cause: error }))
  })
  child.on('close', (code, signal) => resolve(code ?? signal ?? 'an unknown signal'))
  return promise
}

function endGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // It has ended by itself.
  }
}

function environment(options: ExecLoginOptions): NodeJS.ProcessEnv {
  const { inherited, env, apiVersion } = options
  const passed = INHERITED.flatMap((name) => (inherited[name] === undefined ? [] : [[name, inherited[name]] as const]))
  const own = Object.entries(env).map(([name, value]) => [name, value.reveal()] as const)
  const info = JSON.stringify({ kind: 'ExecCredential', apiVersion, spec: { interactive: false } })
  return { ...Object.fromEntries([...passed, ...own]), KUBERNETES_EXEC_INFO: info }
}

function parseCredential(text: string, options: ExecLoginOptions): Login {
  const answer = parseJson(text, options)
  if (answer['kind'] !== 'ExecCredential') throw refused(options, 'printed no ExecCredential')
  if (answer['apiVersion'] !== options.apiVersion) {
    const returned = String(answer['apiVersion'])
    throw refused(
      options,
      `is configured to use API version ${options.apiVersion}, plugin returned version ${returned}`,
    )
  }
  const status = fieldsOf(answer['status'])
  const { token, clientCertificateData: certificate, clientKeyData: key, expirationTimestamp: expires } = status
  const hasToken = isText(token)
  if (isText(certificate) !== isText(key)) throw refused(options, 'gave a certificate or a key without the other')
  if (!hasToken && !isText(certificate)) throw refused(options, "didn't return a token or cert/key pair")
  const expiresAtMs = isText(expires) ? Date.parse(expires) : undefined
  if (Number.isNaN(expiresAtMs)) throw refused(options, 'gave an expirationTimestamp that is no time')
  return {
    ...(hasToken ? { token: new Secret(token) } : {}),
    ...(isText(certificate) && isText(key) ? { clientCertificate: certificate, clientKey: new Secret(key) } : {}),
    ...(expiresAtMs === undefined ? {} : { expiresAtMs }),
  }
}

/** The parser's own message would quote the text, and the text holds a token. */
function parseJson(text: string, options: ExecLoginOptions): Readonly<Record<string, unknown>> {
  try {
    return fieldsOf(JSON.parse(text))
  } catch {
    throw refused(options, 'printed no JSON')
  }
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  // A JSON object has string keys; anything else reads as an empty one.
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {}
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== ''
}

function complaint(text: string, { env }: ExecLoginOptions): string {
  return maskSecrets(text.trim(), Object.values(env)).slice(0, MAX_COMPLAINT)
}

function refused({ command }: ExecLoginOptions, what: string): CapstanError {
  return new CapstanError('unauthenticated', `execProviderConfig: ${command} ${what}`)
}

function wrong(what: string): CapstanError {
  return new CapstanError('bad-input', `execProviderConfig: ${what}`)
}
