// The one error of all patches: what is wrong, and how the API server classes it.
import { CapstanError } from '../../base/errors.ts'

/** How the API server answers: 400 BadRequest, 422 Invalid, 413 TooLarge, 409 for a three-way conflict, 500 for what it does not class. */
export type PatchFault = 'bad-request' | 'unprocessable' | 'too-large' | 'conflict' | 'unclassified'

/** A patch that cannot be made or applied. The text is that of apimachinery v0.36.3 `mergepatch/errors.go` and evanphx/json-patch. */
export class PatchError extends CapstanError {
  readonly fault: PatchFault

  constructor(fault: PatchFault, message: string) {
    super(CODES[fault], message)
    this.name = 'PatchError'
    this.fault = fault
  }
}

const CODES = {
  'bad-request': 'bad-input',
  unprocessable: 'bad-input',
  'too-large': 'limit',
  conflict: 'conflict',
  unclassified: 'bad-input',
} as const
