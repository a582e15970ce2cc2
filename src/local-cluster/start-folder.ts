// Clusters in a data directory: the default one lies in it, others in folders of their names; which of them runs, and where.
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { CapstanError } from '../base/errors.ts'
import { hasDatabase, isInUse } from './storage/open-store.ts'

export const DEFAULT_NAME = 'default'
const FOLDER = 'clusters'
const RUNNING_FILE = 'running.json'
/** A DNS label, as it becomes part of a context's name. */
const NAME = /^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$/

/** What a running cluster tells other processes. */
export interface RunningCluster {
  readonly pid: number
  readonly url: string
  /** RFC 3339. */
  readonly startedAt: string
}

export interface ClusterEntry {
  readonly name: string
  readonly folder: string
  /** Absent: it is stopped. */
  readonly running: RunningCluster | undefined
  /** Of its database. */
  readonly sizeBytes: number
}

/** Where a cluster is kept. Throws `bad-input` for a name that is none. */
export function clusterFolder(dataDir: string, name: string): string {
  if (name === DEFAULT_NAME) return dataDir
  if (!NAME.test(name)) {
    throw new CapstanError(
      'bad-input',
      `cluster name ${JSON.stringify(name)}: lower case letters, digits and '-', at most 63, beginning and ending with a letter or digit`,
    )
  }
  return join(dataDir, FOLDER, name)
}

/** The name of its context in a kubeconfig. */
export function contextName(name: string): string {
  return name === DEFAULT_NAME ? 'capstan' : `capstan-${name}`
}

/** All clusters of a data directory, the default one first; none where the directory does not exist. */
export function listClusters(dataDir: string): readonly ClusterEntry[] {
  const named = namesIn(join(dataDir, FOLDER)).filter((name) => NAME.test(name) && name !== DEFAULT_NAME)
  return [DEFAULT_NAME, ...named.toSorted()]
    .map((name) => ({ name, folder: clusterFolder(dataDir, name) }))
    .filter(({ folder }) => hasDatabase(folder))
    .map(entryOf)
}

/** One cluster. Throws `not-found` that names those there are. */
export function findCluster(dataDir: string, name: string): ClusterEntry {
  const folder = clusterFolder(dataDir, name)
  if (hasDatabase(folder)) return entryOf({ name, folder })
  const known = listClusters(dataDir).map((entry) => entry.name)
  const hint = known.length === 0 ? 'it has none' : `it has ${known.join(', ')}`
  throw new CapstanError('not-found', `there is no cluster ${name} in ${dataDir}: ${hint}`)
}

function entryOf({ name, folder }: { readonly name: string; readonly folder: string }): ClusterEntry {
  return { name, folder, running: readRunning(folder), sizeBytes: sizeOf(join(folder, 'state.db')) }
}

/** Removes a stopped cluster for good: its objects, keys and kubeconfig. Throws `conflict` while it runs. */
export function deleteCluster(dataDir: string, { name, folder }: ClusterEntry): void {
  if (isInUse(folder)) {
    throw new CapstanError('conflict', `cluster ${name} is running; stop it first: capstan local-cluster stop ${name}`)
  }
  if (folder !== dataDir) {
    rmSync(folder, { recursive: true })
    return
  }
  // The data directory itself may hold other clusters and the caches of `up`.
  const own = namesIn(folder).filter((file) => OWN_FILES.test(file))
  for (const file of own) rmSync(join(folder, file), { recursive: true })
}

const OWN_FILES = /^(?:state\.db.*|owner\.pid|running\.json|pki|kubeconfig)$/

/** Tells other processes where the cluster of a folder is reached. */
export function writeRunning(folder: string, running: RunningCluster): void {
  writeFileSync(join(folder, RUNNING_FILE), `${JSON.stringify(running)}\n`, { mode: 0o600 })
}

export function removeRunning(folder: string): void {
  rmSync(join(folder, RUNNING_FILE), { force: true })
}

/** What the file says counts only while the database is held: a killed process leaves it behind. */
function readRunning(folder: string): RunningCluster | undefined {
  try {
    const { pid, url, startedAt } = JSON.parse(readFileSync(join(folder, RUNNING_FILE), 'utf8')) as RunningCluster
    return isInUse(folder) ? { pid, url, startedAt } : undefined
  } catch {
    return undefined // not there: it does not run, or starts just now
  }
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
  } catch {
    return [] // a folder that is not there holds nothing
  }
}

function sizeOf(file: string): number {
  return ['', '-wal'].reduce((sum, end) => sum + (statSync(file + end, { throwIfNoEntry: false })?.size ?? 0), 0)
}
