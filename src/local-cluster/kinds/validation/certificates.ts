// Requests for certificates (pkg/apis/certificates/validation, 1.36.3).
import { Buffer } from 'node:buffer'
import type { JsonObject } from '../../../kube/object.ts'
import type { FieldFault } from '../contract.ts'
import { objectOf, textOf } from '../edit.ts'
import { invalidValue } from './faults.ts'
import { immutable } from './metadata.ts'

const PEM_TYPE = /^-----BEGIN (?<type>[^\n]*?)-----$/m

/** The request must be a PEM block of its type, and never changes. What stands in the block is not read. */
export function validateSigningRequest(object: JsonObject, old: JsonObject | undefined): readonly FieldFault[] {
  if (old !== undefined) return immutable('spec', object['spec'], old['spec'])
  const request = textOf(objectOf(object['spec'])['request'])
  const type = PEM_TYPE.exec(Buffer.from(request, 'base64').toString('latin1'))?.groups?.['type']
  if (type === 'CERTIFICATE REQUEST') return []
  return [invalidValue('spec.request', request, 'PEM block type must be CERTIFICATE REQUEST')]
}
