// Elects one leader among several processes through a Lease, with client-go's algorithm.
import { sleep, type Clock } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import { KubeError, type KubeClient, type ResourceType } from '../kube/client/client.ts'
import type { KubeObject } from '../kube/object.ts'

export interface LeaderElectionOptions {
  readonly client: KubeClient
  readonly clock: Clock
  readonly log: Log
  /** Of the Lease. */
  readonly namespace: string
  readonly name: string
  /** Unique among the candidates. */
  readonly identity: string
  /** Ends the candidacy, and the leadership with it. */
  readonly signal: AbortSignal
  /** Runs while this process leads; its signal aborts when leadership is lost. */
  readonly lead: (signal: AbortSignal) => Promise<void>
  /** How long others wait for a leader that no longer renews. Default 15 s. */
  readonly leaseDurationMs?: number
  /** A leader that has not renewed for this long gives up. Default 10 s. */
  readonly renewDeadlineMs?: number
  /** Default 2 s. */
  readonly retryPeriodMs?: number
}

interface LeaseSpec {
  readonly holderIdentity?: string
  readonly leaseDurationSeconds?: number
  readonly acquireTime?: string
  readonly renewTime?: string
  readonly leaseTransitions?: number
}

interface Lease extends KubeObject {
  readonly spec?: LeaseSpec
}

/** client-go leaderelection.JitterFactor: candidates that started together spread out. */
const JITTER = 1.2
/** A leader that stops says so for this long: nobody waits for it to end. */
const RELEASE_MS = 2_000

/** Waits for leadership, runs `lead`, and resolves when the signal aborts or leadership is lost. */
export async function runAsLeader(options: LeaderElectionOptions): Promise<void> {
  const election = new Election(options)
  if (!(await election.acquire())) return
  options.log.info('became leader', { lease: options.name, identity: options.identity })
  const losing = new AbortController()
  const renewing = election.renewUntilLost(losing.signal).finally(() => losing.abort(new Error('leadership lost')))
  try {
    await options.lead(losing.signal)
  } finally {
    losing.abort(new Error('leadership ended'))
    await renewing
    await election.release()
  }
}

class Election {
  readonly #options: LeaderElectionOptions
  readonly #leaseDurationMs: number
  readonly #renewDeadlineMs: number
  readonly #retryPeriodMs: number
  #observed: Lease | undefined
  #observedAtMs = 0

  constructor(options: LeaderElectionOptions) {
    this.#options = options
    this.#leaseDurationMs = options.leaseDurationMs ?? 15_000
    this.#renewDeadlineMs = options.renewDeadlineMs ?? 10_000
    this.#retryPeriodMs = options.retryPeriodMs ?? 2_000
  }

  /** True once this process leads; false when the signal aborted first. */
  async acquire(): Promise<boolean> {
    const { clock, signal } = this.#options
    while (!signal.aborted) {
      if (await this.#tryAcquireOrRenew(clock.now() + this.#renewDeadlineMs)) return true
      const delayMs = this.#retryPeriodMs * (1 + JITTER * Math.random())
      await sleep(clock, delayMs, signal).catch(() => undefined)
    }
    return false
  }

  /** Renews every retry period; returns when that failed for the renew deadline, or a signal aborted. */
  async renewUntilLost(ended: AbortSignal): Promise<void> {
    const { clock, log, signal } = this.#options
    const either = AbortSignal.any([signal, ended])
    let renewedAtMs = clock.now()
    while (!either.aborted) {
      await sleep(clock, this.#retryPeriodMs, either).catch(() => undefined)
      if (either.aborted) return
      if (await this.#tryAcquireOrRenew(renewedAtMs + this.#renewDeadlineMs)) {
        renewedAtMs = clock.now()
      } else if (clock.now() - renewedAtMs >= this.#renewDeadlineMs || !this.#isLeader()) {
        log.warn('lost leadership', { lease: this.#options.name })
        return
      }
    }
  }

  /** Lets the next candidate in at once. */
  async release(): Promise<void> {
    if (!this.#isLeader()) return
    const now = microTime(this.#options.clock.now())
    const { leaseTransitions } = this.#observed?.spec ?? {}
    const spec = { holderIdentity: '', leaseDurationSeconds: 1, acquireTime: now, renewTime: now, leaseTransitions }
    const late = new AbortController()
    const cancel = this.#options.clock.schedule(RELEASE_MS, () => late.abort(new Error('no time left')))
    try {
      await this.#update(await this.#type(late.signal), spec, late.signal)
    } catch (error) {
      // The lease runs out by itself; waiting for it is all that is lost.
      this.#options.log.debug('lease not released', { error })
    } finally {
      cancel()
    }
  }

  /** An API server that never answers must not keep a leader past its deadline. */
  async #tryAcquireOrRenew(deadlineMs: number): Promise<boolean> {
    const { clock, signal } = this.#options
    const late = new AbortController()
    const leftMs = Math.max(0, deadlineMs - clock.now())
    const cancel = clock.schedule(leftMs, () => late.abort(new Error('the renew deadline has passed')))
    try {
      return await this.#attempt(AbortSignal.any([signal, late.signal]))
    } catch (error) {
      this.#options.log.debug('lease not renewed', { lease: this.#options.name, error })
      return false
    } finally {
      cancel()
    }
  }

  async #attempt(signal: AbortSignal): Promise<boolean> {
    const { client, clock, namespace, name, identity } = this.#options
    const type = await this.#type(signal)
    const nowMs = clock.now()
    const now = microTime(nowMs)
    const leaseDurationSeconds = Math.round(this.#leaseDurationMs / 1000)
    const mine = { holderIdentity: identity, leaseDurationSeconds, acquireTime: now, renewTime: now }
    const found = (await client.get({ type, namespace, name }, signal)) as Lease | undefined
    if (found === undefined) {
      const lease = {
        apiVersion: 'coordination.k8s.io/v1',
        kind: 'Lease',
        metadata: { namespace, name },
        spec: { ...mine, leaseTransitions: 0 },
      }
      this.#observe(await client.create(type, lease, { signal }), nowMs)
      return true
    }
    if (found.metadata.resourceVersion !== this.#observed?.metadata.resourceVersion) this.#observe(found, nowMs)
    const held = found.spec ?? {}
    if (!this.#isLeader() && this.#isValid(held, nowMs)) return false
    const transitions = held.leaseTransitions ?? 0
    const spec = this.#isLeader()
      ? { ...mine, acquireTime: held.acquireTime ?? now, leaseTransitions: transitions }
      : { ...mine, leaseTransitions: transitions + 1 }
    await this.#update(type, spec, signal)
    return true
  }

  /** Whose clock is right does not matter: what counts is how long ago this process saw the lease change. */
  #isValid(held: LeaseSpec, nowMs: number): boolean {
    if (!held.holderIdentity) return false
    return this.#observedAtMs + (held.leaseDurationSeconds ?? 0) * 1000 > nowMs
  }

  async #update(type: ResourceType, spec: Readonly<Record<string, unknown>>, signal: AbortSignal): Promise<void> {
    const { client, clock, namespace, name } = this.#options
    if (this.#observed === undefined) return
    const lease = { ...this.#observed, spec }
    this.#observe(await client.update({ type, namespace, name }, lease, { signal }), clock.now())
  }

  #isLeader(): boolean {
    return this.#observed?.spec?.holderIdentity === this.#options.identity
  }

  #observe(lease: KubeObject, nowMs: number): void {
    // A Lease's spec has only optional fields of these types.
    this.#observed = lease as Lease
    this.#observedAtMs = nowMs
  }

  async #type(signal: AbortSignal): Promise<ResourceType> {
    const type = await this.#options.client.resourceOf({ group: 'coordination.k8s.io', kind: 'Lease' }, signal)
    if (type === undefined) throw new KubeError(404, 'NotFound', 'the cluster serves no leases')
    return type
  }
}

/** metav1.MicroTime: six digits. */
function microTime(ms: number): string {
  return new Date(ms).toISOString().replace('Z', '000Z')
}
