// Paths inside volumes and containers (pkg/apis/core/validation, validateLocalDescendingPath and siblings, 1.36.3).
import type { FieldFault } from '../contract.ts'
import { invalidValue } from './faults.ts'

const NO_STEPS_BACK = "must not contain '..'"

/** A path without a step back. */
export function steplessPath(path: string, field: string): readonly FieldFault[] {
  return hasStepBack(path) ? [invalidValue(field, path, NO_STEPS_BACK)] : []
}

/** Whether one of the path's elements is `..`. */
export function hasStepBack(path: string): boolean {
  return path.split('/').includes('..')
}

/** A path that stays below where it starts. */
export function descendingPath(path: string, field: string): readonly FieldFault[] {
  const faults = path.startsWith('/') ? [invalidValue(field, path, 'must be a relative path')] : []
  return [...faults, ...steplessPath(path, field)]
}

/** A path that stays below where it starts and takes no name that the kubelet keeps for itself. */
export function unreservedPath(path: string, field: string): readonly FieldFault[] {
  const faults = descendingPath(path, field)
  const isReserved = path.startsWith('..') && !path.startsWith('../')
  // Upstream tells both where the path is `..` itself.
  return isReserved ? [...faults, invalidValue(field, path, "must not start with '..'")] : faults
}
