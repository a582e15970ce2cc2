// What an action is: something a person may do to a live object beside editing it.
import type { KubeObject } from '../kube/object.ts'

export interface ActionParameter {
  readonly name: string
  readonly default?: string
}

/** As clients see it (message ResourceAction). */
export interface ResourceAction {
  readonly name: string
  readonly disabled?: boolean
  /** Classes of Font Awesome. */
  readonly iconClass?: string
  readonly displayName?: string
  readonly params?: readonly ActionParameter[]
}

/** What an action does to the cluster; `patch` holds the whole object as it should become. */
export interface ActionChange {
  readonly operation: 'create' | 'patch'
  readonly object: KubeObject
}

export interface ActionInput {
  readonly parameters: Readonly<Record<string, string>>
  /** Milliseconds since the epoch. */
  readonly now: number
}

/** One action of a kind. A thrown CapstanError `bad-input` says in upstream's words what is wrong with a parameter. */
export interface ActionRule {
  readonly name: string
  /** The entry in the list; undefined where it is not offered for this object. */
  readonly describe: (object: KubeObject) => Omit<ResourceAction, 'name'> | undefined
  readonly run: (object: KubeObject, input: ActionInput) => KubeObject | readonly ActionChange[]
}
