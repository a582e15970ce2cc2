// DeleteOptions from body and query.
import { isObject } from '../../kube/json-value.ts'
import type { JsonObject, KubeObject } from '../../kube/object.ts'
import type { FieldFault } from '../kinds/contract.ts'
import { readBody } from './body.ts'
import type { Call } from './call.ts'
import { expectedKind } from './expected-kind.ts'
import { textOf } from './json-text.ts'
import { dryRunFaults, isTrue } from './options.ts'
import { invalidValue, notSupported } from '../kinds/validation/faults.ts'
import { badRequest, conflict, invalid, type ApiError } from './status.ts'

export type Propagation = 'Foreground' | 'Background' | 'Orphan'

export interface DeleteOptions {
  readonly dryRun: boolean
  readonly gracePeriodSeconds: number | undefined
  readonly propagationPolicy: Propagation | undefined
  readonly uid: string | undefined
  readonly resourceVersion: string | undefined
}

/** Reads the options of a delete. Throws 400 for a body of another kind, 422 for values that do not exist. */
export function deleteOptions(call: Call): DeleteOptions {
  const body = readOptions(call)
  const { query } = call
  const policy = body['propagationPolicy'] ?? query.get('propagationPolicy') ?? undefined
  const orphan =
    body['orphanDependents'] ?? (query.has('orphanDependents') ? isTrue(query.get('orphanDependents')) : undefined)
  const dryRun = [...(Array.isArray(body['dryRun']) ? body['dryRun'].map(String) : []), ...query.getAll('dryRun')]
  const faults = [...policyFaults(policy, orphan), ...dryRunFaults(dryRun)]
  if (faults.length > 0) throw invalid({ group: 'meta.k8s.io', kind: 'DeleteOptions' }, '', faults)
  const preconditions = isObject(body['preconditions']) ? body['preconditions'] : {}
  return {
    dryRun: dryRun.length > 0,
    gracePeriodSeconds: graceOf(body['gracePeriodSeconds'] ?? query.get('gracePeriodSeconds') ?? undefined),
    propagationPolicy: propagation(policy, orphan),
    uid: givenText(preconditions['uid']),
    resourceVersion: givenText(preconditions['resourceVersion']),
  }
}

function readOptions(call: Call): JsonObject {
  const { body } = call.request
  if (body === undefined || body.length === 0) return {}
  const gvk = { group: '', version: 'v1', kind: 'DeleteOptions' }
  const { value } = readBody(body, call.request.headers, expectedKind(call, gvk))
  if (!isObject(value)) throw badRequest('the object provided is unrecognized (must be of type DeleteOptions)')
  const kind = textOf(value['kind'])
  if (kind !== '' && kind !== 'DeleteOptions') {
    const version = JSON.stringify(value['apiVersion'] ?? '')
    throw badRequest(
      `no kind ${JSON.stringify(kind)} is registered for version ${version} in scheme "pkg/runtime/scheme.go:111"`,
    )
  }
  return value
}

function policyFaults(policy: unknown, orphan: unknown): readonly FieldFault[] {
  if (policy === undefined || policy === null) return []
  if (orphan !== undefined && orphan !== null) {
    return [
      invalidValue('propagationPolicy', textOf(policy), 'orphanDependents and deletionPropagation cannot be both set'),
    ]
  }
  if (policy === 'Foreground' || policy === 'Background' || policy === 'Orphan') return []
  return [notSupported('propagationPolicy', textOf(policy), ['Foreground', 'Background', 'Orphan', 'nil'])]
}

function propagation(policy: unknown, orphan: unknown): Propagation | undefined {
  if (policy === 'Foreground' || policy === 'Background' || policy === 'Orphan') return policy
  if (orphan === undefined || orphan === null) return undefined
  return orphan === true ? 'Orphan' : 'Background'
}

function graceOf(value: unknown): number | undefined {
  if (value === undefined || value === null) return undefined
  const seconds = Number(value)
  if (!Number.isInteger(seconds))
    throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(textOf(value))}: invalid syntax`)
  return Math.max(0, seconds)
}

function givenText(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}

/** Throws 409 where the object is not the one the client means. */
export function checkDeletePreconditions(call: Call, options: DeleteOptions, object: KubeObject): void {
  const name = object.metadata.name ?? ''
  const { uid, resourceVersion } = object.metadata
  if (options.uid !== undefined && options.uid !== uid) {
    const why = `the UID in the precondition (${options.uid}) does not match the UID in record (${uid ?? ''}). The object might have been deleted and then recreated`
    throw kindConflict(call, name, why)
  }
  if (options.resourceVersion !== undefined && options.resourceVersion !== resourceVersion) {
    const why = `the ResourceVersion in the precondition (${options.resourceVersion}) does not match the ResourceVersion in record (${resourceVersion ?? ''}). The object might have been modified`
    throw kindConflict(call, name, why)
  }
}

/** These conflicts name the kind where others name the resource. */
function kindConflict(call: Call, name: string, why: string): ApiError {
  return conflict({ group: call.resource.group, resource: call.resource.kind }, name, why)
}
