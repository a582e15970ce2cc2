// The error answers of a Kubernetes API server: one error class, one function per reason, worded as kube-apiserver 1.36.3 does.
import type { GroupKind, JsonObject } from '../../kube/object.ts'
import type { FieldFault } from '../kinds/contract.ts'

/** An error that becomes a Status object. */
export class ApiError extends Error {
  readonly code: number
  readonly reason: string
  readonly details: JsonObject | undefined
  readonly headers: Readonly<Record<string, string>>

  constructor(
    code: number,
    reason: string,
    message: string,
    more: { details?: JsonObject; headers?: Record<string, string> } = {},
  ) {
    super(message)
    this.name = 'ApiError'
    this.code = code
    this.reason = reason
    this.details = more.details
    this.headers = more.headers ?? {}
  }

  /** The same error answered with these headers too. */
  withHeaders(headers: Readonly<Record<string, string>>): ApiError {
    const { details, code, reason, message } = this
    const more = details === undefined ? {} : { details }
    return new ApiError(code, reason, message, { ...more, headers: { ...this.headers, ...headers } })
  }

  /** The Status object clients see. */
  toStatus(): JsonObject {
    return {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message: this.message,
      ...(this.reason === '' ? {} : { reason: this.reason }),
      ...(this.details === undefined ? {} : { details: this.details }),
      code: this.code,
    }
  }
}

/** A resource as messages name it. */
export interface ResourceName {
  readonly group: string
  readonly resource: string
}

/** `deployments.apps`, `configmaps`. */
export function qualified(name: ResourceName): string {
  return name.group === '' ? name.resource : `${name.resource}.${name.group}`
}

/** `Deployment.apps`, `ConfigMap`. */
export function qualifiedKind(kind: GroupKind): string {
  return kind.group === '' ? kind.kind : `${kind.kind}.${kind.group}`
}

function named(resource: ResourceName, name: string): JsonObject {
  return { ...nameDetail(name), ...(resource.group === '' ? {} : { group: resource.group }), kind: resource.resource }
}

/** Empty texts are left out of details, as Go's omitempty does. */
function nameDetail(name: string): JsonObject {
  return name === '' ? {} : { name }
}

export function notFound(resource: ResourceName, name: string): ApiError {
  const details = named(resource, name)
  return new ApiError(404, 'NotFound', `${qualified(resource)} "${name}" not found`, { details })
}

/** The answer where a group is served but not this resource or version of it. */
export function noSuchResource(): ApiError {
  return new ApiError(404, 'NotFound', 'the server could not find the requested resource', { details: {} })
}

export function methodNotAllowed(): ApiError {
  const message = 'the server does not allow this method on the requested resource'
  return new ApiError(405, 'MethodNotAllowed', message, { details: {} })
}

export function alreadyExists(resource: ResourceName, name: string): ApiError {
  const details = named(resource, name)
  return new ApiError(409, 'AlreadyExists', `${qualified(resource)} "${name}" already exists`, { details })
}

/** Generated names that collided: `POST` may be tried again. */
export function generateNameConflict(resource: ResourceName, name: string): ApiError {
  const message = `${qualified(resource)} "${name}" already exists, the server was not able to generate a unique name for the object`
  return new ApiError(409, 'AlreadyExists', message, { details: { ...named(resource, name), retryAfterSeconds: 1 } })
}

const MODIFIED = 'the object has been modified; please apply your changes to the latest version and try again'

export function conflict(resource: ResourceName, name: string, why: string = MODIFIED): ApiError {
  const message = `Operation cannot be fulfilled on ${qualified(resource)} "${name}": ${why}`
  return new ApiError(409, 'Conflict', message, { details: named(resource, name) })
}

export function badRequest(message: string): ApiError {
  return new ApiError(400, 'BadRequest', message)
}

export function forbidden(resource: ResourceName, name: string, why: string, causes?: readonly JsonObject[]): ApiError {
  const subject = name === '' ? qualified(resource) : `${qualified(resource)} "${name}"`
  const details = { ...named(resource, name), ...(causes === undefined ? {} : { causes }) }
  return new ApiError(403, 'Forbidden', `${subject} is forbidden: ${why}`, { details })
}

export function unauthorized(): ApiError {
  return new ApiError(401, 'Unauthorized', 'Unauthorized')
}

/** 422 with one cause a fault; one fault stands bare in the message, several in brackets. */
export function invalid(kind: GroupKind, name: string, faults: readonly FieldFault[]): ApiError {
  const unique = [...new Map(faults.map((fault) => [`${fault.field}: ${fault.message}`, fault])).entries()]
  const texts = unique.map(([text]) => text)
  const list = texts.length === 1 ? (texts[0] ?? '') : `[${texts.join(', ')}]`
  const causes = faults.map((fault) => ({ reason: fault.reason, message: fault.message, field: fault.field }))
  const details = {
    ...nameDetail(name),
    ...(kind.group === '' ? {} : { group: kind.group }),
    ...(kind.kind === '' ? {} : { kind: kind.kind }),
    causes,
  }
  return new ApiError(422, 'Invalid', `${qualifiedKind(kind)} "${name}" is invalid: ${list}`, { details })
}

/** The answer to patches that cannot be applied; it says nothing about why. */
export function rejectedPatch(): ApiError {
  return new ApiError(422, 'Invalid', 'the server rejected our request due to an error in our request', { details: {} })
}

export function internalError(message: string): ApiError {
  const details = { causes: [{ message }] }
  return new ApiError(500, 'InternalError', `Internal error occurred: ${message}`, { details })
}

/** An error of Go code that became an answer without a reason of its own. */
export function unknownError(message: string): ApiError {
  return new ApiError(500, '', message)
}

export function expired(message: string, details?: JsonObject): ApiError {
  return new ApiError(410, 'Expired', message, details === undefined ? {} : { details })
}

export function futureRevision(wanted: string, current: number): ApiError {
  const causes = [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }]
  const message = `Timeout: Too large resource version: ${wanted}, current: ${current}`
  return new ApiError(504, 'Timeout', message, {
    details: { causes, retryAfterSeconds: 1 },
    headers: { 'retry-after': '1' },
  })
}
