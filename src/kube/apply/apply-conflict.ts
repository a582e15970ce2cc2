// The conflict of a server-side apply: what others own with another value, in the words of the API server.
import { CapstanError } from '../../base/errors.ts'
import { formatPath } from './field-set.ts'
import { nameOf } from './managed-fields.ts'
import type { FieldConflict } from './managers.ts'

/** One entry of `details.causes` of the 409 answer. */
export interface ConflictCause {
  readonly reason: 'FieldManagerConflict'
  /** `conflict with "x" using apps/v1`. */
  readonly message: string
  /** `.spec.replicas`. */
  readonly field: string
}

/** An apply without force that would change what others own (apimachinery v0.36.3 `managedfields/internal/conflict.go`). */
export class ApplyConflictError extends CapstanError {
  readonly causes: readonly ConflictCause[]
  readonly conflicts: readonly FieldConflict[]

  constructor(conflicts: readonly FieldConflict[]) {
    super('conflict', conflictText(conflicts))
    this.name = 'ApplyConflictError'
    this.conflicts = conflicts
    this.causes = conflicts.map(({ manager, path }) => ({
      reason: 'FieldManagerConflict',
      message: `conflict with ${managerText(manager)}`,
      field: formatPath(path),
    }))
  }
}

function conflictText(conflicts: readonly FieldConflict[]): string {
  const [only] = conflicts
  if (only !== undefined && conflicts.length === 1) {
    return `Apply failed with 1 conflict: conflict with ${managerText(only.manager)}: ${formatPath(only.path)}`
  }
  const managers = [...new Set(conflicts.map(({ manager }) => manager))].sort()
  const lines = managers.flatMap((manager) => [
    `conflicts with ${managerText(manager)}:`,
    ...conflicts.filter((conflict) => conflict.manager === manager).map(({ path }) => `- ${formatPath(path)}`),
  ])
  return `Apply failed with ${conflicts.length} conflicts: ${lines.join('\n')}`
}

function managerText(identifier: string): string {
  const { manager, operation, apiVersion, subresource } = nameOf(identifier)
  const through = subresource === '' ? '' : ` with subresource ${JSON.stringify(subresource)}`
  return `${JSON.stringify(manager)}${through}${operation === 'Update' ? ` using ${apiVersion}` : ''}`
}
