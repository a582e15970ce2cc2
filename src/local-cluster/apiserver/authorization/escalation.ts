// Nobody grants more than they have: checks on new and changed roles and bindings (`pkg/registry/rbac`, kubernetes v1.36.3).
import { deepEqual } from '../../../kube/json-value.ts'
import type { JsonObject, JsonValue, KubeObject } from '../../../kube/object.ts'
import type { AdmissionRequest } from '../call.ts'
import { ApiError, forbidden, type ResourceName } from '../status.ts'
import { MASTERS } from './authorizer.ts'
import { checkAction } from './check-request.ts'
import { compactRules, quotedList, ruleText, uncovered, type PolicyRule, type ResourceAction } from './policy-rule.ts'
import { missingRole, roleRefIn, rulesIn } from './role-index.ts'

const GROUP = 'rbac.authorization.k8s.io'

/** Everything there is: what only an administrator has. */
const ALL_RULES: readonly PolicyRule[] = [
  { verbs: ['*'], apiGroups: ['*'], resources: ['*'] },
  { verbs: ['*'], nonResourceURLs: ['*'] },
]

/** Throws 403 for a role, or a binding to one, that gives what its writer does not have; and for a PUT or an apply that creates without permission to. */
export function admitWithinRights(request: AdmissionRequest): KubeObject {
  const { call, operation, object } = request
  if (operation === 'DELETE' || call.user.groups.includes(MASTERS)) return object
  if (operation === 'CREATE' && call.request.method !== 'POST') checkCreation(request)
  if (call.resource.group !== GROUP || isGarbageCollection(request)) return object
  if (call.resource.resource.endsWith('bindings')) checkBinding(request)
  else checkRole(request)
  return object
}

/** Whoever may update is not thereby allowed to create. */
function checkCreation({ call }: AdmissionRequest): void {
  const { group, resource } = call.resource
  const { name = '' } = call.route
  const action = { kind: 'resource', verb: 'create', group, resource, subresource: '', name, namespace: call.namespace } as const // prettier-ignore
  checkAction(call.server.authorizer, call.user, action)
}

/** The garbage collector changes owners and finalizers of roles it could not write itself. */
function isGarbageCollection({ object, old }: AdmissionRequest): boolean {
  return old !== undefined && deepEqual(withoutOwners(object), withoutOwners(old))
}

function withoutOwners(object: KubeObject): JsonValue {
  const { ownerReferences: _o, finalizers: _f, managedFields: _m, resourceVersion: _r, ...metadata } = object.metadata
  return { ...object, metadata } as unknown as JsonValue // an object and its metadata hold JSON values only
}

function checkRole(request: AdmissionRequest): void {
  const { call, object, old } = request
  const { group, resource } = call.resource
  const name = call.route.name ?? ''
  if (isAllowed(request, { verb: 'escalate', group, resource, name })) return
  const isAggregated = [object, old].some((one) => one !== undefined && aggregates(one))
  if (isAggregated && lacking(request, ALL_RULES).length > 0) {
    throw forbidden(call.resource, object.metadata.name ?? '', 'must have cluster-admin privileges to use an aggregationRule') // prettier-ignore
  }
  refuseEscalation(request, rulesIn(object))
}

function aggregates(role: KubeObject): boolean {
  const rule = (role as KubeObject & { readonly aggregationRule?: JsonObject }).aggregationRule
  return rule !== undefined && ((rule['clusterRoleSelectors'] ?? []) as readonly JsonValue[]).length > 0
}

function checkBinding(request: AdmissionRequest): void {
  const { call, object } = request
  const ref = roleRefIn(object)
  const resource = ref.kind === 'Role' ? 'roles' : 'clusterroles'
  if (isAllowed(request, { verb: 'bind', group: ref.apiGroup, resource, name: ref.name })) return
  const rules = call.server.authorizer.rulesOf(ref, call.namespace)
  if (rules === undefined) throw noSuchRole(ref)
  refuseEscalation(request, rules)
}

function noSuchRole(ref: ReturnType<typeof roleRefIn>): ApiError {
  const { resource, text } = missingRole(ref)
  return new ApiError(404, 'NotFound', text, { details: { name: ref.name, group: GROUP, kind: resource } })
}

function isAllowed({ call }: AdmissionRequest, wanted: ResourceName & Pick<ResourceAction, 'verb' | 'name'>): boolean {
  const action: ResourceAction = { kind: 'resource', subresource: '', namespace: call.namespace, ...wanted }
  return call.server.authorizer.decide(call.user, action).allowed
}

function lacking({ call }: AdmissionRequest, rules: readonly PolicyRule[]): readonly PolicyRule[] {
  return uncovered(call.server.authorizer.rulesFor(call.user, call.namespace).rules, rules)
}

function refuseEscalation(request: AdmissionRequest, rules: readonly PolicyRule[]): void {
  const missing = lacking(request, rules)
  if (missing.length === 0) return
  const { call, object } = request
  const texts = [...new Set(compactRules(missing).map(ruleText))].toSorted()
  const { errors } = call.server.authorizer.rulesFor(call.user, call.namespace)
  const resolution = errors.length === 0 ? '' : `; resolution errors: [${errors.length === 1 ? (errors[0] ?? '') : `[${errors.join(', ')}]`}]` // prettier-ignore
  const why = `user ${JSON.stringify(call.user.name)} (groups=${quotedList(call.user.groups)}) is attempting to grant RBAC permissions not currently held:\n${texts.join('\n')}${resolution}`
  throw forbidden(call.resource, object.metadata.name ?? '', why)
}
