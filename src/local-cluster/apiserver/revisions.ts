// Resource versions in queries: which state a read may, must or must not show.
import type { Call } from './call.ts'
import type { FieldFault } from '../kinds/contract.ts'
import { forbiddenValue, notSupported } from '../kinds/validation/faults.ts'
import { badRequest, futureRevision, invalid, type ApiError } from './status.ts'

/** A resourceVersion as a number; 0 for none. Throws what `refuse` makes of the complaint. */
export function parseRevision(text: string | null, refuse: (complaint: string) => Error): number {
  if (text === null || text === '') return 0
  if (/^\d{1,16}$/.test(text)) return Number(text)
  const why = /^\d+$/.test(text) ? 'value out of range' : 'invalid syntax'
  throw refuse(
    `resourceVersion: Invalid value: ${JSON.stringify(text)}: strconv.ParseUint: parsing ${JSON.stringify(text)}: ${why}`,
  )
}

const MAX_INT64 = 2n ** 63n - 1n

/** An integer of a query as Go's ParseInt reads it. Throws 400 in its words. */
export function parseInt64(text: string): number {
  const complaint = `strconv.ParseInt: parsing ${JSON.stringify(text)}`
  if (!/^[+-]?\d+$/.test(text)) throw badRequest(`${complaint}: invalid syntax`)
  const value = text.length > 20 ? MAX_INT64 + 2n : BigInt(text.replace('+', ''))
  if (value > MAX_INT64 || value < -MAX_INT64 - 1n) throw badRequest(`${complaint}: value out of range`)
  return Number(value)
}

/** Throws 504 for a version that is not reached yet. */
export function checkNotNewer(call: Call, revision: number): void {
  const current = call.server.store.revision
  if (revision > current) throw futureRevision(String(revision), current)
}

/** The whole numbers of a list's query, 0 where they are absent. Throws 400 for what is none, an empty one too. */
export function countOption(query: URLSearchParams, name: 'limit' | 'timeoutSeconds'): number {
  const text = query.get(name)
  return text === null ? 0 : parseInt64(text)
}

/** Throws 422 where resourceVersion, its match rule and sendInitialEvents do not go together (`ValidateListOptions`). */
export function checkListOptions(query: URLSearchParams, isWatch: boolean): void {
  const faults = isWatch ? watchFaults(query) : listFaults(query)
  if (faults.length > 0) throw invalidList(faults)
}

function invalidList(faults: readonly FieldFault[]): ApiError {
  return invalid({ group: 'meta.k8s.io', kind: 'ListOptions' }, '', faults)
}

const FIELD = 'resourceVersionMatch'

function listFaults(query: URLSearchParams): readonly FieldFault[] {
  const match = query.get('resourceVersionMatch') ?? ''
  const version = query.get('resourceVersion') ?? ''
  const faults: FieldFault[] = []
  if (match !== '') {
    if (version === '')
      faults.push(forbiddenValue(FIELD, 'resourceVersionMatch is forbidden unless resourceVersion is provided'))
    if ((query.get('continue') ?? '') !== '')
      faults.push(forbiddenValue(FIELD, 'resourceVersionMatch is forbidden when continue is provided'))
    if (match !== 'Exact' && match !== 'NotOlderThan')
      faults.push(notSupported(FIELD, match, ['Exact', 'NotOlderThan', '']))
    if (match === 'Exact' && version === '0')
      faults.push(forbiddenValue(FIELD, 'resourceVersionMatch "exact" is forbidden for resourceVersion "0"'))
  }
  if (query.has('sendInitialEvents')) {
    faults.push(forbiddenValue('sendInitialEvents', 'sendInitialEvents is forbidden for list'))
  }
  return faults
}

function watchFaults(query: URLSearchParams): readonly FieldFault[] {
  const match = query.get('resourceVersionMatch') ?? ''
  const faults: FieldFault[] = []
  if (query.has('sendInitialEvents')) {
    if (match !== 'NotOlderThan')
      faults.push(forbiddenValue(FIELD, 'sendInitialEvents requires setting resourceVersionMatch to NotOlderThan'))
  } else if (match !== '') {
    const text = 'resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided'
    faults.push(forbiddenValue(FIELD, text))
  }
  if (match !== '' && match !== 'NotOlderThan') faults.push(notSupported(FIELD, match, ['NotOlderThan']))
  if ((query.get('continue') ?? '') !== '')
    faults.push(forbiddenValue(FIELD, 'resourceVersionMatch is forbidden when continue is provided'))
  return faults
}
