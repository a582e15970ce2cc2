// Who may do what: argocd-rbac-cm, the built-in policy, and the roles of projects.
import { CapstanError } from '../../base/errors.ts'
import type { AppProject } from '../../crds/app-project.ts'
import type { KubeObject } from '../../kube/object.ts'
import { readConfigMap } from '../../settings/map-reader.ts'
import { builtinPolicy } from './builtin-policy.ts'
import { type AccessRequest, createEnforcer, type EnforcerIndex, type MatchMode } from './enforcer.ts'
import { parsePolicy, type PolicyLines } from './policy-lines.ts'

export interface RbacSettings {
  /** policy.csv, then the other policy.<name>.csv in the order of their names. */
  readonly policy: string
  /** Role whose rights everybody has; empty: none. */
  readonly defaultRole: string
  /** Claims whose values are groups. */
  readonly scopes: readonly string[]
  readonly matchMode: MatchMode
}

/** Somebody who asks: an account, an SSO user, or a project token (`proj:<project>:<role>`), with the groups claimed. */
export interface Subject {
  readonly subject: string
  readonly groups: readonly string[]
}

export interface AccessPolicy {
  /** Claims whose values are groups. */
  readonly scopes: readonly string[]
  isAllowed(who: Subject, request: AccessRequest): boolean
}

/** Reads argocd-rbac-cm; `undefined` gives the defaults. Throws `bad-input` naming the map and the key. */
export function parseRbacSettings(configMap: KubeObject | undefined): RbacSettings {
  const reader = readConfigMap(
    configMap ?? { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'argocd-rbac-cm' } },
  )
  const more = reader
    .keys()
    .filter((key) => key.startsWith('policy.') && key.endsWith('.csv') && key !== 'policy.csv')
    .toSorted()
  const texts = ['policy.csv', ...more].map((key) => reader.text(key) ?? '')
  const scopes = reader.text('scopes') === undefined ? ['groups'] : parseScopes(reader.yaml('scopes'))
  if (scopes === undefined) throw reader.wrong('scopes', 'is no list of claims: write it as [groups, email]')
  return {
    policy: texts.filter((text) => text !== '').join('\n'),
    defaultRole: reader.text('policy.default') ?? '',
    scopes,
    matchMode: reader.choice('policy.matchMode', ['glob', 'regex'] as const) ?? 'glob',
  }
}

function parseScopes(value: unknown): readonly string[] | undefined {
  return Array.isArray(value) && value.every((item) => typeof item === 'string') ? value : undefined
}

/** Resources whose objects begin with the name of a project. */
const PROJECT_SCOPED = new Set(['applications', 'applicationsets', 'logs', 'exec', 'repositories', 'clusters'])

/**
 * The policy in force. `projectOf` finds a project by name; its roles are read when first needed and kept per object.
 * Throws `bad-input` naming the line where `settings.policy` does not parse.
 */
export function createAccessPolicy(
  settings: RbacSettings,
  projectOf: (name: string) => AppProject | undefined,
): AccessPolicy {
  const global = createEnforcer(parsePolicy(`${builtinPolicy()}\n${settings.policy}`), settings.matchMode)
  const perProject = new WeakMap<AppProject, EnforcerIndex>()

  function enforcerFor(project: AppProject | undefined): EnforcerIndex {
    if (project === undefined) return global
    const known = perProject.get(project)
    if (known !== undefined) return known
    const made = projectEnforcer(project, settings.matchMode, global)
    perProject.set(project, made)
    return made
  }

  function isAllowed(who: Subject, request: AccessRequest): boolean {
    if (settings.defaultRole !== '' && global.isAllowed(settings.defaultRole, request)) return true
    const project = projectOfRequest(request, projectOf)
    const enforcer = enforcerFor(project)
    if (settings.defaultRole !== '' && enforcer !== global && enforcer.isAllowed(settings.defaultRole, request))
      return true
    if (project !== undefined && who.subject.startsWith('proj:')) {
      return isRoleOf(who.subject, project) && enforcer.isAllowed(who.subject, request)
    }
    if (enforcer.isAllowed(who.subject, request)) return true
    // A provider's group may be called like a role of ours; only the policy puts somebody into one.
    return who.groups.some((group) => {
      return !/^(?:role|proj):/.test(group) && enforcer.isMember(group) && enforcer.isAllowed(group, request)
    })
  }

  return { isAllowed, scopes: settings.scopes }
}

function projectOfRequest(
  { resource, object }: AccessRequest,
  projectOf: (name: string) => AppProject | undefined,
): AppProject | undefined {
  if (resource === 'projects') return projectOf(object)
  const slash = object.indexOf('/')
  return PROJECT_SCOPED.has(resource) && slash >= 0 ? projectOf(object.slice(0, slash)) : undefined
}

/** A token of one project has no say in another. */
function isRoleOf(subject: string, project: AppProject): boolean {
  const [, name, , more] = subject.split(':')
  return more === undefined && name === project.metadata.name
}

/** A project whose lines do not parse adds nothing: its members keep what the global policy gives them. */
function projectEnforcer(project: AppProject, mode: MatchMode, global: EnforcerIndex): EnforcerIndex {
  try {
    return createEnforcer(projectPolicy(project), mode, global)
  } catch (error) {
    if (error instanceof CapstanError) return global
    throw error
  }
}

/**
 * The lines a project stands for: its roles may see it, hold their policies, and belong to their groups. A line of a role about
 * another subject is left out: whoever may edit a project must not give rights to others. Throws `bad-input` like `parsePolicy`.
 */
export function projectPolicy(project: AppProject): PolicyLines {
  const name = project.metadata.name ?? ''
  const roles = (project.spec.roles ?? []).map((role): PolicyLines => {
    const subject = `proj:${name}:${role.name}`
    const { rules } = parsePolicy((role.policies ?? []).join('\n'))
    return {
      rules: [
        { subject, resource: 'projects', action: 'get', object: name, effect: 'allow' },
        ...rules.filter((rule) => rule.subject === subject),
      ],
      grants: (role.groups ?? []).map((group) => ({ member: group, role: subject })),
    }
  })
  return { rules: roles.flatMap((role) => role.rules), grants: roles.flatMap((role) => role.grants) }
}

const PROJECT_RESOURCES = new Set(['applications', 'applicationsets', 'repositories', 'exec', 'logs', 'clusters'])

/** What is wrong with a policy line of a project's role; none where all is well (upstream `validatePolicy`). */
export function describeRolePolicy(project: string, role: string, line: string): string | undefined {
  const [kind, subject, resource, , object, effect, ...more] = line.split(',').map((part) => part.trim())
  if (kind !== 'p' || effect === undefined || more.length > 0) {
    return `invalid policy rule '${line}': must be of the form: 'p, sub, res, act, obj, eft'`
  }
  if (subject !== `proj:${project}:${role}`) {
    return `invalid policy rule '${line}': policy subject must be: 'proj:${project}:${role}', not '${subject}'`
  }
  if (!PROJECT_RESOURCES.has(resource ?? '')) {
    return `invalid policy rule '${line}': project resource must be one of: ${[...PROJECT_RESOURCES].join(', ')}, not '${resource}'`
  }
  if (!object?.startsWith(`${project}/`)) {
    return `invalid policy rule '${line}': object must be of form '${project}/*', '${project}[/<NAMESPACE>]/<APPNAME>' or '${project}/<APPNAME>', not '${object}'`
  }
  if (effect !== 'allow' && effect !== 'deny') {
    return `invalid policy rule '${line}': effect must be: 'allow' or 'deny', not '${effect}'`
  }
  return undefined
}
