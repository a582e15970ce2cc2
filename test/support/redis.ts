// A real Redis server of a test, ended with it.
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import type { ClusterIdentity } from '../../src/local-cluster/start-tls.ts'
import { freePort } from './free-port.ts'
import { temporaryFolder } from './git.ts'

const PROGRAM = '/usr/bin/redis-server'
const PATIENCE_MS = 60_000
export const REDIS_PASSWORD = 'hush'

export interface RedisServer {
  /** The path of its unix socket. */
  readonly address: string
  /** Ends it at once; it forgets everything. */
  kill(): Promise<void>
  /** Starts it anew in the same place. */
  start(): Promise<void>
}

/** Why there is no server to test with; undefined where there is one. */
export function redisMissing(): string | undefined {
  return existsSync(PROGRAM) ? undefined : `${PROGRAM} absent: install redis-server`
}

/** A server with a password on a socket of its own, so that no port can be taken. */
export async function startRedis(t: TestContext): Promise<RedisServer> {
  const address = join(temporaryFolder(t), 'redis.sock')
  let child: ChildProcess | undefined
  const server: RedisServer = {
    address,
    async kill() {
      if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
      const ended = new Promise((resolve) => child?.once('exit', resolve))
      child.kill('SIGKILL')
      await ended
    },
    async start() {
      const flags = ['--port', '0', '--unixsocket', address, '--save', '', '--appendonly', 'no']
      child = spawn(PROGRAM, [...flags, '--requirepass', REDIS_PASSWORD], { stdio: 'ignore' })
      await untilListening(address)
    },
  }
  t.after(() => server.kill())
  await server.start()
  return server
}

export interface NetworkRedis {
  /** `127.0.0.1:port` */
  readonly address: string
}

/** A server with a password on a port of loopback; with an identity it speaks TLS there and asks clients for a certificate. */
export async function startNetworkRedis(t: TestContext, identity?: ClusterIdentity): Promise<NetworkRedis> {
  const folder = temporaryFolder(t)
  const socket = join(folder, 'redis.sock')
  const tls = identity === undefined ? [] : tlsFlags(folder, identity)
  for (;;) {
    // It cannot be told to take any port that is free: one that was taken meanwhile ends it, and another is tried.
    const port = await freePort()
    const ports = identity === undefined ? ['--port', `${port}`] : ['--port', '0', '--tls-port', `${port}`]
    const flags = ['--bind', '127.0.0.1', ...ports, '--unixsocket', socket, '--save', '', '--appendonly', 'no']
    const child = spawn(PROGRAM, [...flags, ...tls, '--requirepass', REDIS_PASSWORD], { stdio: 'ignore' })
    const ended = once(child, 'exit').then(() => 'ended' as const)
    t.after(() => child.kill('SIGKILL'))
    // Its ports are taken before its socket is there.
    const first = await Promise.race([untilListening(socket).then(() => 'listening' as const), ended])
    if (first === 'listening') return { address: `127.0.0.1:${port}` }
  }
}

function tlsFlags(folder: string, { authority, server }: ClusterIdentity): readonly string[] {
  const files = { 'ca-cert': authority, cert: server.certificate, key: server.key }
  const flags = Object.entries(files).flatMap(([name, pem]) => {
    const path = join(folder, `${name}.pem`)
    writeFileSync(path, pem, { mode: 0o600 })
    return [`--tls-${name}-file`, path]
  })
  return [...flags, '--tls-auth-clients', 'yes']
}

async function untilListening(path: string): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS
  while (!(await isListening(path))) {
    if (Date.now() > deadline) throw new Error(`redis-server does not listen on ${path}`)
    await pause(20)
  }
}

function isListening(path: string): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>()
  const socket = connect(path)
  socket.on('connect', () => resolve(true))
  socket.on('error', () => resolve(false))
  socket.on('connect', () => socket.end())
  return promise
}
