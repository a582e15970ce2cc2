// What a preview says: for every application, what a revision would change.
import type { KubeObject, ObjectKey } from '../kube/object.ts'

export type Change = 'added' | 'removed' | 'changed'

/** One object that is not the same on both sides. Values of Secrets are masked, alike where they are equal. */
export interface ResourceChange {
  readonly key: ObjectKey
  readonly change: Change
  readonly before?: KubeObject
  readonly after?: KubeObject
}

export interface ApplicationChange {
  readonly name: string
  /** Namespace of the Application object; empty where its manifest leaves it open. */
  readonly namespace: string
  readonly change: Change | 'failed'
  /** Where it is declared: a file of the repository, or the application or set that it comes from. */
  readonly from: string
  /** Of one that failed: which side could not be rendered, and why. */
  readonly error?: string
  /** The Application itself first, then what it delivers, by kind and name. */
  readonly resources: readonly ResourceChange[]
}

export interface PreviewReport {
  /** Commits. */
  readonly base: string
  readonly head: string
  /** Only those that differ or failed, by name. */
  readonly applications: readonly ApplicationChange[]
  /** How many there are that differ in nothing. */
  readonly unchanged: number
  /** Files and sets that could not be read, each with what to do. */
  readonly problems: readonly string[]
}
