// Finds projects for calls, where the caller may do what the call does.
import { CapstanError } from '../../../base/errors.ts'
import type { AppProject } from '../../../crds/app-project.ts'
import { parseAppProject } from '../../../crds/app-project.ts'
import type { ResourceRef } from '../../../kube/client/client.ts'
import { withTokensInStep } from '../../../policy/project-tokens.ts'
import type { Call } from '../../context.ts'
import { textField, type RequestFields } from '../fields.ts'
import { requireAllowed } from '../permissions.ts'

/** As the cache has it, its tokens in both places. Throws `forbidden` before it says that there is none. */
export function findProject(request: RequestFields, call: Call, action: string): AppProject {
  const name = textField(request, 'name')
  requireAllowed(call, 'projects', action, name)
  const project = call.context.projects.get(call.context.namespace, name)
  if (project === undefined) throw notFound(name)
  return withTokensInStep(project)
}

/** As the cluster has it now. */
export async function readProject(name: string, call: Call): Promise<AppProject> {
  const current = await call.context.client.get(refOf(name, call), call.signal)
  if (current === undefined) throw notFound(name)
  return parseAppProject(current)
}

export function refOf(name: string, call: Call): ResourceRef {
  return { type: call.context.projects.type, namespace: call.context.namespace, name }
}

function notFound(name: string): CapstanError {
  return new CapstanError('not-found', `appprojects.argoproj.io "${name}" not found`)
}
