// Requests for certificates (pkg/apis/certificates/validation, 1.36.3).
import { Buffer } from 'node:buffer'
import type { JsonObject, JsonValue } from '../../../kube/object.ts'
import type { FieldFault } from '../contract.ts'
import { isAbsent, listOf, numberOf, objectOf, objectsOf, textOf } from '../edit.ts'
import { duplicate, invalidValue, notSupported, requiredValue } from './faults.ts'
import { signerNameFaults } from './signer-names.ts'

const PEM = /^-----BEGIN (?<type>[^\n]*?)-----\s*$(?<body>[A-Za-z0-9+/=\s]*?)^-----END \k<type>-----\s*$/m
const USAGES = ['any', 'cert sign', 'client auth', 'code signing', 'content commitment', 'crl sign', 'data encipherment', 'decipher only', 'digital signature', 'email protection', 'encipher only', 'ipsec end system', 'ipsec tunnel', 'ipsec user', 'key agreement', 'key encipherment', 'microsoft sgc', 'netscape sgc', 'ocsp signing', 's/mime', 'server auth', 'signing', 'timestamping'] // prettier-ignore
const LEGACY_SIGNER = 'kubernetes.io/legacy-unknown'
const TEN_MINUTES = 600

/** The request must be a PEM block of its type with a whole structure in it; what the structure says is not read. */
export function validateSigningRequest(object: JsonObject, old: JsonObject | undefined): readonly FieldFault[] {
  const spec = objectOf(object['spec'])
  const signer = textOf(spec['signerName'])
  const seconds = spec['expirationSeconds']
  // The spec of a request never changes, so on updates only what is told about its state can be wrong.
  const faults = old === undefined ? [...requestFaults(textOf(spec['request']))] : []
  faults.push(...usageFaults(listOf(spec['usages'])))
  if (signer === LEGACY_SIGNER && old === undefined)
    faults.push(invalidValue('spec.signerName', signer, 'the legacy signerName is not allowed via this API version'))
  else faults.push(...signerNameFaults(signer, 'spec.signerName'))
  if (!isAbsent(seconds) && numberOf(seconds) < TEN_MINUTES)
    faults.push(invalidValue('spec.expirationSeconds', seconds, 'may not specify a duration less than 600 seconds (10 minutes)')) // prettier-ignore
  return [...faults, ...conditionFaults(objectsOf(objectOf(object['status'])['conditions']))]
}

function requestFaults(request: string): readonly FieldFault[] {
  const groups = PEM.exec(Buffer.from(request, 'base64').toString('latin1'))?.groups
  const says = (text: string): FieldFault[] => [invalidValue('spec.request', request === '' ? null : request, text)]
  if (groups?.['type'] !== 'CERTIFICATE REQUEST') return says('PEM block type must be CERTIFICATE REQUEST')
  const fault = structureFault(Buffer.from(groups['body'] ?? '', 'base64'))
  return fault === undefined ? [] : says(fault)
}

/** What Go says of bytes that are not one whole ASN.1 element. */
function structureFault(bytes: Buffer): string | undefined {
  if (bytes.length < 2)
    return `asn1: syntax error: ${bytes.length === 0 ? 'sequence truncated' : 'truncated tag or length'}`
  const first = bytes[1] ?? 0
  const lengthBytes = first < 0x80 ? 0 : first & 0x7f
  if (bytes.length < 2 + lengthBytes) return 'asn1: syntax error: truncated tag or length'
  let length = first < 0x80 ? first : 0
  for (const byte of bytes.subarray(2, 2 + lengthBytes)) length = length * 256 + byte
  const end = 2 + lengthBytes + length
  if (bytes.length < end) return 'asn1: syntax error: data truncated'
  return bytes.length > end ? 'asn1: syntax error: trailing data' : undefined
}

function usageFaults(usages: readonly JsonValue[]): readonly FieldFault[] {
  const field = 'spec.usages'
  const at = (index: number): string => `${field}[${index}]`
  const unknown = usages.flatMap((usage, index) => (USAGES.includes(textOf(usage)) ? [] : [notSupported(at(index), usage, USAGES)])) // prettier-ignore
  const repeated = usages.flatMap((usage, index) =>
    usages.indexOf(usage) < index ? [duplicate(at(index), usage)] : [],
  )
  return usages.length === 0 ? [requiredValue(field)] : [...unknown, ...repeated]
}

const STATES = ['False', 'True', 'Unknown']
const ONLY_TRUE: ReadonlySet<string> = new Set(['Approved', 'Denied', 'Failed'])

const OPPOSITES: ReadonlyMap<string, string> = new Map([
  ['Approved', 'Denied'],
  ['Denied', 'Approved'],
])

function conditionFaults(conditions: readonly JsonObject[]): readonly FieldFault[] {
  const seen = new Set<string>()
  return conditions.flatMap((condition, index) => {
    const at = `status.conditions[${index}]`
    const [type, status] = [textOf(condition['type']), textOf(condition['status'])]
    const choices = ONLY_TRUE.has(type) ? ['True'] : STATES
    const faults = type === '' ? [requiredValue(`${at}.type`)] : []
    if (status === '') faults.push(requiredValue(`${at}.status`))
    else if (!choices.includes(status)) faults.push(notSupported(`${at}.status`, status, choices))
    const opposite = OPPOSITES.get(type)
    if (opposite !== undefined && seen.has(opposite))
      faults.push(invalidValue('status.conditions', type, 'Approved and Denied conditions are mutually exclusive'))
    if (seen.has(type)) faults.push(duplicate(`${at}.type`, type))
    seen.add(type)
    return faults
  })
}
