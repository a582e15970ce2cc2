// What a controller may do with the Applications of an ApplicationSet.
import type { ApplicationSetSpec } from '../crds/application-set.ts'

export type ApplicationsSyncPolicy = 'create-only' | 'create-update' | 'create-delete' | 'sync'

const POLICIES: readonly ApplicationsSyncPolicy[] = ['create-only', 'create-update', 'create-delete', 'sync']

/** The policy of a text; an empty one is `sync`, any other undefined. */
export function parsePolicy(text: string): ApplicationsSyncPolicy | undefined {
  return text === '' ? 'sync' : POLICIES.find((policy) => policy === text)
}

export interface PolicySettings {
  /** Of the controller (`applicationsetcontroller.policy`). */
  readonly policy: ApplicationsSyncPolicy
  /** Whether an ApplicationSet may choose its own (`applicationsetcontroller.enable.policy.override`). */
  readonly isOverridable: boolean
}

export interface Allowed {
  readonly updates: boolean
  readonly deletes: boolean
}

/** What may be done; creating always may. An own policy nobody knows allows nothing more (argo-cd v3.5.1 `utils/policy.go`). */
export function allowedBy({ syncPolicy }: ApplicationSetSpec, { policy, isOverridable }: PolicySettings): Allowed {
  const own = isOverridable ? syncPolicy?.applicationsSync : undefined
  const effective: string = own ?? policy
  return {
    updates: effective === 'create-update' || effective === 'sync',
    deletes: effective === 'create-delete' || effective === 'sync',
  }
}
