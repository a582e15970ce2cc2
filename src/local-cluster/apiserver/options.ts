// Query parameters of writing requests: dryRun, fieldManager, fieldValidation, force.
import { MAX_FIELD_MANAGER_BYTES } from './limits.ts'
import { fault, forbiddenValue, invalidValue, notSupported, requiredValue } from '../kinds/validation/faults.ts'
import { invalid } from './status.ts'
import type { FieldFault } from '../kinds/contract.ts'

export type FieldValidation = 'Strict' | 'Warn' | 'Ignore'

export interface WriteOptions {
  readonly dryRun: boolean
  /** As given, or taken from the user agent. */
  readonly fieldManager: string
  readonly fieldValidation: FieldValidation
  readonly force: boolean
}

export type OptionsKind = 'CreateOptions' | 'UpdateOptions' | 'PatchOptions' | 'DeleteOptions'

/** Reads and checks the options of a write. Throws 422 with every fault. */
export function writeOptions(
  kind: OptionsKind,
  query: URLSearchParams,
  userAgent: string | undefined,
  isApply = false,
): WriteOptions {
  const manager = query.get('fieldManager') ?? ''
  const faults = [
    ...managerFaults(manager, isApply),
    ...dryRunFaults(query.getAll('dryRun')),
    ...forceFaults(query, kind, isApply),
    ...validationFaults(query.get('fieldValidation') ?? ''),
  ]
  if (faults.length > 0) throw invalid({ group: 'meta.k8s.io', kind }, '', faults)
  const validation = query.get('fieldValidation')
  return {
    dryRun: query.getAll('dryRun').length > 0,
    fieldManager: manager === '' ? managerOfAgent(userAgent) : manager,
    fieldValidation: validation === 'Strict' || validation === 'Ignore' ? validation : 'Warn',
    force: isTrue(query.get('force')),
  }
}

/** The faults of `dryRun`, in query or body: only `All` exists. */
export function dryRunFaults(values: readonly string[]): readonly FieldFault[] {
  return values.every((value) => value === 'All') ? [] : [notSupported('dryRun', [...values], ['All'])]
}

/** `true`, `1` … as Go's ParseBool takes them; an empty parameter counts as true. */
export function isTrue(value: string | null): boolean {
  return value !== null && !['0', 'f', 'F', 'false', 'FALSE', 'False'].includes(value)
}

function managerFaults(manager: string, isApply: boolean): readonly FieldFault[] {
  if (isApply && manager === '') return [requiredValue('fieldManager', 'is required for apply patch')]
  const hidden = unprintableFault(manager)
  if (hidden !== undefined) return [hidden]
  const bytes = Buffer.byteLength(manager)
  if (bytes <= MAX_FIELD_MANAGER_BYTES) return []
  return [fault('FieldValueTooLong', 'fieldManager', `Too long: may not be more than ${MAX_FIELD_MANAGER_BYTES} bytes`)]
}

/** `ValidateFieldManager` of apimachinery: the first character that cannot be shown. */
function unprintableFault(manager: string): FieldFault | undefined {
  const match = /[\p{C}\p{Zl}\p{Zp}]/u.exec(manager)
  if (match === null) return undefined
  const point = (match[0].codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')
  const at = Buffer.byteLength(manager.slice(0, match.index))
  return invalidValue('fieldManager', manager, `invalid character U+${point} (at position ${at})`)
}

function forceFaults(query: URLSearchParams, kind: OptionsKind, isApply: boolean): readonly FieldFault[] {
  if (kind !== 'PatchOptions' || isApply || !query.has('force')) return []
  return [forbiddenValue('force', 'may not be specified for non-apply patch')]
}

function validationFaults(value: string): readonly FieldFault[] {
  if (['', 'Strict', 'Warn', 'Ignore'].includes(value)) return []
  return [notSupported('fieldValidation', value, ['', 'Ignore', 'Strict', 'Warn'])]
}

/** The part of a user agent before its first slash, at most 128 bytes. */
function managerOfAgent(agent: string | undefined): string {
  const name = (agent ?? '').split('/')[0] ?? ''
  return name === '' ? 'unknown' : name.slice(0, MAX_FIELD_MANAGER_BYTES)
}
