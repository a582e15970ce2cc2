// What the commands about projects share: reading a project, and storing it changed.
import type { AppProject, AppProjectSpec, ProjectRole } from '../../crds/app-project.ts'
import { CapstanError } from '../../base/errors.ts'
import { refusal } from '../context.ts'
import type { Call } from '../verb.ts'

export const PROJECT_SERVICE = 'project.ProjectService'

export type ProjectCall = Pick<Call, 'send' | 'print' | 'confirm' | 'args' | 'context'>

export function getProject({ send }: Pick<Call, 'send'>, name: string): Promise<AppProject> {
  return send<AppProject>(`${PROJECT_SERVICE}/Get`, { name })
}

/** Stores the project with these fields of its spec. */
export async function updateProject(
  call: ProjectCall,
  project: AppProject,
  change: Partial<AppProjectSpec>,
): Promise<void> {
  const changed = { ...project, spec: { ...project.spec, ...change } }
  await call.send(`${PROJECT_SERVICE}/Update`, { project: changed })
}

/** The role of that name; `not-found` with upstream's words. */
export function roleOf({ metadata, spec }: AppProject, name: string): ProjectRole {
  const found = spec.roles?.find((role) => role.name === name)
  if (found !== undefined) return found
  throw new CapstanError('not-found', `role '${name}' does not exist in project '${metadata.name ?? ''}'`)
}

/** Stores the project with the role changed; the others stay where they are. */
export async function updateRole(call: ProjectCall, project: AppProject, changed: ProjectRole): Promise<void> {
  const roles = (project.spec.roles ?? []).map((role) => (role.name === changed.name ? changed : role))
  await updateProject(call, project, { roles })
}

/** The key's last 16 digits; a refusal with upstream's words for what is no key (util/sourceintegrity KeyID). */
export function keyIdOf(key: string): string {
  if (/^(?:[0-9a-f]{16}|[0-9a-f]{40})$/i.test(key)) return key.slice(-16)
  throw refusal(`'${key}' is not a valid GnuPG key ID`)
}
