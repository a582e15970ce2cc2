// Which of several controllers looks after a cluster: the distributions of argo-cd v3.5.1 (`controller/sharding/sharding.go`).
import { createHash } from 'node:crypto'

export const SHARDING_ALGORITHMS = ['legacy', 'round-robin', 'consistent-hashing'] as const
export type ShardingAlgorithm = (typeof SHARDING_ALGORITHMS)[number]

export interface ShardedCluster {
  /** The uid of its Secret; empty for the control plane's own cluster, which needs none. */
  readonly id: string
  readonly server: string
  /** Fixed by the Secret's `shard`. */
  readonly shard?: number
}

export interface Distribution {
  readonly algorithm: ShardingAlgorithm
  readonly replicas: number
  /** All clusters, the control plane's own too where applications may go there. */
  readonly clusters: readonly ShardedCluster[]
  /** How many applications go to a server; only `consistent-hashing` asks. */
  readonly applicationsOf: (server: string) => number
}

/** The shard of each cluster; one that is not among them is of shard 0. */
export function distribute(distribution: Distribution): (cluster: ShardedCluster) => number {
  const { algorithm, replicas } = distribution
  const sorted = distribution.clusters.toSorted((a, b) => (a.id < b.id ? -1 : Number(a.id > b.id)))
  const calculated =
    algorithm === 'legacy' ? byHash(replicas) : byTable(algorithm, { ...distribution, clusters: sorted })
  return ({ id, shard, server }) => {
    if (shard !== undefined && shard >= 0 && shard < replicas) return shard
    // Upstream: a shard that does not exist is shard 0 (GetClusterFilter).
    if (shard !== undefined) return 0
    return calculated({ id, server })
  }
}

/** Who stands in for a shard whose controller is silent: the same for all who see the same ones alive. */
export function standIn(shard: number, id: string, alive: readonly number[]): number {
  if (alive.length === 0 || alive.includes(shard)) return shard
  return alive.toSorted((a, b) => a - b)[fnv1a(id) % alive.length] ?? shard
}

function byHash(replicas: number): (cluster: ShardedCluster) => number {
  return ({ id }) => (id === '' ? 0 : fnv1a(id) % replicas)
}

function byTable(
  algorithm: Exclude<ShardingAlgorithm, 'legacy'>,
  distribution: Distribution,
): (cluster: ShardedCluster) => number {
  const table = algorithm === 'round-robin' ? roundRobin(distribution) : boundedLoads(distribution)
  return ({ id }) => table.get(id) ?? 0
}

function roundRobin({ clusters, replicas }: Distribution): ReadonlyMap<string, number> {
  return new Map(clusters.map(({ id }, index) => [id, index % replicas]))
}

/** `controller/sharding/consistent`: points of each shard on the ring. */
const POINTS = 1000
/** A shard may hold this much more than its part. */
const EXTRA_CAPACITY = 1.25

/** Consistent hashing with bounded loads: the next shard on the ring that is not too full; the load is its applications. */
function boundedLoads({ clusters, replicas, applicationsOf }: Distribution): ReadonlyMap<string, number> {
  const ring = ringOf(replicas)
  const loads = Array.from({ length: replicas }, () => 0)
  const table = new Map<string, number>()
  let total = 0
  for (const { id, server } of clusters) {
    const most = Math.ceil(Math.max(1, Math.floor((total + 1) / replicas)) * EXTRA_CAPACITY)
    const shard = leastOf(ring, ringHash(id), (candidate) => (loads[candidate] ?? 0) < most)
    table.set(id, shard)
    const load = applicationsOf(server)
    loads[shard] = (loads[shard] ?? 0) + load
    total += load
  }
  return table
}

interface Point {
  readonly at: bigint
  readonly shard: number
}

function ringOf(replicas: number): readonly Point[] {
  const points = Array.from({ length: replicas * POINTS }, (_, index) => {
    const shard = Math.floor(index / POINTS)
    return { at: ringHash(`${shard}${index % POINTS}`), shard }
  })
  // Equal points, as of shard 1 with 10 and shard 11 with 0, belong to the last that was added.
  const byPlace = new Map(points.map((point) => [point.at, point]))
  return [...byPlace.values()].toSorted((a, b) => (a.at < b.at ? -1 : Number(a.at > b.at)))
}

/** The first shard after the place that has room; where none has, the first. */
function leastOf(ring: readonly Point[], place: bigint, hasRoom: (shard: number) => boolean): number {
  const start = indexAfter(ring, place) % ring.length
  for (let step = 0; step < ring.length; step++) {
    const point = ring[(start + step) % ring.length]
    if (point !== undefined && hasRoom(point.shard)) return point.shard
  }
  return ring[start]?.shard ?? 0
}

/** How many points stand at the place or before it. */
function indexAfter(ring: readonly Point[], place: bigint): number {
  let [low, high] = [0, ring.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    const point = ring[middle]
    if (point !== undefined && point.at <= place) low = middle + 1
    else high = middle
  }
  return low
}

function ringHash(key: string): bigint {
  return createHash('blake2b512').update(key).digest().readBigUInt64LE(0)
}

/** FNV-1a with 32 bits. */
function fnv1a(text: string): number {
  let hash = 0x811c9dc5
  for (const byte of Buffer.from(text)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0
  return hash
}
