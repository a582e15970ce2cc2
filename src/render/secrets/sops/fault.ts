// What can go wrong with an encrypted file: names the file, the key path and the reason, never a value.
import { CapstanError } from '../../../base/errors.ts'
import type { ErrorCode } from '../../../base/errors.ts'

/** An error about an encrypted file; the reader of the file adds its path. */
export class SopsError extends CapstanError {
  constructor(message: string, code: ErrorCode = 'bad-input', options?: ErrorOptions) {
    super(code, message, options)
    this.name = 'SopsError'
  }
}
