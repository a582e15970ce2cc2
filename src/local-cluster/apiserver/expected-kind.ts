// Decoding the body of a call as the kind its endpoint takes.
import type { GroupVersionKind, KubeObject } from '../../kube/object.ts'
import { decodeObject, readBody, type ExpectedKind } from './body.ts'
import type { Call } from './call.ts'
import type { FieldValidation } from './options.ts'
import { gvkOf, type Resource } from './resource.ts'

/** Reads the body as an object of the call's resource, or of `gvk`; warnings go to the call. */
export function decodeCall(
  call: Call,
  validation: FieldValidation,
  other?: { readonly gvk: GroupVersionKind; readonly resource: Resource | undefined },
): KubeObject {
  const expected = expectedKind(call, other?.gvk ?? gvkOf(call.resource))
  const raw = readBody(call.request.body, call.request.headers, expected)
  const { object, warnings } = decodeObject(
    raw,
    expected,
    other === undefined ? call.resource : other.resource,
    validation,
  )
  call.warnings.push(...warnings)
  return object
}

/** What an endpoint takes, with the server's knowledge of other kinds for the wording of errors. */
export function expectedKind(call: Call, gvk: GroupVersionKind): ExpectedKind {
  return { gvk, isKnown: (found) => call.server.registry.findKind(found) !== undefined }
}
