// Who owns which field: managedFields kept for every writer, and server-side apply.
import { CapstanError } from '../../base/errors.ts'
import { ApplyConflictError } from '../../kube/apply/apply-conflict.ts'
import {
  applyPatch,
  topLevelFields,
  updateManagedFields,
  type ApplyResult,
  type WriteOptions as ManagedOptions,
} from '../../kube/apply/field-manager.ts'
import type { JsonObject, KubeObject } from '../../kube/object.ts'
import { PatchError } from '../../kube/patch/patch-error.ts'
import { apiVersionOf, type Resource } from './resource.ts'
import { ApiError, badRequest, unknownError } from './status.ts'
import { hasStatusSubresource } from './strategy.ts'

export interface ManagedWrite {
  /** The object before the write; undefined at creation. */
  readonly live: KubeObject | undefined
  readonly object: KubeObject
  readonly manager: string
  /** `status`, `scale`, or empty. */
  readonly subresource: string
  readonly resource: Resource
  readonly nowMs: number
}

/** What a write of the main resource, and one of its status, leaves alone (`GetResetFields`). */
const RESET_ON_MAIN = topLevelFields('status')
const RESET_ON_STATUS = topLevelFields('spec', 'metadata')

/** The object with the entry of its writer brought up to date. */
export function trackUpdate(write: ManagedWrite): KubeObject {
  // The replicas of a custom resource change without a new entry.
  if (write.subresource === 'scale' && write.resource.custom !== undefined) return write.object
  const tracked = updateManagedFields(write.live, write.object, optionsOf(write))
  return write.subresource === 'scale' ? withoutScaleTimes(tracked) : tracked
}

/** Entries made through /scale lose their time on the way from the Scale to its parent. */
function withoutScaleTimes(object: KubeObject): KubeObject {
  const managedFields = object.metadata.managedFields?.map((entry) => {
    if (entry['subresource'] !== 'scale') return entry
    const { time: _time, ...rest } = entry
    return rest
  })
  return managedFields === undefined ? object : { ...object, metadata: { ...object.metadata, managedFields } }
}

/** Server-side apply: 409 with a cause for every field of another, 400 or 500 where the configuration does not fit. */
export function applyConfiguration(write: ManagedWrite, force: boolean): ApplyResult {
  try {
    return applyPatch(write.live, write.object, { ...optionsOf(write), force })
  } catch (error) {
    throw applyError(error)
  }
}

function applyError(error: unknown): unknown {
  if (error instanceof ApplyConflictError) {
    const causes = error.causes.map((cause): JsonObject => ({ ...cause }))
    return new ApiError(409, 'Conflict', error.message, { details: { causes } })
  }
  if (error instanceof PatchError)
    return error.fault === 'bad-request' ? badRequest(error.message) : unknownError(error.message)
  return error instanceof CapstanError ? unknownError(error.message) : error
}

function optionsOf(write: ManagedWrite): ManagedOptions {
  const { resource, subresource } = write
  const reset = resetFields(resource, subresource)
  return {
    manager: write.manager,
    schema: resource.schema,
    apiVersion: apiVersionOf(resource),
    nowMs: write.nowMs,
    ...(subresource === '' ? {} : { subresource }),
    ...(reset === undefined ? {} : { resetFields: reset }),
  }
}

function resetFields(resource: Resource, subresource: string): typeof RESET_ON_MAIN | undefined {
  if (subresource === 'status') return RESET_ON_STATUS
  return hasStatusSubresource(resource) ? RESET_ON_MAIN : undefined
}
