// What the engine remembers of an application between passes: all of it can be found anew, none of it is a state of its own.
import type { DesiredRequest, DesiredState } from '../../desired/contract.ts'
import type { Difference } from '../../diff/contract.ts'
import type { KubeObject } from '../../kube/object.ts'
import type { Comparison } from './comparison-result.ts'
import type { Condition } from './conditions.ts'
import { type CompareLevel, higherLevel } from './refresh-decision.ts'
import type { PreparedTargets } from './targets.ts'

export interface RememberedDesired {
  /** What the manifests were made for: sources, destination, cluster version. */
  readonly key: string
  /** What was asked for, but for the revisions that an operation named. */
  readonly request: Omit<DesiredRequest, 'signal' | 'revisions'>
  readonly state: DesiredState
  readonly targets: PreparedTargets
  /** Of the secrets in the targets. */
  readonly fingerprint: string | undefined
  /** Values from elsewhere are in the targets: only delivering them anew tells whether they are still the same. */
  readonly isFilled: boolean
}

export interface RememberedDifference {
  readonly target: KubeObject | undefined
  readonly live: KubeObject | undefined
  readonly difference: Difference
}

export interface RememberedFight {
  readonly condition: Condition
  /** What a person may change to solve it. */
  readonly wish: string
}

export interface AppMemory {
  /** What the last comparison was made for: the spec and what annotations say of comparing. */
  wish: unknown
  /** What was asked for since the last comparison. */
  asked: CompareLevel | undefined
  desired: RememberedDesired | undefined
  /** By object id; valid while target, live object and `rulesKey` are the same. */
  differences: ReadonlyMap<string, RememberedDifference>
  rulesKey: string
  comparison: Comparison | undefined
  /** The last comparison could not be made. */
  hasFailed: boolean
  /** The Application as this process last wrote it, until the cluster's news have caught up. */
  written: KubeObject | undefined
  /** When its sources were last looked at. */
  lookedMs: number | undefined
  /** Somebody asks to look at its sources: their refs have moved. */
  isToLook: boolean
  /** The next wave may not start before. */
  waveReadyMs: number
  /** Until then changes in the cluster are gathered instead of looked at one by one. */
  restUntilMs: number
  outOfSyncSinceMs: number | undefined
  /** Self-heal and another controller undo each other. */
  fight: RememberedFight | undefined
  /** The last operation's start: two operations of one application never share a second. */
  lastStartMs: number
  /** Where between the resync times this application stands, 0 to 1. */
  readonly jitter: number
}

/** By application key. */
export class AppMemories {
  readonly #memories = new Map<string, AppMemory>()
  readonly #random: () => number

  constructor(random: () => number) {
    this.#random = random
  }

  get(key: string): AppMemory | undefined {
    return this.#memories.get(key)
  }

  open(key: string): AppMemory {
    const known = this.#memories.get(key)
    if (known !== undefined) return known
    const memory: AppMemory = {
      wish: undefined,
      asked: undefined,
      desired: undefined,
      differences: new Map(),
      rulesKey: '',
      comparison: undefined,
      written: undefined,
      hasFailed: false,
      lookedMs: undefined,
      isToLook: false,
      waveReadyMs: 0,
      restUntilMs: 0,
      outOfSyncSinceMs: undefined,
      fight: undefined,
      lastStartMs: 0,
      jitter: this.#random(),
    }
    this.#memories.set(key, memory)
    return memory
  }

  ask(key: string, level: CompareLevel): void {
    const memory = this.open(key)
    memory.asked = higherLevel(memory.asked, level)
  }

  forget(key: string): void {
    this.#memories.delete(key)
  }

  keys(): IterableIterator<string> {
    return this.#memories.keys()
  }
}
