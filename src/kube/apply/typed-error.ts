// The errors of values that do not fit their type: collected with their paths, printed as structured-merge-diff does.
import { CapstanError } from '../../base/errors.ts'
import { formatPath, type FieldPath } from './field-set.ts'

/** A value that does not fit its type. */
export class TypedError extends CapstanError {
  constructor(faults: readonly string[]) {
    super(
      'bad-input',
      faults.length === 1 ? String(faults[0]) : ['errors:', ...faults.map((fault) => `  ${fault}`)].join('\n'),
    )
    this.name = 'TypedError'
  }
}

/** `.spec.replicas: expected numeric …`. */
export function faultAt(path: FieldPath, text: string): string {
  return path.length === 0 ? text : `${formatPath(path)}: ${text}`
}
