// Tokens of a project's roles: for pipelines that may act on one project alone.
import { CapstanError } from '../../../base/errors.ts'
import type { AppProject, JWTToken, ProjectRole } from '../../../crds/app-project.ts'
import { KubeError } from '../../../kube/client/client.ts'
import { withTokensInStep } from '../../../policy/project-tokens.ts'
import { requireValidProject } from '../../../policy/project-validation.ts'
import type { Call } from '../../context.ts'
import { numberField, textField, type RequestFields } from '../fields.ts'
import { callerOf, requireAllowed, wrapErrors } from '../permissions.ts'
import { readProject } from './find.ts'
import { write } from './write.ts'

/** Another writer was quicker: read and change again so often (client-go's `retry.DefaultBackoff`, 4 steps). */
const MAX_ATTEMPTS = 5

/** POST ~/projects/{project}/roles/{role}/token: for whoever may change the project, and members of the role's groups. */
export async function createToken(request: RequestFields, call: Call): Promise<object> {
  return retried(async () => {
    const [name, roleName] = [textField(request, 'project'), textField(request, 'role')]
    requireKnown(name, roleName, call)
    const project = await validProject(name, call)
    const role = project.spec.roles?.find((one) => one.name === roleName)
    if (role === undefined) {
      throw new CapstanError('not-found', `project '${name}' does not have role '${roleName}'`)
    }
    requireRole(role, name, call)
    const id = textField(request, 'id')
    if (id !== '' && role.jwtTokens?.some((token) => token.id === id) === true) {
      throw new CapstanError('bad-input', `rpc error: code = InvalidArgument desc = Token id '${id}' has been used. `)
    }
    const subject = `proj:${name}:${roleName}`
    const seconds = numberField(request, 'expiresIn') ?? 0
    const issued = await call.context.authenticator.issue(subject, seconds, ...(id === '' ? [] : [id]))
    const { issuedAt: iat, expiresAt: exp } = issued
    const entry: JWTToken = { iat, id: issued.id, ...(exp === 0 ? {} : { exp }) }
    await write(
      withTokens(project, role, (tokens) => [...tokens, entry]),
      'ResourceCreated',
      'created token',
      call,
    )
    return { token: issued.token }
  })
}

/** DELETE ~/projects/{project}/roles/{role}/token/{iat}: by id, else by the time of its issue; one that is gone is no error. */
export async function deleteToken(request: RequestFields, call: Call): Promise<object> {
  return retried(async () => {
    const [name, roleName] = [textField(request, 'project'), textField(request, 'role')]
    requireKnown(name, roleName, call)
    const project = await validProject(name, call)
    const role = project.spec.roles?.find((one) => one.name === roleName)
    if (role === undefined) return {}
    requireRole(role, name, call)
    const [id, iat] = [textField(request, 'id'), numberField(request, 'iat') ?? -1]
    const tokens = role.jwtTokens ?? []
    const gone = (id === '' ? undefined : tokens.find((token) => token.id === id)) ?? tokens.find((token) => token.iat === iat) // prettier-ignore
    if (gone === undefined) return {}
    const left = withTokens(project, role, (all) => all.filter((token) => token !== gone))
    await write(left, 'ResourceDeleted', 'deleted token', call)
    return {}
  })
}

async function validProject(name: string, call: Call): Promise<AppProject> {
  const project = withTokensInStep(await readProject(name, call))
  wrapErrors('error validating project', () => requireValidProject(project))
  return project
}

/** Who may do nothing here learns neither of the project nor of its roles. */
function requireKnown(name: string, roleName: string, call: Call): void {
  const { projects, namespace } = call.context
  const role = projects.get(namespace, name)?.spec.roles?.find((one) => one.name === roleName)
  if (role === undefined) requireAllowed(call, 'projects', 'update', name)
  else requireRole(role, name, call)
}

function requireRole(role: ProjectRole, project: string, call: Call): void {
  const { groups } = callerOf(call)
  if (role.groups?.some((group) => groups.includes(group)) === true) return
  requireAllowed(call, 'projects', 'update', project)
}

/** In both places at once, or the next reading would join them again. */
function withTokens(
  project: AppProject,
  role: ProjectRole,
  edit: (tokens: readonly JWTToken[]) => readonly JWTToken[],
): AppProject {
  const tokens = edit(role.jwtTokens ?? [])
  const { jwtTokens: _before, ...bare } = role
  // Go leaves an empty list out.
  const edited = tokens.length === 0 ? bare : { ...bare, jwtTokens: tokens }
  const roles = project.spec.roles?.map((one) => (one === role ? edited : one))
  const kept = tokens.length === 0 ? {} : { items: tokens }
  const jwtTokensByRole = { ...project.status?.jwtTokensByRole, [role.name]: kept }
  const spec = { ...project.spec, ...(roles === undefined ? {} : { roles }) }
  return { ...project, spec, status: { ...project.status, jwtTokensByRole } }
}

async function retried(change: () => Promise<object>): Promise<object> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await change()
    } catch (error) {
      const isConflict = error instanceof KubeError && error.reason === 'Conflict'
      if (!isConflict || attempt === MAX_ATTEMPTS) throw error
    }
  }
}
