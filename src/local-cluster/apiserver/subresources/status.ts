// PUT and PATCH of /status: the status changes, the rest stays.
import type { ApiResponse } from '../../../kube/client/transport.ts'
import type { Call } from '../call.ts'
import { decodeCall } from '../expected-kind.ts'
import { writeOptions } from '../options.ts'
import { objectAnswer } from '../respond.ts'
import { keepOnStatusUpdate } from '../strategy.ts'
import { applyObject } from '../verbs/apply.ts'
import { patchKind, patchOptions, patchTransform } from '../verbs/patch.ts'
import { withPhaseTime } from './phase-time.ts'
import { checkName, checkNamespace, isUnconditional } from '../verbs/update.ts'
import { updateObject, type UpdateRequest } from '../write-object.ts'

/** Replaces the status by that of the body. */
export async function updateStatus(call: Call): Promise<ApiResponse> {
  const options = writeOptions('UpdateOptions', call.query, call.request.headers['user-agent'])
  const object = decodeCall(call, options.fieldValidation)
  const name = call.route.name ?? ''
  checkName(object, name)
  checkNamespace(call, object)
  const unconditional = isUnconditional(call.resource)
  const { object: written } = await updateObject(call, {
    ...statusWrite(call),
    name,
    options,
    transform: () => object,
    unconditional,
  })
  return objectAnswer(call, written)
}

/** Patches the object and keeps of the result the status alone. */
export async function patchStatus(call: Call): Promise<ApiResponse> {
  const kind = patchKind(call)
  const options = patchOptions(call, kind)
  if (kind === 'apply') {
    const { object } = await applyObject(call, options, statusWrite(call))
    return objectAnswer(call, object)
  }
  const transform = patchTransform(call, kind, options)
  const { object } = await updateObject(call, { ...statusWrite(call), name: call.route.name ?? '', options, transform })
  return objectAnswer(call, object)
}

function statusWrite(call: Call): Pick<UpdateRequest, 'subresource' | 'keep'> {
  return {
    subresource: call.route.subresource ?? 'status',
    keep: (object, old) =>
      withPhaseTime(keepOnStatusUpdate(object, old, call.resource), {
        old,
        resource: call.resource,
        nowMs: call.server.clock.now(),
      }),
  }
}
