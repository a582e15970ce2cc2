// The real `argocd` command from .peers/bin, with a configuration of its own.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { connect, createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { ADMIN_PASSWORD } from './control-plane.ts'
import { temporaryFolder } from './git.ts'
import { run, startProgram, type Finished, type RunOptions, type Served } from './processes.ts'
import { peer } from './real-cluster.ts'

export interface Argocd {
  /** Runs a command whatever comes of it. */
  run(args: readonly string[], options?: RunOptions): Promise<Finished>
  /** Runs a command that has to end well, in words separated by spaces, and gives what it printed. */
  ok(words: string, ...more: readonly string[]): Promise<string>
  /** Runs a command that has to fail with exit code 20, and gives what it said. */
  fails(words: string, ...more: readonly string[]): Promise<string>
  /** Starts a command that goes on, and waits for what it prints. */
  start(words: string, ready: RegExp): Promise<Served>
}

/** A command that is logged in nowhere. */
export function argocd(t: TestContext): Argocd {
  const home = temporaryFolder(t)
  const env = {
    HOME: home,
    ARGOCD_CONFIG_DIR: join(home, 'config'),
    ARGOCD_SERVER: undefined,
    ARGOCD_AUTH_TOKEN: undefined,
    ARGOCD_OPTS: undefined,
    // gRPC-web goes through a socket in the temporary folder.
    TMPDIR: home,
  }
  const runCommand = (args: readonly string[], options: RunOptions = {}): Promise<Finished> =>
    run(peer('argocd'), args, { timeoutMs: 120_000, ...options, env: { ...env, ...options.env } })
  return {
    run: runCommand,
    async ok(words, ...more) {
      const { code, stdout, stderr } = await runCommand([...words.split(' '), ...more])
      assert.equal(code, 0, `argocd ${words}: ${stdout}${stderr}`)
      return stdout
    },
    async fails(words, ...more) {
      const { code, stdout, stderr } = await runCommand([...words.split(' '), ...more])
      assert.equal(code, 20, `argocd ${words}: ${stdout}${stderr}`)
      return stderr
    },
    start: (words, ready) => startProgram(t, [peer('argocd'), ...words.split(' ')], ready, { env }),
  }
}

/** A command that is logged in as admin; `flags` say how. */
export async function argocdLoggedIn(t: TestContext, host: string, ...flags: readonly string[]): Promise<Argocd> {
  const command = argocd(t)
  await command.ok(`login ${host} --username admin --password`, ADMIN_PASSWORD, ...flags)
  return command
}

export interface NginxOptions {
  /** Default: `/argo/`. */
  readonly path?: string
  /** Takes the path away from what it hands on. */
  readonly isStripping?: boolean
}

/** A real nginx that speaks HTTP/1.1 alone and hands everything below a path to a server; gives its `host:port`. */
export async function startNginx(
  t: TestContext,
  upstream: string,
  { path = '/argo/', isStripping = false }: NginxOptions = {},
): Promise<string> {
  const folder = temporaryFolder(t)
  const socket = join(folder, 'nginx.sock')
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
  const lines = [
    'daemon off;',
    // One process, which ends with the signal it gets.
    'master_process off;',
    `pid ${folder}/pid;`,
    'error_log stderr notice;',
    'events { worker_connections 64; }',
    'http {',
    'access_log off;',
    ...temporary.map((name) => `${name}_temp_path ${folder}/${name};`),
    `server { listen unix:${socket}; client_max_body_size 100m;`,
    `location ${path} { proxy_pass http://${upstream}${isStripping ? '/' : ''}; proxy_http_version 1.1; proxy_buffering off; proxy_read_timeout 300s; }`,
    '} }',
  ]
  const file = join(folder, 'nginx.conf')
  writeFileSync(file, lines.join('\n'))
  await startProgram(t, ['nginx', '-c', file, '-p', folder], /getrlimit/)
  // nginx cannot be told to take any free port, so a relay does.
  const relay = createServer((client) => {
    const server = connect(socket)
    client.on('error', () => server.destroy())
    server.on('error', () => client.destroy())
    client.pipe(server).pipe(client)
  })
  relay.listen(0, '127.0.0.1')
  await once(relay, 'listening')
  t.after(() => relay.close())
  return `127.0.0.1:${(relay.address() as AddressInfo).port}`
}
