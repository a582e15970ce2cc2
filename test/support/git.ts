// Real Git repositories for tests: made in a temporary folder, changed by commits, served over HTTP.
import { execFileSync, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createSecureServer, type ServerOptions as SecureServerOptions } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { TestContext } from 'node:test'

const IDENTITY = {
  GIT_AUTHOR_NAME: 'Ada',
  GIT_AUTHOR_EMAIL: 'ada@example.com',
  GIT_COMMITTER_NAME: 'Ada',
  GIT_COMMITTER_EMAIL: 'ada@example.com',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_NOSYSTEM: '1',
}

/** Runs git in a folder and gives what it printed, trimmed. */
export function git(folder: string, ...args: readonly string[]): string {
  return execFileSync('git', args, { cwd: folder, env: { ...process.env, ...IDENTITY }, encoding: 'utf8' }).trim()
}

/** A temporary folder, removed after the test. */
export function temporaryFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'capstan-test-'))
  t.after(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 }))
  return folder
}

export interface TestRepository {
  /** The work tree; also what `file://` addresses name. */
  readonly folder: string
  readonly url: string
  /** Writes files (null removes one), commits, and gives the commit id. */
  commit(files: Readonly<Record<string, string | null>>, message?: string): string
}

/** An empty repository with branch main in `folder`. */
export function createRepository(folder: string): TestRepository {
  mkdirSync(folder, { recursive: true })
  git(folder, 'init', '--quiet', '--initial-branch=main')
  return {
    folder,
    url: `file://${folder}`,
    commit(files, message = 'Change') {
      for (const [path, content] of Object.entries(files)) {
        const file = join(folder, path)
        if (content === null) rmSync(file)
        else {
          mkdirSync(dirname(file), { recursive: true })
          writeFileSync(file, content)
        }
      }
      git(folder, 'add', '--all')
      git(folder, 'commit', '--quiet', '--allow-empty', '--message', message)
      return git(folder, 'rev-parse', 'HEAD')
    },
  }
}

export interface GitHttpOptions {
  /** Folder whose repositories are served under their names. */
  readonly root: string
  /** Asks for these; without them anybody may read. */
  readonly login?: { readonly username: string; readonly password: string }
  /** Decides instead of `login`. */
  readonly isAllowed?: (request: IncomingMessage) => boolean
  /** Answers what is no request of Git, such as the LFS API; false leaves it to Git. */
  readonly beside?: (request: IncomingMessage, response: ServerResponse) => boolean
  /** What a refused login is told, as hosts do. */
  readonly refusal?: string
  /** Serves over TLS with this certificate. */
  readonly tls?: { readonly key: string; readonly certificate: string; readonly clientAuthority?: string }
}

/** Serves repositories through the real `git http-backend` on loopback; gives the base address. */
export async function serveGitOverHttp(t: TestContext, options: GitHttpOptions): Promise<string> {
  const { tls } = options
  const listener = (request: IncomingMessage, response: ServerResponse): void => answer(request, response, options)
  const server = tls === undefined ? createServer(listener) : createSecureServer(tlsOptions(tls), listener)
  const { promise, resolve } = Promise.withResolvers<void>()
  server.listen(0, '127.0.0.1', resolve)
  await promise
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  const scheme = tls === undefined ? 'http' : 'https'
  return `${scheme}://127.0.0.1:${(server.address() as AddressInfo).port}`
}

function answer(request: IncomingMessage, response: ServerResponse, options: GitHttpOptions): void {
  const { refusal, beside } = options
  if (!isAllowed(request, options)) {
    response.writeHead(401, { 'www-authenticate': 'Basic realm="Git"', 'content-type': 'text/plain' })
    response.end(refusal ?? '')
    return
  }
  if (beside?.(request, response) === true) return
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost')
  const backend = spawn('git', ['http-backend'], {
    env: {
      PATH: process.env['PATH'] ?? '',
      GIT_PROJECT_ROOT: options.root,
      GIT_HTTP_EXPORT_ALL: '1',
      GIT_CONFIG_COUNT: '1',
      GIT_CONFIG_KEY_0: 'safe.directory',
      GIT_CONFIG_VALUE_0: '*',
      PATH_INFO: decodeURIComponent(pathname),
      QUERY_STRING: searchParams.toString(),
      REQUEST_METHOD: request.method ?? 'GET',
      CONTENT_TYPE: request.headers['content-type'] ?? '',
      HTTP_CONTENT_ENCODING: request.headers['content-encoding'] ?? '',
      GIT_PROTOCOL: String(request.headers['git-protocol'] ?? ''),
    },
    stdio: ['pipe', 'pipe', 'ignore'],
  })
  // A client that hangs up early closes the pipe; the next request starts anew.
  backend.stdin.on('error', () => {})
  request.pipe(backend.stdin)
  const chunks: Buffer[] = []
  backend.stdout.on('data', (chunk: Buffer) => chunks.push(chunk))
  backend.on('close', () => respond(response, Buffer.concat(chunks)))
}

function isAllowed(request: IncomingMessage, { login, isAllowed: decide }: GitHttpOptions): boolean {
  if (decide !== undefined) return decide(request)
  if (login === undefined) return true
  const wanted = `Basic ${Buffer.from(`${login.username}:${login.password}`).toString('base64')}`
  return request.headers.authorization === wanted
}

/** With an authority of clients, whoever shows no certificate of it is turned away. */
function tlsOptions({ key, certificate, clientAuthority }: NonNullable<GitHttpOptions['tls']>): SecureServerOptions {
  const clients = clientAuthority === undefined ? {} : { ca: clientAuthority, requestCert: true }
  return { key, cert: certificate, ...clients }
}

/** A CGI answer: headers, an empty line, the body. */
function respond(response: ServerResponse, output: Buffer): void {
  const end = output.indexOf('\r\n\r\n')
  const headers = output
    .toString('latin1', 0, Math.max(end, 0))
    .split('\r\n')
    .map((line) => line.split(': ', 2) as [string, string])
  const status = headers.find(([name]) => name === 'Status')?.[1]
  response.writeHead(
    status === undefined ? 200 : Number(status.slice(0, 3)),
    Object.fromEntries(headers.filter(([name]) => name !== 'Status' && name !== '')),
  )
  response.end(output.subarray(end + 4))
}
