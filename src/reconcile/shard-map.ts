// How controllers share out the shards among themselves: a ConfigMap in which each tells that it lives (argo-cd v3.5.1 `controller/sharding`).
import { sleep, type Clock } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import { rfc3339Seconds } from '../base/rfc3339.ts'
import { KubeError, type KubeClient, type ResourceType } from '../kube/client/client.ts'
import type { KubeObject } from '../kube/object.ts'
import { standIn } from './sharding.ts'

export const SHARD_MAP_NAME = 'argocd-app-controller-shard-cm'
const MAP_KEY = 'shardControllerMapping'
/** Upstream: a controller is silent after three heartbeats. */
const SILENT_BEATS = 3
/** So old that nobody needs to be watched any longer. */
const LONG_SILENT_BEATS = 30

/** Upstream's names of fields, but for the last. */
interface Entry {
  readonly ShardNumber: number
  readonly ControllerName: string
  readonly HeartbeatTime: string
  /** The shards that this controller takes to be alive. Upstream has no such field, and leaves it out when it writes. */
  readonly Alive?: readonly number[]
}

export interface ShardMapOptions {
  readonly client: KubeClient
  readonly clock: Clock
  readonly log: Log
  readonly namespace: string
  /** Unique among the controllers: the pod's name. */
  readonly identity: string
  readonly replicas: number
  /** Asks for this shard; without it one that is free. */
  readonly shard?: number
  /** ARGOCD_CONTROLLER_HEARTBEAT_TIME, 10 s. */
  readonly heartbeatMs: number
  readonly signal: AbortSignal
  /** Called when the own shard or those alive are others than before. */
  readonly onChange: () => void
}

/** Beats from `start` until the signal aborts. */
export class ShardMap {
  readonly #options: ShardMapOptions
  /** When this process saw each heartbeat change: whose clock is right does not matter. */
  readonly #seen = new Map<number, { readonly text: string; readonly atMs: number }>()
  #shard: number | undefined
  #alive: readonly number[] = []
  /** Those that all who live have last been of one mind about; undefined before this controller has been one of them. */
  #agreed: readonly number[] | undefined
  #running: Promise<void> | undefined
  /** When the last beat that was written began. */
  #beatenMs = 0

  constructor(options: ShardMapOptions) {
    this.#options = options
    this.#shard = undefined
  }

  /** Undefined while every shard has a controller that lives. */
  get shard(): number | undefined {
    return this.#shard
  }

  /** Shards whose controllers live, as this one sees it. */
  get alive(): readonly number[] {
    return this.#alive
  }

  /**
   * Whether what belongs to a shard is looked after here: `id` tells one cluster of a silent shard from another. What
   * comes from somebody who lives is taken over only when all who live have told that they know, so that no two look
   * after it at a time (upstream lets both, for up to a heartbeat).
   */
  owns(shard: number, id: string): boolean {
    const own = this.#shard
    if (own === undefined || this.#agreed === undefined) return false
    return standIn(shard, id, this.#alive) === own && standIn(shard, id, this.#agreed) === own
  }

  start(): void {
    this.#running ??= this.#run()
  }

  /** Resolves when it has ended and its shard is free for the next, within a few seconds; the signal must have aborted. */
  async stop(): Promise<void> {
    await this.#running
    if (this.#shard === undefined) return
    try {
      await this.#within(RELEASE_MS, (late) => this.#release(late))
    } catch (error) {
      // Who waits sees a silent controller soon enough where this fails.
      this.#options.log.debug('shard not released', { error })
    }
  }

  async #run(): Promise<void> {
    const { clock, signal, heartbeatMs } = this.#options
    while (!signal.aborted) {
      const isWritten = await this.#tryToBeat()
      // Those who were in each other's way are not so again; what all must know spreads in such steps, too.
      const soonMs = Math.min(this.#leftMs(), (heartbeatMs / RETRIES_IN_BEAT) * (0.5 + Math.random()))
      await sleep(clock, isWritten && this.#isAgreed() ? heartbeatMs : soonMs, signal).catch(() => undefined)
    }
  }

  async #tryToBeat(): Promise<boolean> {
    const { clock, log, signal } = this.#options
    const begunMs = clock.now()
    try {
      await this.#within(this.#leftMs(), (late) => this.#beat(AbortSignal.any([signal, late]), false))
      this.#beatenMs = begunMs
      return true
    } catch (error) {
      if (signal.aborted) return false
      log[isConflict(error) ? 'debug' : 'warn']('heartbeat not written', { shard: this.#shard, error })
      // Others take over now: going on would be double work.
      if (clock.now() >= this.#silentAtMs()) this.#take(undefined, this.#alive, undefined)
      return false
    }
  }

  /** When others may take over. */
  #silentAtMs(): number {
    return this.#beatenMs + SILENT_BEATS * this.#options.heartbeatMs
  }

  /** How long a beat may take: a server that never answers must not keep a shard past its time. */
  #leftMs(): number {
    const { clock, heartbeatMs } = this.#options
    if (this.#shard === undefined) return heartbeatMs
    return Math.max(0, Math.min(heartbeatMs, this.#silentAtMs() - clock.now()))
  }

  async #within(limitMs: number, work: (late: AbortSignal) => Promise<void>): Promise<void> {
    const late = new AbortController()
    const cancel = this.#options.clock.schedule(limitMs, () => late.abort(new Error('no answer in time')))
    try {
      await work(late.signal)
    } finally {
      cancel()
    }
  }

  async #release(late: AbortSignal): Promise<void> {
    for (;;) {
      try {
        await this.#beat(late, true)
        return
      } catch (error) {
        if (late.aborted || !isConflict(error)) throw error
      }
    }
  }

  async #beat(signal: AbortSignal, isLast: boolean): Promise<void> {
    const { client, clock, namespace } = this.#options
    const type = await this.#type(signal)
    const found = await client.get({ type, namespace, name: SHARD_MAP_NAME }, signal)
    const nowMs = clock.now()
    const entries = this.#entries(found)
    this.#look(entries, nowMs)
    const mine = isLast ? undefined : this.#choose(entries, nowMs)
    const beaten = entries.map((entry) => this.#written(entry, mine, nowMs))
    this.#look(beaten, nowMs)
    const alive = beaten.filter((entry) => this.#isAlive(entry, nowMs)).map(({ ShardNumber }) => ShardNumber)
    // What is another's from now on is given up before the others are told so.
    this.#take(mine, alive, mine === this.#shard ? this.#agreed : undefined)
    const written = beaten.map((entry) => (entry.ShardNumber === mine ? { ...entry, Alive: alive } : entry))
    await this.#write(type, found, written, signal)
    const isOneMind = written.every(
      ({ ShardNumber, Alive = alive }) => !alive.includes(ShardNumber) || Alive.join() === alive.join(),
    )
    if (mine !== undefined && isOneMind) this.#take(mine, alive, alive)
  }

  #isAgreed(): boolean {
    return this.#shard === undefined || this.#agreed?.join() === this.#alive.join()
  }

  #written(entry: Entry, mine: number | undefined, nowMs: number): Entry {
    const { identity } = this.#options
    if (entry.ShardNumber === mine) {
      return {
        ...entry,
        ControllerName: identity,
        HeartbeatTime: rfc3339Seconds(nowMs),
      }
    }
    return entry.ControllerName === identity ? { ...entry, ControllerName: '' } : entry
  }

  async #write(
    type: ResourceType,
    found: KubeObject | undefined,
    entries: readonly Entry[],
    signal: AbortSignal,
  ): Promise<void> {
    const { client, namespace } = this.#options
    const metadata = { name: SHARD_MAP_NAME, namespace }
    const base = found ?? { apiVersion: 'v1', kind: 'ConfigMap', metadata }
    const data = { ...dataOf(found), [MAP_KEY]: JSON.stringify(entries) }
    const object = { ...base, data }
    if (found === undefined) await client.create(type, object, { signal })
    else await client.update({ type, ...metadata }, object, { signal })
  }

  /** As many as there are replicas: another number begins anew, as upstream does. */
  #entries(found: KubeObject | undefined): readonly Entry[] {
    const { replicas } = this.#options
    const known = parseEntries(dataOf(found)[MAP_KEY])
    const kept = known.length > replicas ? [] : known
    return Array.from({ length: replicas }, (_, ShardNumber) => {
      const entry = kept.find((one) => one.ShardNumber === ShardNumber)
      return entry ?? { ShardNumber, ControllerName: '', HeartbeatTime: '' }
    })
  }

  #look(entries: readonly Entry[], nowMs: number): void {
    for (const { ShardNumber, ControllerName, HeartbeatTime } of entries) {
      const text = `${ControllerName} ${HeartbeatTime}`
      if (this.#seen.get(ShardNumber)?.text !== text) this.#seen.set(ShardNumber, { text, atMs: nowMs })
    }
  }

  #isAlive({ ShardNumber, ControllerName, HeartbeatTime }: Entry, nowMs: number): boolean {
    const { heartbeatMs } = this.#options
    if (ControllerName === '') return false
    if (nowMs - Date.parse(HeartbeatTime) > LONG_SILENT_BEATS * heartbeatMs) return false
    const seenMs = this.#seen.get(ShardNumber)?.atMs ?? nowMs
    return nowMs - seenMs <= SILENT_BEATS * heartbeatMs
  }

  #choose(entries: readonly Entry[], nowMs: number): number | undefined {
    const { identity, shard } = this.#options
    if (shard !== undefined) return shard
    const own = entries.find(({ ControllerName }) => ControllerName === identity)
    const free = own ?? entries.find((entry) => !this.#isAlive(entry, nowMs))
    return free?.ShardNumber
  }

  #take(shard: number | undefined, alive: readonly number[], agreed: readonly number[] | undefined): void {
    const state = (): string => JSON.stringify([this.#shard, this.#alive, this.#agreed])
    const before = state()
    this.#shard = shard
    this.#alive = alive
    this.#agreed = agreed
    const isSame = state() === before
    if (isSame) return
    const { log, onChange } = this.#options
    log.info('shards are shared out anew', { shard, alive: alive.join(' ') })
    try {
      onChange()
    } catch (error) {
      // It is no fault of the heartbeat, which goes on.
      log.error('shards could not be followed', { error })
    }
  }

  async #type(signal: AbortSignal): Promise<ResourceType> {
    const type = await this.#options.client.resourceOf({ group: '', kind: 'ConfigMap' }, signal)
    if (type === undefined) throw new KubeError(404, 'NotFound', 'the cluster serves no ConfigMaps')
    return type
  }
}

const RELEASE_MS = 2_000
/** What was not written is tried again so often in the time of a heartbeat, or sooner where nobody answers. */
const RETRIES_IN_BEAT = 10

/** Somebody else has written meanwhile. */
function isConflict(error: unknown): boolean {
  return error instanceof KubeError && error.status === 409
}

function dataOf(found: KubeObject | undefined): Readonly<Record<string, string>> {
  // A ConfigMap's data holds texts.
  return found !== undefined && 'data' in found ? (found.data as Readonly<Record<string, string>>) : {}
}

/** What cannot be read counts as nothing: it is written anew. */
function parseEntries(text: string | undefined): readonly Entry[] {
  try {
    const parsed: unknown = JSON.parse(text ?? '[]')
    if (!Array.isArray(parsed)) return []
    return parsed.map((entry: Partial<Entry>) => ({
      ShardNumber: Number(entry.ShardNumber),
      ControllerName: String(entry.ControllerName ?? ''),
      HeartbeatTime: String(entry.HeartbeatTime ?? ''),
      ...(Array.isArray(entry.Alive) ? { Alive: entry.Alive.map(Number) } : {}),
    }))
  } catch {
    return []
  }
}
