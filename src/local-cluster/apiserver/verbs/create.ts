// POST to a collection.
import type { ApiResponse } from '../../../kube/client/transport.ts'
import type { Call } from '../call.ts'
import { decodeCall } from '../expected-kind.ts'
import { writeOptions } from '../options.ts'
import { objectAnswer } from '../respond.ts'
import { warnOf } from '../warnings.ts'
import { createObject } from '../write-object.ts'

/** Creates the object in the body; 201 with what was stored. */
export async function createFromBody(call: Call): Promise<ApiResponse> {
  const options = writeOptions('CreateOptions', call.query, call.request.headers['user-agent'])
  const object = decodeCall(call, options.fieldValidation)
  const created = await createObject(call, object, options)
  warnOf(call, created)
  return objectAnswer(call, created, 201)
}
