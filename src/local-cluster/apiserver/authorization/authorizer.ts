// Who may do what: administrators everything, others what roles bound to them allow (RBAC, kubernetes v1.36.3).
import type { Store } from '../../storage/store.ts'
import type { UserInfo } from '../user.ts'
import { ruleAllows, type Action, type PolicyRule } from './policy-rule.ts'
import { grantText, missingRole, RoleIndex, type Grant, type RoleRef } from './role-index.ts'

/** Members may do everything, whatever roles say (`user.SystemPrivilegedGroup`). */
export const MASTERS = 'system:masters'

export interface Decision {
  readonly allowed: boolean
  /** Which binding allowed it, or what went wrong with bindings that might have; often empty. */
  readonly reason: string
}

/** Everything a user is granted somewhere. */
export interface GrantedRules {
  readonly rules: readonly PolicyRule[]
  /** Texts about roles that bindings name and nobody made. */
  readonly errors: readonly string[]
}

export interface Authorizer {
  decide(user: UserInfo, action: Action): Decision
  /** The rules that hold for a user in a namespace, those of the whole cluster included; with an empty namespace only these. */
  rulesFor(user: UserInfo, namespace: string): GrantedRules
  /** The rules of a role as bindings in a namespace name it; undefined where there is none. */
  rulesOf(ref: RoleRef, namespace: string): readonly PolicyRule[] | undefined
}

/** An authorizer over the roles in a store; it follows them until `signal` aborts. */
export function createAuthorizer(store: Store, signal: AbortSignal): Authorizer {
  const index = new RoleIndex(store, signal)
  return {
    decide: (user, action) => decide(index, user, action),
    rulesFor: (user, namespace) => rulesFor(index, user, namespace),
    rulesOf: (ref, namespace) => index.rulesOf(ref, namespace),
  }
}

const BY_MEMBERSHIP: Decision = { allowed: true, reason: '' }
const REFUSED: Decision = { allowed: false, reason: '' }

function decide(index: RoleIndex, user: UserInfo, action: Action): Decision {
  if (user.groups.includes(MASTERS)) return BY_MEMBERSHIP
  const missing = new Set<string>()
  for (const grant of index.grantsOf(user, action.kind === 'path' ? '' : action.namespace)) {
    const rules = index.rulesBehind(grant)
    if (rules === undefined) missing.add(missingRole(grant.roleRef).text)
    else if (rules.some((rule) => ruleAllows(rule, action))) return { allowed: true, reason: `RBAC: allowed by ${grantText(grant)}` } // prettier-ignore
  }
  return missing.size === 0 ? REFUSED : { allowed: false, reason: `RBAC: ${aggregate([...missing])}` }
}

function rulesFor(index: RoleIndex, user: UserInfo, namespace: string): GrantedRules {
  const seen = new Set<Grant['binding']>()
  const rules: PolicyRule[] = []
  const missing = new Set<string>()
  for (const grant of index.grantsOf(user, namespace)) {
    if (seen.has(grant.binding)) continue
    seen.add(grant.binding)
    const found = index.rulesBehind(grant)
    if (found === undefined) missing.add(missingRole(grant.roleRef).text)
    else rules.push(...found)
  }
  return { rules, errors: [...missing] }
}

/** Several errors as one (`utilerrors.NewAggregate`). */
export function aggregate(errors: readonly string[]): string {
  return errors.length === 1 ? (errors[0] ?? '') : `[${errors.join(', ')}]`
}
