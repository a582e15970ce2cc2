// Applications of five resources with their pods, on the embedded cluster and on the real API server, beside what is promised.
import { setTimeout as pause } from 'node:timers/promises'
import type { Application } from '../../src/crds/application.ts'
import { startRealCluster } from '../support/real-cluster.ts'
import { runOn } from '../support/story-cluster.ts'
import {
  askRefresh,
  changeInGit,
  commitAll,
  createApplication,
  isRefreshed,
  nameOf,
  startFleet,
  untilApplication,
  type Fleet,
  type Manifests,
} from './fleet.ts'
import { inParallel, percentile, type BenchOptions, type Figure } from './measurement.ts'
import { cpuSeconds, processTree, residentMiB } from './process-cost.ts'
import { withFolder } from './program.ts'

const COUNT = 500
const QUICK_COUNT = 50
/** Long enough for two polls of everything that polls. */
const IDLE_MS = 30_000
const QUICK_IDLE_MS = 5_000
/** What a fleet does after it is complete: pods start, events are written. */
const SETTLE_MS = 5_000
const ROUNDS = 5

export async function measureDelivery(options: BenchOptions): Promise<readonly Figure[]> {
  const embedded = await withFolder((folder) => measureOn('embedded', folder, options))
  const cluster = await startRealCluster()
  try {
    const controllers = await runOn(cluster.kubeconfig, { hasNodes: true }, {})
    try {
      const real = await withFolder((folder) => measureOn('real', folder, options, cluster.kubeconfig))
      return [...embedded, ...real]
    } finally {
      await controllers.close()
    }
  } finally {
    await cluster.stop()
  }
}

async function measureOn(
  where: string,
  folder: string,
  { isQuick }: BenchOptions,
  kubeconfig?: string,
): Promise<readonly Figure[]> {
  const count = isQuick ? QUICK_COUNT : COUNT
  const place = kubeconfig === undefined ? {} : { kubeconfig }
  const fleet = await startFleet(folder, { count, manifests: web, until: isSynced, ...place })
  const pids = (): readonly number[] => processTree(fleet.program.pid)
  // On the embedded cluster the program is the API server, too, and runs the pods.
  const budget = <T>(value: T): { readonly budget?: T } => (isQuick ? {} : { budget: value })
  const ofCapstanAlone = <T>(value: T): { readonly budget?: T } => (kubeconfig === undefined ? {} : budget(value))
  try {
    const filled = [
      { name: `${count} created to Synced`, value: fleet.filled.seconds, unit: 's', ...budget(25) },
      { name: `${count} created to Synced, CPU`, value: fleet.filled.cpuSeconds, unit: 's', ...budget(20) },
    ]
    await pause(SETTLE_MS)
    const memory = { name: `memory with ${count}`, value: residentMiB(pids()), unit: 'MiB', ...ofCapstanAlone(250) }
    const idleMs = isQuick ? QUICK_IDLE_MS : IDLE_MS
    const before = cpuSeconds(pids())
    await pause(idleMs)
    const idle = { name: `idle for ${idleMs / 1000} s, CPU`, value: cpuSeconds(pids()) - before, unit: 's', ...budget(0.3) } // prettier-ignore
    const figures = [
      ...filled,
      memory,
      idle,
      ...(await measureHardRefresh(fleet, count)).map((figure) => ({ ...figure, ...budget(2) })),
      { name: 'one application, created to Synced', value: await createOne(fleet, count), unit: 's', ...budget(0.2) },
      { name: 'push and refresh to Synced', value: await pushOne(fleet), unit: 's', ...budget(0.2) },
      { name: 'memory at the end', value: residentMiB(pids()), unit: 'MiB', ...ofCapstanAlone(250) },
    ]
    return figures.map((figure) => ({ ...figure, name: `${where}: ${figure.name}` }))
  } finally {
    await fleet.stop()
  }
}

async function measureHardRefresh(fleet: Fleet, count: number): Promise<readonly Figure[]> {
  const cpu = cpuSeconds(processTree(fleet.program.pid))
  const startMs = performance.now()
  const names = Array.from({ length: count }, (_, index) => nameOf(index))
  await inParallel(count, 8, (index) => askRefresh(fleet, nameOf(index), 'hard'))
  await Promise.all(names.map((name) => untilApplication(fleet, name, isRefreshed)))
  const seconds = (performance.now() - startMs) / 1000
  return [
    { name: `hard refresh of ${count}`, value: seconds, unit: 's' },
    { name: `hard refresh of ${count}, CPU`, value: cpuSeconds(processTree(fleet.program.pid)) - cpu, unit: 's' },
  ]
}

/** Median seconds. */
async function createOne(fleet: Fleet, count: number): Promise<number> {
  const seconds: number[] = []
  for (let round = 0; round < ROUNDS; round++) {
    const name = nameOf(count + round)
    commitAll(fleet, name)
    const startMs = performance.now()
    await createApplication(fleet, name)
    await untilApplication(fleet, name, isSynced)
    seconds.push((performance.now() - startMs) / 1000)
  }
  return percentile(seconds, 0.5)
}

/** Median seconds from the commit. */
async function pushOne(fleet: Fleet): Promise<number> {
  const seconds: number[] = []
  for (let round = 0; round < ROUNDS; round++) {
    const name = nameOf(round)
    const commit = changeInGit(fleet, name, `round ${round}`)
    const startMs = performance.now()
    await askRefresh(fleet, name)
    await untilApplication(
      fleet,
      name,
      (application) => application.status?.operationState?.syncResult?.revision === commit && isSynced(application),
    )
    seconds.push((performance.now() - startMs) / 1000)
  }
  return percentile(seconds, 0.5)
}

function isSynced({ status, operation }: Application): boolean {
  return status?.sync?.status === 'Synced' && operation === undefined
}

/** What a small service is: its changing part first. */
const web: Manifests = (name, text) => {
  const labels = { app: name }
  const container = { name: 'main', image: 'nginx:1.29', ports: [{ containerPort: 80 }] }
  const pod = { metadata: { labels }, spec: { serviceAccountName: name, containers: [container] } }
  return {
    'config.json': { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data: { text } },
    'settings.json': { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: `${name}-settings` }, data: { a: 'b' } },
    'account.json': { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name } },
    'service.json': {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name },
      spec: { selector: labels, ports: [{ port: 80 }] },
    },
    'deployment.json': {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name },
      spec: { replicas: 1, selector: { matchLabels: labels }, template: pod },
    },
  }
}
