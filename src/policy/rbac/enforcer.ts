// Decides requests by policy lines: some rule of the subject or its roles allows, and none denies.
import { type GlobMatcher, compileGlob } from '../../base/glob.ts'
import { CapstanError } from '../../base/errors.ts'
import { compileExpression } from '../name-pattern.ts'
import type { PolicyLines, PolicyRule } from './policy-lines.ts'

export interface AccessRequest {
  readonly resource: string
  readonly action: string
  readonly object: string
}

export type MatchMode = 'glob' | 'regex'

/** Roles of roles deeper than this are not followed, as casbin has it. */
const MAX_ROLE_DEPTH = 10

interface CompiledRule {
  readonly allows: boolean
  readonly resource: GlobMatcher
  readonly action: GlobMatcher
  readonly object: GlobMatcher
}

export interface Enforcer {
  /** True where the policy allows the subject the request. */
  isAllowed(subject: string, request: AccessRequest): boolean
  /** True where some `g` line names it as a member. */
  isMember(subject: string): boolean
}

/**
 * An evaluator indexed by subject. `base` adds the lines of another evaluator, whose denials win all the same.
 * Patterns have no separator: `*` matches `/` too. One that does not compile matches nothing.
 */
export function createEnforcer(lines: PolicyLines, mode: MatchMode = 'glob', base?: EnforcerIndex): EnforcerIndex {
  return new EnforcerIndex(lines, mode, base)
}

/** Rules and roles by subject; compiles what it is asked for and keeps it. */
export class EnforcerIndex implements Enforcer {
  readonly #mode: MatchMode
  readonly #base: EnforcerIndex | undefined
  readonly #rules: ReadonlyMap<string, readonly PolicyRule[]>
  readonly #roles: ReadonlyMap<string, readonly string[]>
  readonly #compiled = new Map<string, readonly CompiledRule[]>()
  readonly #closures = new Map<string, readonly string[]>()
  readonly #patterns = new Map<string, GlobMatcher>()

  constructor(lines: PolicyLines, mode: MatchMode, base?: EnforcerIndex) {
    this.#mode = mode
    this.#base = base
    this.#rules = Map.groupBy(lines.rules, (rule) => rule.subject)
    const roles = new Map<string, string[]>()
    for (const { member, role } of lines.grants) {
      const known = roles.get(member)
      if (known === undefined) roles.set(member, [role])
      else known.push(role)
    }
    this.#roles = roles
  }

  isAllowed(subject: string, request: AccessRequest): boolean {
    let isAllowed = false
    for (const name of this.#closureOf(subject)) {
      const effect = this.#effectOf(name, request)
      if (effect === 'deny') return false
      if (effect === 'allow') isAllowed = true
    }
    return isAllowed
  }

  isMember(subject: string): boolean {
    return this.#roles.has(subject) || this.#base?.isMember(subject) === true
  }

  /** The subject and all its roles, roles of roles included; kept for members, of whom a policy names so many and no more. */
  #closureOf(subject: string): Iterable<string> {
    if (!this.isMember(subject)) return [subject]
    const known = this.#closures.get(subject)
    if (known !== undefined) return known
    const closure = [...this.#collectRoles(subject)]
    this.#closures.set(subject, closure)
    return closure
  }

  #collectRoles(subject: string): ReadonlySet<string> {
    const found = new Set([subject])
    let frontier: readonly string[] = [subject]
    for (let depth = 0; depth < MAX_ROLE_DEPTH && frontier.length > 0; depth++) {
      const next = frontier.flatMap((name) => this.#rolesOf(name)).filter((role) => !found.has(role))
      for (const role of next) found.add(role)
      frontier = next
    }
    return found
  }

  #rolesOf(name: string): readonly string[] {
    const own = this.#roles.get(name) ?? []
    if (this.#base === undefined) return own
    const inherited = this.#base.#rolesOf(name)
    return inherited.length === 0 ? own : [...own, ...inherited]
  }

  #effectOf(name: string, request: AccessRequest): 'allow' | 'deny' | undefined {
    let effect = this.#base === undefined ? undefined : this.#base.#effectOf(name, request)
    if (effect === 'deny') return effect
    for (const rule of this.#rulesOf(name)) {
      if (!rule.resource(request.resource) || !rule.action(request.action) || !rule.object(request.object)) continue
      if (!rule.allows) return 'deny'
      effect = 'allow'
    }
    return effect
  }

  #rulesOf(name: string): readonly CompiledRule[] {
    const known = this.#compiled.get(name)
    if (known !== undefined) return known
    const rules = this.#rules.get(name)
    if (rules === undefined) return []
    const compiled = rules.map((rule) => ({
      allows: rule.effect === 'allow',
      resource: this.#matcher(rule.resource),
      action: this.#matcher(rule.action),
      object: this.#matcher(rule.object),
    }))
    this.#compiled.set(name, compiled)
    return compiled
  }

  #matcher(pattern: string): GlobMatcher {
    const known = this.#patterns.get(pattern)
    if (known !== undefined) return known
    const matcher = this.#mode === 'glob' ? globOrNothing(pattern) : expressionOrNothing(pattern)
    this.#patterns.set(pattern, matcher)
    return matcher
  }
}

function globOrNothing(pattern: string): GlobMatcher {
  try {
    return compileGlob(pattern)
  } catch (error) {
    if (error instanceof CapstanError) return () => false
    throw error
  }
}

function expressionOrNothing(pattern: string): GlobMatcher {
  return compileExpression(pattern) ?? (() => false)
}
