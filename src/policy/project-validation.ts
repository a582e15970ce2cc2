// What is wrong with a project in itself, in the texts of upstream's API.
import { compileGlob } from '../base/glob.ts'
import { CapstanError, messageOf } from '../base/errors.ts'
import type { AppProject, AppProjectSpec, ProjectRole, SyncWindow } from '../crds/app-project.ts'
import type { ProjectFault } from './project-fault.ts'
import { describeRole } from './role-validation.ts'
import { windowFault } from './sync-windows.ts'

/** The first fault of a project, or undefined (argo-cd v3.5.1 `app_project_types.go` `ValidateProject`, in its order). */
export function findProjectFault(project: AppProject): ProjectFault | undefined {
  const { spec, metadata } = project
  return (
    destinationFault(spec) ??
    duplicate(spec.sourceNamespaces ?? [], (name) => `source namespace '${name}' already added`) ??
    repositoryFault(spec) ??
    roleFault(metadata.name ?? '', spec.roles ?? []) ??
    windowsFault(spec.syncWindows ?? []) ??
    accountFault(spec)
  )
}

/** Throws the first fault as `already-exists` or `bad-input`. */
export function requireValidProject(project: AppProject): void {
  const fault = findProjectFault(project)
  if (fault === undefined) return
  throw new CapstanError(fault.code === 'AlreadyExists' ? 'already-exists' : 'bad-input', fault.message)
}

function invalid(message: string): ProjectFault {
  return { code: 'InvalidArgument', message }
}

/** The first value that stands twice in a list. */
function duplicate(values: readonly string[], message: (value: string) => string): ProjectFault | undefined {
  const seen = new Set<string>()
  for (const value of values) {
    if (seen.has(value)) return invalid(message(value))
    seen.add(value)
  }
  return undefined
}

function destinationFault({ destinations = [] }: AppProjectSpec): ProjectFault | undefined {
  const seen = new Set<string>()
  for (const { name = '', server = '', namespace = '' } of destinations) {
    for (const [field, value] of Object.entries({ name, server, namespace })) {
      if (value === '!*') return invalid(`${field} has an invalid format, '!*'`)
    }
    const key = `${server === '' && name !== '' ? name : server}/${namespace}`
    if (seen.has(key)) return invalid(`destination '${key}' already added`)
    seen.add(key)
  }
  return undefined
}

function repositoryFault({ sourceRepos = [] }: AppProjectSpec): ProjectFault | undefined {
  const wrong = sourceRepos.indexOf('!*')
  const before = wrong < 0 ? sourceRepos : sourceRepos.slice(0, wrong)
  const twice = duplicate(before, (url) => `source repository '${url}' already added`)
  return twice ?? (wrong < 0 ? undefined : invalid(`source repository has an invalid format, '!*'`))
}

function roleFault(project: string, roles: readonly ProjectRole[]): ProjectFault | undefined {
  const seen = new Set<string>()
  for (const role of roles) {
    if (seen.has(role.name)) return { code: 'AlreadyExists', message: `role '${role.name}' already exists` }
    seen.add(role.name)
    const fault = describeRole(project, role)
    if (fault !== undefined) return fault
  }
  return undefined
}

function windowsFault(windows: readonly SyncWindow[]): ProjectFault | undefined {
  const seen = new Set<string>()
  for (const window of windows) {
    const { kind = '', schedule = '', duration = '' } = window
    const key = identityOf(window)
    if (seen.has(key)) {
      const what = `kind '${kind}', schedule '${schedule}', and duration '${duration}'`
      return { code: 'AlreadyExists', message: `sync window with ${what} already exists` }
    }
    seen.add(key)
    const fault = windowFault(window)
    if (fault !== undefined) return { code: 'Unknown', message: fault }
    if (hasTarget(window)) continue
    const message = `window '${kind}':'${schedule}':'${duration}' requires one of application, cluster or namespace`
    return { code: 'OutOfRange', message }
  }
  return undefined
}

/** What tells windows apart: neither description nor what they let through. */
function identityOf({ description: _d, manualSync: _m, syncOverrun: _s, ...rest }: SyncWindow): string {
  return JSON.stringify(Object.entries(rest).toSorted(([a], [b]) => (a < b ? -1 : 1)))
}

function hasTarget({ applications = [], namespaces = [], clusters = [] }: SyncWindow): boolean {
  return applications.length + namespaces.length + clusters.length > 0
}

/** Characters that no name of a service account has (upstream's serviceAccountDisallowedCharSet). */
const WRONG_IN_ACCOUNT = /[!*[\]{}\\/]/

/** True for what may stand as a service account: `name` or `namespace:name`. */
export function isServiceAccount(text: string): boolean {
  return text.replaceAll(' ', '') !== '' && !WRONG_IN_ACCOUNT.test(text)
}

function accountFault({ destinationServiceAccounts = [] }: AppProjectSpec): ProjectFault | undefined {
  const seen = new Set<string>()
  for (const { server, namespace = '', defaultServiceAccount } of destinationServiceAccounts) {
    const wrong = Object.entries({ server, namespace }).find(([, pattern]) => pattern.includes('!'))
    if (wrong !== undefined) return invalid(`${wrong[0]} has an invalid format, '${wrong[1]}'`)
    if (!isServiceAccount(defaultServiceAccount))
      return invalid(`defaultServiceAccount has an invalid format, '${defaultServiceAccount}'`)
    const broken = Object.entries({ server, namespace }).find(([, pattern]) => globFault(pattern) !== undefined)
    if (broken !== undefined) return invalid(`${broken[0]} has an invalid format, '${broken[1]}'`)
    const key = `${server}/${namespace}`
    if (seen.has(key)) return invalid(`destinationServiceAccount '${key}' already added`)
    seen.add(key)
  }
  return undefined
}

/** Why a text is no glob, or undefined. */
function globFault(pattern: string): string | undefined {
  try {
    compileGlob(pattern)
    return undefined
  } catch (error) {
    return messageOf(error)
  }
}
