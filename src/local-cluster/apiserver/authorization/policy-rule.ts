// Rules of roles: what they allow, and whether rules cover what others grant (`component-helpers/auth/rbac/validation`, v0.36.3).

/** One rule of a Role or ClusterRole; absent lists are empty. */
export interface PolicyRule {
  readonly verbs?: readonly string[]
  readonly apiGroups?: readonly string[]
  readonly resources?: readonly string[]
  readonly resourceNames?: readonly string[]
  readonly nonResourceURLs?: readonly string[]
}

/** What somebody wants to do to a resource; empty texts where something is not said. */
export interface ResourceAction {
  readonly kind: 'resource'
  readonly verb: string
  readonly group: string
  readonly resource: string
  readonly subresource: string
  readonly name: string
  /** Empty: the whole cluster. */
  readonly namespace: string
}

/** What somebody wants of a path that is no resource. */
export interface PathAction {
  readonly kind: 'path'
  readonly verb: string
  readonly path: string
}

export type Action = ResourceAction | PathAction

const NONE: readonly string[] = []

/** Whether a rule allows an action by itself. */
export function ruleAllows(rule: PolicyRule, action: Action): boolean {
  if (!hasOrAll(rule.verbs, action.verb)) return false
  if (action.kind === 'path') return (rule.nonResourceURLs ?? NONE).some((url) => urlCovers(url, action.path))
  if (!hasOrAll(rule.apiGroups, action.group)) return false
  const { resourceNames = NONE } = rule
  return (
    resourceAllows(rule.resources ?? NONE, action) &&
    (resourceNames.length === 0 || resourceNames.includes(action.name))
  )
}

function hasOrAll(list: readonly string[] = NONE, wanted: string): boolean {
  return list.includes('*') || list.includes(wanted)
}

function resourceAllows(resources: readonly string[], { resource, subresource }: ResourceAction): boolean {
  if (resources.includes('*')) return true
  if (subresource === '') return resources.includes(resource)
  return resources.includes(`${resource}/${subresource}`) || resources.includes(`*/${subresource}`)
}

function urlCovers(pattern: string, path: string): boolean {
  if (pattern === '*' || pattern === path) return true
  return pattern.endsWith('*') && path.startsWith(pattern.replace(/\*+$/, ''))
}

/** The smallest parts of `wanted` that no rule of `owned` covers; empty where all are covered. */
export function uncovered(owned: readonly PolicyRule[], wanted: readonly PolicyRule[]): readonly PolicyRule[] {
  return wanted.flatMap(breakDown).filter((part) => !owned.some((rule) => covers(rule, part)))
}

/** A rule as rules of one verb for one thing each. */
function breakDown(rule: PolicyRule): readonly PolicyRule[] {
  const { verbs = NONE, apiGroups = NONE, resources = NONE, resourceNames = NONE, nonResourceURLs = NONE } = rule
  const parts: PolicyRule[] = []
  for (const apiGroup of apiGroups) {
    for (const resource of resources) {
      for (const verb of verbs) {
        const part = { apiGroups: [apiGroup], resources: [resource], verbs: [verb] }
        parts.push(...(resourceNames.length === 0 ? [part] : resourceNames.map((name) => ({ ...part, resourceNames: [name] })))) // prettier-ignore
      }
    }
  }
  return [
    ...parts,
    ...nonResourceURLs.flatMap((url) => verbs.map((verb) => ({ nonResourceURLs: [url], verbs: [verb] }))),
  ]
}

/** Whether a rule covers one part as `breakDown` makes them. */
function covers(rule: PolicyRule, part: PolicyRule): boolean {
  if (!hasOrAll(rule.verbs, first(part.verbs))) return false
  const url = part.nonResourceURLs?.[0]
  if (url !== undefined) return (rule.nonResourceURLs ?? NONE).some((pattern) => urlCovers(pattern, url))
  return (
    hasOrAll(rule.apiGroups, first(part.apiGroups)) &&
    coversResource(rule.resources ?? NONE, first(part.resources)) &&
    coversName(rule.resourceNames ?? NONE, part.resourceNames ?? NONE)
  )
}

function first(list: readonly string[] = NONE): string {
  return list[0] ?? ''
}

/** A rule for named objects covers no rule for all of them. */
function coversName(names: readonly string[], [name]: readonly string[]): boolean {
  return names.length === 0 || (name !== undefined && names.includes(name))
}

function coversResource(resources: readonly string[], wanted: string): boolean {
  if (hasOrAll(resources, wanted)) return true
  const slash = wanted.indexOf('/')
  return slash >= 0 && resources.includes(`*${wanted.slice(slash)}`)
}

/** Rules for the same resource as one rule with all their verbs (`CompactRules`); others as they are. */
export function compactRules(rules: readonly PolicyRule[]): readonly PolicyRule[] {
  const others: PolicyRule[] = []
  const simple = new Map<string, { readonly rule: PolicyRule; readonly verbs: Set<string> }>()
  for (const rule of rules) {
    const key = simpleKey(rule)
    const known = key === undefined ? undefined : simple.get(key)
    if (key === undefined) others.push(rule)
    else if (known === undefined) simple.set(key, { rule, verbs: new Set(rule.verbs) })
    else for (const verb of rule.verbs ?? NONE) known.verbs.add(verb)
  }
  return [...others, ...[...simple.values()].map(({ rule, verbs }) => ({ ...rule, verbs: [...verbs] }))]
}

/** One group, one resource, at most one name. */
function simpleKey({
  apiGroups = NONE,
  resources = NONE,
  resourceNames = NONE,
  nonResourceURLs,
}: PolicyRule): string | undefined {
  if ((nonResourceURLs ?? NONE).length > 0 || resourceNames.length > 1) return undefined
  if (apiGroups.length !== 1 || resources.length !== 1) return undefined
  return JSON.stringify([apiGroups, resources, resourceNames])
}

/** A rule as messages show it: `{APIGroups:[""], Resources:["pods"], Verbs:["*"]}`. */
export function ruleText(rule: PolicyRule): string {
  const parts: readonly (readonly [string, readonly string[] | undefined])[] = [
    ['APIGroups', rule.apiGroups],
    ['Resources', rule.resources],
    ['NonResourceURLs', rule.nonResourceURLs],
    ['ResourceNames', rule.resourceNames],
    ['Verbs', rule.verbs],
  ]
  const shown = parts.filter(([, list = NONE]) => list.length > 0)
  return `{${shown.map(([name, list = NONE]) => `${name}:${quotedList(list)}`).join(', ')}}`
}

/** A list of texts as Go's `%q` prints it. */
export function quotedList(list: readonly string[]): string {
  return `[${list.map((one) => JSON.stringify(one)).join(' ')}]`
}
