// Finds the ApplicationSet of a call, and says where the caller has no right to it (server/applicationset, v3.5.1).
import { CapstanError } from '../../../base/errors.ts'
import type { ApplicationSet } from '../../../crds/application-set.ts'
import type { ResourceRef } from '../../../kube/client/client.ts'
import type { ApplicationSets, Call } from '../../context.ts'
import { textField, type RequestFields } from '../fields.ts'
import { isAllowed } from '../permissions.ts'

/** Throws `unsupported` where this process has none. */
export function setsOf({ context }: Call): ApplicationSets {
  const { applicationSets } = context
  if (applicationSets === undefined) throw new CapstanError('unsupported', 'ApplicationSets are not served here')
  return applicationSets
}

/** `project/name`, with the namespace between where it is not the control plane's. */
export function rbacNameOf({ metadata, spec }: ApplicationSet, controlNamespace: string): string {
  const { name = '', namespace = '' } = metadata
  const project = spec.template.spec.project || 'default'
  return namespace === '' || namespace === controlNamespace ? `${project}/${name}` : `${project}/${namespace}/${name}`
}

/** The namespace a request names, or the control plane's. Throws `forbidden` for one whose ApplicationSets do not count. */
export function enabledNamespace(namespace: string, call: Call): string {
  const place = namespace === '' ? call.context.namespace : namespace
  if (setsOf(call).isNamespaceEnabled(place)) return place
  throw new CapstanError('forbidden', `namespace '${place}' is not permitted`)
}

/** The ApplicationSet named by `name` and `appsetNamespace`, where the caller may do `action` on it. */
export function findSet(request: RequestFields, call: Call, action: string): ApplicationSet {
  const namespace = enabledNamespace(textField(request, 'appsetNamespace'), call)
  const name = textField(request, 'name')
  const set = setsOf(call).sets.get(namespace, name)
  const isHidden = (object: string): boolean => !isAllowed(call, 'applicationsets', action, object)
  // One text for what is not there and what is not theirs: nobody finds out by asking.
  if (isHidden(set === undefined ? '*/*' : rbacNameOf(set, call.context.namespace))) {
    throw new CapstanError('forbidden', 'permission denied')
  }
  if (set === undefined) {
    const text = `error getting ApplicationSet: applicationset.argoproj.io ${JSON.stringify(name)} not found`
    throw new CapstanError('not-found', text)
  }
  return set
}

export function refOf({ metadata }: ApplicationSet, call: Call): ResourceRef {
  const { name = '', namespace = '' } = metadata
  return { type: setsOf(call).sets.type, namespace, name }
}
