// A real kube-apiserver with etcd on loopback, from .peers/bin: the same stories run on it as on the embedded cluster.
import { spawn, type ChildProcess } from 'node:child_process'
import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from './free-port.ts'

const BIN = join(import.meta.dirname, '../../.peers/bin')
/** A cold kube-apiserver takes some 5 s on an idle machine. */
const READY_TIMEOUT_MS = 120_000
const POLL_MS = 100

export interface RealCluster {
  /** `https://127.0.0.1:PORT` with a self-signed certificate. */
  readonly server: string
  /** A bearer token of group system:masters. */
  readonly token: string
  /** Path of a kubeconfig with both. */
  readonly kubeconfig: string
  stop(): Promise<void>
}

/** The path of a program built by `npm run peers`; throws with that advice where it is missing. */
export function peer(name: string): string {
  const path = join(BIN, name)
  if (!existsSync(path)) throw new Error(`${name} is not built; run "npm run peers"`)
  return path
}

/** Starts etcd and kube-apiserver and waits until the latter is ready. */
export async function startRealCluster(): Promise<RealCluster> {
  const folder = mkdtempSync(join(tmpdir(), 'capstan-real-'))
  const children: ChildProcess[] = []
  const stop = async (): Promise<void> => {
    await Promise.all(children.toReversed().map(end))
    rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 })
  }
  try {
    const [etcdPort, peerPort, port] = await Promise.all([freePort(), freePort(), freePort()])
    children.push(startEtcd(folder, etcdPort, peerPort))
    const token = randomBytes(16).toString('hex')
    const apiserver = startApiServer({ folder, etcdPort, port, token })
    children.push(apiserver.child)
    const server = `https://127.0.0.1:${port}`
    await waitUntilReady(server, token, apiserver.output)
    return { server, token, kubeconfig: writeKubeconfig(folder, server, token), stop }
  } catch (error) {
    await stop()
    throw error
  }
}

function startEtcd(folder: string, port: number, peerPort: number): ChildProcess {
  const client = `http://127.0.0.1:${port}`
  const peerUrl = `http://127.0.0.1:${peerPort}`
  const args = [
    `--data-dir=${join(folder, 'etcd')}`,
    `--listen-client-urls=${client}`,
    `--advertise-client-urls=${client}`,
    `--listen-peer-urls=${peerUrl}`,
    `--initial-advertise-peer-urls=${peerUrl}`,
    `--initial-cluster=default=${peerUrl}`,
    '--unsafe-no-fsync',
    '--log-level=error',
  ]
  return spawn(peer('etcd'), args, { stdio: 'ignore' })
}

function startApiServer(options: { folder: string; etcdPort: number; port: number; token: string }): {
  child: ChildProcess
  output: () => string
} {
  const { folder, etcdPort, port, token } = options
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const key = join(folder, 'service-account.key')
  writeFileSync(key, privateKey.export({ type: 'pkcs1', format: 'pem' }), { mode: 0o600 })
  writeFileSync(join(folder, 'tokens.csv'), `${token},admin,admin,"system:masters"\n`, { mode: 0o600 })
  const certificates = join(folder, 'certificates')
  mkdirSync(certificates)
  const child = spawn(
    peer('kube-apiserver'),
    [
      `--etcd-servers=http://127.0.0.1:${etcdPort}`,
      `--secure-port=${port}`,
      '--bind-address=127.0.0.1',
      '--advertise-address=127.0.0.1',
      `--cert-dir=${certificates}`,
      `--token-auth-file=${join(folder, 'tokens.csv')}`,
      `--service-account-key-file=${key}`,
      `--service-account-signing-key-file=${key}`,
      '--service-account-issuer=https://kubernetes.default.svc',
      '--service-cluster-ip-range=10.96.0.0/16',
      '--authorization-mode=RBAC',
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  )
  let output = ''
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    output = (output + text).slice(-4000)
  })
  return { child, output: () => output }
}

async function waitUntilReady(server: string, token: string, output: () => string): Promise<void> {
  const deadline = Date.now() + READY_TIMEOUT_MS
  while (!(await isReady(server, token))) {
    if (Date.now() > deadline) throw new Error(`kube-apiserver did not become ready:\n${output()}`)
    await new Promise((resolve) => setTimeout(resolve, POLL_MS))
  }
}

function isReady(server: string, token: string): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>()
  const options = { rejectUnauthorized: false, headers: { authorization: `Bearer ${token}` }, agent: false }
  const ask = request(`${server}/readyz`, options, (response) => {
    response.resume()
    resolve(response.statusCode === 200)
  })
  ask.on('error', () => resolve(false))
  ask.end()
  return promise
}

function writeKubeconfig(folder: string, server: string, token: string): string {
  const path = join(folder, 'kubeconfig')
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'real',
    clusters: [{ name: 'real', cluster: { server, 'insecure-skip-tls-verify': true } }],
    users: [{ name: 'admin', user: { token } }],
    contexts: [{ name: 'real', context: { cluster: 'real', user: 'admin' } }],
  }
  writeFileSync(path, JSON.stringify(config), { mode: 0o600 })
  return path
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const { promise, resolve } = Promise.withResolvers<void>()
  child.once('exit', () => resolve())
  child.kill('SIGKILL')
  await promise
}
