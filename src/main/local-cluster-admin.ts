// `capstan local-cluster list|stop|delete|snapshot|restore`: what is done to clusters that another process may run.
import { createReadStream, createWriteStream, mkdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { sleep, systemClock } from '../base/clock.ts'
import { CapstanError, messageOf } from '../base/errors.ts'
import { Secret } from '../base/secret.ts'
import type { LocalClusterRow, RestoreResult, SnapshotResult } from '../cli/local-cluster.ts'
import { httpTransport } from '../kube/client/http-transport.ts'
import type { Transport } from '../kube/client/transport.ts'
import {
  clusterFolder,
  deleteCluster,
  findCluster,
  listClusters,
  type ClusterEntry,
  type RunningCluster,
} from '../local-cluster/start-folder.ts'
import { SNAPSHOT_PATH } from '../local-cluster/start-snapshot.ts'
import { isInUse, openDirectoryStore, restoreDirectory } from '../local-cluster/storage/open-store.ts'
import { snapshotText } from '../local-cluster/storage/snapshot.ts'
import { VERSION } from './version.ts'

/** A process ends its watches and closes its database well within this. */
const STOP_TIMEOUT_MS = 15_000
const POLL_MS = 50

export function listRows(dataDir: string): readonly LocalClusterRow[] {
  return listClusters(dataDir).map(({ name, folder, running, sizeBytes }) => ({
    name,
    status: running === undefined && !isInUse(folder) ? 'Stopped' : 'Running',
    ...(running === undefined ? {} : { server: running.url, pid: running.pid, startedAt: running.startedAt }),
    sizeBytes,
    folder,
  }))
}

/** Ends the process of a cluster and waits until its data is free. Throws `not-found`, `precondition` where it does not run, `timeout`. */
export async function stopCluster(dataDir: string, name: string, signal: AbortSignal): Promise<readonly string[]> {
  const { pid } = runningOf(findCluster(dataDir, name))
  const served = listClusters(dataDir).filter(({ running }) => running?.pid === pid)
  process.kill(pid, 'SIGTERM')
  const endMs = systemClock.now() + STOP_TIMEOUT_MS
  while (served.some(({ folder }) => isInUse(folder))) {
    if (systemClock.now() > endMs) throw new CapstanError('timeout', `process ${pid} does not end; look at its log`)
    await sleep(systemClock, POLL_MS, signal)
  }
  return served.map((entry) => entry.name)
}

function runningOf({ name, folder, running }: ClusterEntry): RunningCluster {
  if (running !== undefined) return running
  throw new CapstanError(
    'precondition',
    isInUse(folder) ? `cluster ${name} is just starting; try again` : `cluster ${name} does not run`,
  )
}

export function removeCluster(dataDir: string, name: string): void {
  deleteCluster(dataDir, findCluster(dataDir, name))
}

interface Place {
  readonly dataDir: string
  readonly name: string
  readonly file: string
}

/** Writes a snapshot of a cluster, asking its process for it where it runs; the file is there as a whole or not at all. */
export async function takeSnapshot({ dataDir, name, file }: Place, signal: AbortSignal): Promise<SnapshotResult> {
  const entry = findCluster(dataDir, name)
  const partial = `${file}.${process.pid}.partial`
  try {
    const header = isInUse(entry.folder)
      ? await writeRunning(entry, partial, signal)
      : await writeStopped(entry, partial)
    renameSync(partial, file)
    return { file, cluster: name, ...header, bytes: statSync(file).size }
  } catch (error) {
    rmSync(partial, { force: true })
    throw error
  }
}

type Header = Pick<SnapshotResult, 'objects' | 'revision'>

async function writeStopped({ folder }: ClusterEntry, file: string): Promise<Header> {
  const store = openDirectoryStore({ directory: folder })
  try {
    return await writeText(snapshotText(store, { capstan: VERSION, nowMs: systemClock.now() }), file)
  } finally {
    await store.close()
  }
}

async function writeRunning(entry: ClusterEntry, file: string, signal: AbortSignal): Promise<Header> {
  const transport = transportOf(entry)
  try {
    const answer = await transport.send({ method: 'GET', path: SNAPSHOT_PATH, headers: {}, signal })
    if (answer.status !== 200 || typeof answer.body === 'string' || answer.body instanceof Uint8Array) {
      const why = answer.status === 404 ? 'it runs an older Capstan' : `it answered ${answer.status}`
      throw new CapstanError('unavailable', `cluster ${entry.name} gives no snapshot: ${why}`)
    }
    return await writeText(answer.body, file)
  } finally {
    await transport.close()
  }
}

/** As its administrator, with the keys of its folder. */
function transportOf(entry: ClusterEntry): Transport {
  const { url } = runningOf(entry)
  const admin = readPair(entry.folder, 'admin')
  return httpTransport({
    server: url,
    ca: readPair(entry.folder, 'authority').certificate,
    clientCertificate: admin.certificate,
    clientKey: new Secret(admin.key),
  })
}

function readPair(folder: string, name: string): { readonly certificate: string; readonly key: string } {
  const file = join(folder, 'pki', `${name}.json`)
  try {
    // Written by the process that serves the cluster.
    return JSON.parse(readFileSync(file, 'utf8')) as { certificate: string; key: string }
  } catch (error) {
    throw new CapstanError('precondition', `cannot read the key ${file}: ${messageOf(error)}`, { cause: error })
  }
}

/** Writes pieces of text to a file of mode 0600 and checks that the last line is the one that ends a snapshot. */
async function writeText(text: AsyncIterable<string | Uint8Array>, file: string): Promise<Header> {
  mkdirSync(dirname(file), { recursive: true })
  const decoder = new TextDecoder()
  let first = ''
  let last = ''
  async function* noted(): AsyncGenerator<string> {
    for await (const piece of text) {
      const part = typeof piece === 'string' ? piece : decoder.decode(piece, { stream: true })
      if (!first.includes('\n')) first += part
      last = (last + part).slice(-END_LENGTH)
      yield part
    }
  }
  await pipeline(Readable.from(noted()), createWriteStream(file, { mode: 0o600 }))
  if (!last.includes('{"end":true')) {
    throw new CapstanError('unavailable', 'the snapshot was cut off while it was taken; take it again')
  }
  const { objects, revision } = JSON.parse(first.slice(0, first.indexOf('\n'))) as Header
  return { objects, revision }
}

/** The last line has 94 characters. */
const END_LENGTH = 200

/** Makes a cluster from a snapshot. Throws `conflict` where there is one of that name, `bad-input` for a file that is no whole snapshot. */
export async function restoreCluster({ dataDir, name, file }: Place): Promise<RestoreResult> {
  const folder = clusterFolder(dataDir, name)
  const { objects, revision, createdAt } = await restoreDirectory(folder, readText(file))
  return { cluster: name, folder, objects, revision, createdAt }
}

async function* readText(file: string): AsyncGenerator<string> {
  try {
    yield* createReadStream(file, 'utf8') as AsyncIterable<string>
  } catch (error) {
    throw new CapstanError('bad-input', `cannot read ${file}: ${messageOf(error)}`, { cause: error })
  }
}
