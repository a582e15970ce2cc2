// `capstan local-cluster`: embedded Kubernetes clusters alone, for kubectl and tests.
import { once } from 'node:events'
import { accessSync, constants, createReadStream, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '../base/clock.ts'
import { CapstanError } from '../base/errors.ts'
import type { Log } from '../base/log.ts'
import { MAX_PORT } from '../cli/flags.ts'
import type { ImageFlags } from '../cli/image-flags.ts'
import type { LocalClusterFlags } from '../cli/local-cluster.ts'
import { kubeconfigText, writeKubeconfig } from '../local-cluster/kubeconfig.ts'
import { clusterFolder, contextName, DEFAULT_NAME, removeRunning, writeRunning } from '../local-cluster/start-folder.ts'
import { parseTokenFile, type StaticTokens } from '../local-cluster/start-static-tokens.ts'
import { startLocalCluster, type LocalCluster, type LocalClusterOptions } from '../local-cluster/start.ts'
import { withNamedFile } from './named-file.ts'
import { createLogOf } from './process-log.ts'
import { VERSION } from './version.ts'

/** As --data-dir: nothing is kept. */
const MEMORY = 'memory'

interface Served {
  readonly name: string
  readonly folder: string | undefined
  readonly cluster: LocalCluster
}

/** Serves until the signal aborts; prints `ready` once clients can connect. Throws where a data directory or an address cannot be used. */
export async function runLocalCluster(flags: LocalClusterFlags, signal: AbortSignal): Promise<void> {
  checkFlags(flags)
  const parentEnd = flags.endWithParent === true ? endOfInput() : undefined
  const served: Served[] = []
  const scratch = flags.dataDir === MEMORY ? mkdtempSync(join(tmpdir(), 'capstan-')) : undefined
  try {
    for (const [index, name] of namesOf(flags).entries()) {
      served.push(await open(flags, name, flags.port === 0 ? 0 : flags.port + index))
    }
    const file = flags.kubeconfig ?? join(scratch ?? flags.dataDir, 'kubeconfig')
    const [first, ...more] = served.map(({ cluster }) => cluster.access())
    if (first !== undefined)
      withNamedFile('--kubeconfig', file, () => writeKubeconfig(file, kubeconfigText(first, ...more)))
    console.log(flags.output === 'json' ? readyJson(served, file) : readyLines(served, file))
    const aborted = signal.aborted ? undefined : once(signal, 'abort')
    await (parentEnd === undefined ? aborted : Promise.race([aborted, parentEnd]))
  } finally {
    await Promise.all(served.map(({ cluster }) => cluster.close()))
    if (scratch !== undefined) rmSync(scratch, { recursive: true, force: true })
  }
}

function namesOf(flags: LocalClusterFlags): readonly string[] {
  return flags.name ?? [DEFAULT_NAME]
}

function checkFlags(flags: LocalClusterFlags): void {
  const names = namesOf(flags)
  if (flags.port + names.length - 1 > MAX_PORT)
    throw new CapstanError('bad-input', `--port ${flags.port}: ${names.length} clusters need the ports behind it too`)
  for (const name of names) clusterFolder(flags.dataDir, name)
  if (new Set(names).size < names.length)
    throw new CapstanError('bad-input', '--name: every cluster needs a name of its own')
  if (flags.output !== undefined && flags.output !== 'json') {
    throw new CapstanError('bad-input', `unknown output format: ${flags.output}; one of json`)
  }
  if (flags.snapshot !== undefined && flags.dataDir !== MEMORY) {
    throw new CapstanError(
      'bad-input',
      '--snapshot is for --data-dir memory; to keep what it becomes, use capstan local-cluster restore first',
    )
  }
  const { snapshot } = flags
  if (snapshot !== undefined) withNamedFile('--snapshot', snapshot, () => accessSync(snapshot, constants.R_OK))
}

async function open(flags: LocalClusterFlags, name: string, port: number): Promise<Served> {
  const folder = flags.dataDir === MEMORY ? undefined : clusterFolder(flags.dataDir, name)
  const cluster = await openLocalCluster({
    ...imageFlags(flags),
    dataDir: folder,
    name: contextName(name),
    port,
    address: flags.address,
    durable: flags.durable === true,
    controllers: isOn('--controllers', flags.controllers),
    kubelet: isOn('--kubelet', flags.kubelet),
    log: createLogOf(flags),
    ...(flags.tokenAuthFile === undefined ? {} : { staticTokens: readTokens(flags.tokenAuthFile, createLogOf(flags)) }),
    ...(flags.snapshot === undefined ? {} : { snapshot: flags.snapshot }),
  })
  return { name, folder, cluster }
}

function readTokens(file: string, log: Log): StaticTokens['users'] {
  const text = withNamedFile('--token-auth-file', file, () => readFileSync(file, 'utf8'))
  const { users, warnings } = parseTokenFile(text)
  for (const warning of warnings) log.warn('token file', { file, warning })
  return users
}

function imageFlags({ verifyImages, insecureRegistry }: ImageFlags): ImageFlags {
  return {
    ...(verifyImages === undefined ? {} : { verifyImages }),
    ...(insecureRegistry === undefined ? {} : { insecureRegistry }),
  }
}

/** For people, and for scripts that wait for a line with `ready`. */
function readyLines(served: readonly Served[], kubeconfig: string): string {
  const [first] = served
  const lines =
    served.length === 1
      ? [`ready ${first?.cluster.url ?? ''}`]
      : served.map(({ name, cluster }) => `ready ${cluster.url ?? ''} context ${contextName(name)}`)
  return [...lines, `kubeconfig ${kubeconfig}`].join('\n')
}

/** One line, so that a program that reads lines has it all. */
function readyJson(served: readonly Served[], kubeconfig: string): string {
  const clusters = served.map(({ name, folder, cluster }) => ({
    name,
    server: cluster.url,
    context: contextName(name),
    ...(folder === undefined ? {} : { dataDir: folder }),
  }))
  return JSON.stringify({ ready: true, pid: process.pid, kubeconfig, clusters })
}

/** Resolves when whoever holds the other end of standard input has gone. */
async function endOfInput(): Promise<void> {
  const { stdin } = process
  const ended = Promise.withResolvers<void>()
  for (const event of ['end', 'close', 'error']) stdin.once(event, () => ended.resolve())
  stdin.resume()
  return ended.promise
}

export interface OpenOptions extends ImageFlags {
  /** Absent: in memory. */
  readonly dataDir: string | undefined
  readonly port: number
  readonly address: string
  readonly controllers: boolean
  readonly kubelet: boolean
  readonly log: Log
  readonly durable?: boolean
  /** Its context in a kubeconfig. */
  readonly name?: string
  /** File a cluster in memory begins with. */
  readonly snapshot?: string
  readonly staticTokens?: StaticTokens['users']
}

/** The cluster with the controllers and nodes that were asked for; their code is loaded only then. Other processes can ask for it in its folder. */
export async function openLocalCluster(options: OpenOptions): Promise<LocalCluster> {
  const { dataDir, port, address, log, durable = false, name, snapshot, staticTokens } = options
  const cluster = await startLocalCluster({
    port,
    address,
    log,
    durable,
    clock: systemClock,
    version: VERSION,
    ...(dataDir === undefined ? {} : { dataDir }),
    ...(name === undefined ? {} : { name }),
    ...(staticTokens === undefined ? {} : { staticTokens }),
    ...(snapshot === undefined ? {} : { snapshot: createReadStream(snapshot, 'utf8') }),
    ...(options.controllers ? { controllers: workloads } : {}),
    ...(options.kubelet ? { kubelet: (given) => startNodes(given, options) } : {}),
  })
  return dataDir === undefined ? cluster : announced(cluster, dataDir)
}

function announced(cluster: LocalCluster, folder: string): LocalCluster {
  const { url } = cluster
  if (url === undefined) return cluster
  writeRunning(folder, { pid: process.pid, url, startedAt: new Date().toISOString() })
  const closing = cluster.close.bind(cluster)
  cluster.close = async () => {
    removeRunning(folder)
    await closing()
  }
  return cluster
}

/** Starts the controllers of the embedded cluster. */
const workloads: NonNullable<LocalClusterOptions['controllers']> = async (options) => {
  const { startWorkloads } = await import('../local-cluster/workloads/start-workloads.ts')
  return startWorkloads(options)
}

type StartKubelet = NonNullable<LocalClusterOptions['kubelet']>

/** Starts the simulated nodes. */
async function startNodes(
  options: Parameters<StartKubelet>[0],
  { verifyImages, insecureRegistry = [] }: ImageFlags,
): ReturnType<StartKubelet> {
  const { startKubelet } = await import('../local-cluster/kubelet/start-kubelet.ts')
  return startKubelet(
    verifyImages === true ? { ...options, verifyImages: { insecureHosts: insecureRegistry } } : options,
  )
}

function isOn(flag: string, value: string): boolean {
  if (value === 'on' || value === 'off') return value === 'on'
  throw new CapstanError('bad-input', `${flag} is "on" or "off", not ${JSON.stringify(value)}`)
}
