// Reviews of access: may this user do that, and everything a user may do (`pkg/registry/authorization`, kubernetes v1.36.3).
import type { JsonObject, KubeObject } from '../../../kube/object.ts'
import { aggregate } from '../authorization/authorizer.ts'
import type { Action, PolicyRule } from '../authorization/policy-rule.ts'
import type { Call } from '../call.ts'
import { textOf } from '../json-text.ts'
import { forbiddenValue, invalidValue } from '../../kinds/validation/faults.ts'
import { badRequest, invalid } from '../status.ts'
import type { FieldFault } from '../../kinds/contract.ts'
import type { UserInfo } from '../user.ts'

type Review = KubeObject & { readonly spec?: JsonObject }

/** May the sender do this? */
export function selfAccess(call: Call, review: KubeObject): JsonObject {
  const spec = (review as Review).spec ?? {}
  refuse(call, attributeFaults(spec))
  return answer(call, call.user, spec)
}

/** May the named user do this? */
export function subjectAccess(call: Call, review: KubeObject): JsonObject {
  const spec = (review as Review).spec ?? {}
  refuse(call, [...attributeFaults(spec), ...subjectFaults(spec)])
  return answer(call, subjectOf(spec), spec)
}

/** May the named user do this in the namespace of the review? */
export function localSubjectAccess(call: Call, review: KubeObject): JsonObject {
  const spec = (review as Review).spec ?? {}
  const { nonResourceAttributes: plain, resourceAttributes: resource } = spec
  const here = plain === undefined ? [] : [forbiddenValue('spec.nonResourceAttributes', 'disallowed on this kind of request')] // prettier-ignore
  refuse(call, [...attributeFaults(spec), ...subjectFaults(spec), ...here])
  const namespace = textOf((resource as JsonObject | undefined)?.['namespace'])
  if (namespace !== call.namespace) {
    throw badRequest(`spec.resourceAttributes.namespace must match namespace: ${call.namespace}`)
  }
  return answer(call, subjectOf(spec), spec)
}

/** Everything the sender may do in a namespace. */
export function selfRules(call: Call, review: KubeObject): JsonObject {
  const namespace = textOf((review as Review).spec?.['namespace'])
  if (namespace === '') throw badRequest('no namespace on request')
  const { rules, errors } = call.server.authorizer.rulesFor(call.user, namespace)
  const fields = (rule: PolicyRule, names: readonly (keyof PolicyRule)[]): JsonObject =>
    Object.fromEntries(names.flatMap((name) => ((rule[name] ?? []).length === 0 ? [] : [[name, [...(rule[name] ?? [])]]]))) // prettier-ignore
  return {
    resourceRules: rules
      .filter((rule) => (rule.resources ?? []).length > 0)
      .map((rule) => fields(rule, ['verbs', 'apiGroups', 'resources', 'resourceNames'])),
    nonResourceRules: rules
      .filter((rule) => (rule.nonResourceURLs ?? []).length > 0)
      .map((rule) => fields(rule, ['verbs', 'nonResourceURLs'])),
    incomplete: errors.length > 0,
    ...(errors.length === 0 ? {} : { evaluationError: aggregate(errors) }),
  }
}

function answer(call: Call, user: UserInfo, spec: JsonObject): JsonObject {
  const { allowed, reason } = call.server.authorizer.decide(user, actionIn(spec))
  return { allowed, ...(reason === '' ? {} : { reason }) }
}

function actionIn(spec: JsonObject): Action {
  const plain = spec['nonResourceAttributes'] as JsonObject | undefined // checked before
  if (plain !== undefined) return { kind: 'path', verb: textOf(plain['verb']), path: textOf(plain['path']) }
  const wanted = (spec['resourceAttributes'] ?? {}) as JsonObject // checked before
  const text = (field: string): string => textOf(wanted[field])
  return {
    kind: 'resource',
    verb: text('verb'),
    group: text('group'),
    resource: text('resource'),
    subresource: text('subresource'),
    name: text('name'),
    namespace: text('namespace'),
  }
}

function subjectOf(spec: JsonObject): UserInfo {
  const groups = Array.isArray(spec['groups']) ? spec['groups'].map(String) : []
  return { name: textOf(spec['user']), groups }
}

function subjectFaults(spec: JsonObject): readonly FieldFault[] {
  const { name, groups } = subjectOf(spec)
  if (name !== '' || groups.length > 0) return []
  return [invalidValue('spec.user', '', 'at least one of user or group must be specified')]
}

function attributeFaults(spec: JsonObject): readonly FieldFault[] {
  const { resourceAttributes: resource, nonResourceAttributes: plain } = spec
  if (resource === undefined && plain === undefined) {
    const text = 'exactly one of nonResourceAttributes or resourceAttributes must be specified'
    return [invalidValue('spec.resourceAttributes', null, text)]
  }
  if (resource === undefined || plain === undefined) return []
  const { path = '', verb = '' } = plain as { readonly path?: string; readonly verb?: string }
  const shown = { Path: path, Verb: verb }
  return [
    invalidValue('spec.nonResourceAttributes', shown, 'cannot be specified in combination with resourceAttributes'),
  ]
}

/** These faults name the group and no kind. */
function refuse(call: Call, faults: readonly FieldFault[]): void {
  if (faults.length > 0) throw invalid({ group: call.resource.group, kind: '' }, '', faults)
}
