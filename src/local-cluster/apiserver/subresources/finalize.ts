// PUT of namespaces/<name>/finalize: what a namespace still waits for.
import type { ApiResponse } from '../../../kube/client/transport.ts'
import type { JsonObject, KubeObject } from '../../../kube/object.ts'
import type { Call } from '../call.ts'
import { decodeCall } from '../expected-kind.ts'
import { writeOptions } from '../options.ts'
import { objectAnswer } from '../respond.ts'
import { keepOnUpdate } from '../strategy.ts'
import { checkName } from '../verbs/update.ts'
import { updateObject } from '../write-object.ts'

type Namespace = KubeObject & { readonly spec?: JsonObject; readonly status?: JsonObject }

/** Sets spec.finalizers; a terminating namespace without any is removed. */
export async function finalizeNamespace(call: Call): Promise<ApiResponse> {
  const options = writeOptions('UpdateOptions', call.query, call.request.headers['user-agent'])
  const wanted = decodeCall(call, options.fieldValidation) as Namespace
  const name = call.route.name ?? ''
  checkName(wanted, name)
  const { object } = await updateObject(call, {
    name,
    options,
    subresource: 'finalize',
    transform: () => wanted,
    keep: (sent, old) =>
      ({ ...keepOnUpdate(sent, old, call.resource), status: (old as Namespace).status ?? {} }) as KubeObject,
  })
  return objectAnswer(call, object)
}
