// What is wrong with a role of a project: its name, policies and groups, in upstream's texts.
import type { ProjectRole } from '../crds/app-project.ts'
import type { ProjectFault } from './project-fault.ts'

const ROLE_NAME = /^[a-zA-Z0-9](?:[-_a-zA-Z0-9]*[a-zA-Z0-9])?$/
const WRONG_IN_GROUP = /["\n\r\t]/
/** Longer lines are no policies; the bound keeps reading them cheap. */
const MAX_POLICY_LENGTH = 10_000

const RESOURCES: ReadonlySet<string> = new Set([
  'applications',
  'applicationsets',
  'repositories',
  'exec',
  'logs',
  'clusters',
])
const ACTIONS: ReadonlySet<string> = new Set(['get', 'create', 'update', 'delete', 'sync', 'override', '*'])
const EFFECTS: ReadonlySet<string> = new Set(['allow', 'deny'])
const ACTION_FAMILY = /(?:action|update|delete)\//

/** The first fault of a role, or undefined (argo-cd v3.5.1 `types.go` `validatePolicy`, `validateGroupName`). */
export function describeRole(project: string, role: ProjectRole): ProjectFault | undefined {
  const { name } = role
  if (!ROLE_NAME.test(name)) {
    const rule = `Must consist of alphanumeric characters, '-' or '_', and must start and end with an alphanumeric character`
    return invalid(`invalid role name '${name}'. ${rule}`)
  }
  const policies = eachOnce(role.policies ?? [], (policy) => policyFault(policy, project, name))
  if (policies !== undefined) return told(policies, (policy) => `policy '${policy}' already exists for role '${name}'`)
  const groups = eachOnce(role.groups ?? [], groupFault)
  return groups === undefined
    ? undefined
    : told(groups, (group) => `group '${group}' already exists for role '${name}'`)
}

/** The lines of a role as upstream stores them: `, ` between the parts. */
export function normalizePolicy(policy: string): string {
  const [first = '', ...rest] = policy.split(',')
  return [first, ...rest.map((part) => part.replace(/^ +| +$/g, ''))].join(', ')
}

function invalid(message: string): ProjectFault {
  return { code: 'InvalidArgument', message }
}

type Found = { readonly twice: string } | { readonly fault: string }

function eachOnce(values: readonly string[], faultOf: (value: string) => string | undefined): Found | undefined {
  const seen = new Set<string>()
  for (const value of values) {
    if (seen.has(value)) return { twice: value }
    seen.add(value)
    const fault = faultOf(value)
    if (fault !== undefined) return { fault }
  }
  return undefined
}

function told(found: Found, twice: (value: string) => string): ProjectFault {
  return 'fault' in found ? invalid(found.fault) : { code: 'AlreadyExists', message: twice(found.twice) }
}

function policyFault(policy: string, project: string, role: string): string | undefined {
  const parts = policy.split(',').map((part) => part.replace(/^ +| +$/g, ''))
  const isForm = parts.length === 6 && parts[0] === 'p' && policy.length <= MAX_POLICY_LENGTH
  const fault = isForm
    ? partFault(parts.slice(1), project, `proj:${project}:${role}`)
    : `must be of the form: 'p, sub, res, act, obj, eft'`
  return fault === undefined ? undefined : `invalid policy rule '${policy.slice(0, MAX_POLICY_LENGTH)}': ${fault}`
}

function partFault(parts: readonly string[], project: string, wanted: string): string | undefined {
  const [subject = '', resource = '', action = '', object = '', effect = ''] = parts
  if (subject !== wanted) return `policy subject must be: '${wanted}', not '${subject}'`
  if (!RESOURCES.has(resource)) {
    const known = `'applications', 'applicationsets', 'repositories', 'exec', 'logs' or 'clusters'`
    return `project resource must be: ${known}, not '${resource}'`
  }
  if (!ACTIONS.has(action) && !ACTION_FAMILY.test(action)) return `invalid action '${action}'`
  if (!isObjectOf(project, object)) {
    const forms = `'${project}/*', '${project}[/<NAMESPACE>]/<APPNAME>' or '${project}/<APPNAME>'`
    return `object must be of form ${forms}, not '${object}'`
  }
  return EFFECTS.has(effect) ? undefined : `effect must be: 'allow' or 'deny'`
}

/** `<project>/<application>`, with a namespace between them or not. */
function isObjectOf(project: string, object: string): boolean {
  if (!object.startsWith(`${project}/`)) return false
  const parts = object.slice(project.length + 1).split('/')
  return parts.length <= 2 && parts.every((part) => /^[*\w.-]+$/.test(part))
}

function groupFault(group: string): string | undefined {
  const trimmed = group.trim()
  const isQuoted = trimmed.length > 1 && trimmed.startsWith('"') && trimmed.endsWith('"')
  if (!isQuoted && trimmed.includes(',')) return `group '${trimmed}' must be quoted`
  const name = isQuoted ? trimmed.slice(1, -1) : trimmed
  if (name === '') return `group '${name}' is empty`
  if (WRONG_IN_GROUP.test(name)) return `group '${name}' contains invalid characters`
  if (group.length > 1 && /^\s/.test(group)) return `group '${name}' contains a leading space`
  return group.length > 1 && /\s$/.test(group) ? `group '${name}' contains a trailing space` : undefined
}
