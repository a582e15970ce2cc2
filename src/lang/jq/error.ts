// The errors of jq: a program that cannot be read, one that fails on a value, one that takes too long.
import { CapstanError } from '../../base/errors.ts'
import type { Json } from './values.ts'

/** The text is no program. */
export class JqSyntaxError extends CapstanError {
  constructor(message: string) {
    super('bad-input', message)
    this.name = 'JqSyntaxError'
  }
}

/** The program fails on its input; `try` and `?` catch it. */
export class JqError extends CapstanError {
  /** What `catch` is given. */
  readonly value: Json

  constructor(message: string, value: Json = message) {
    super('bad-input', message)
    this.name = 'JqError'
    this.value = value
  }
}

/** A limit was reached; nothing catches it. */
export class JqLimitError extends CapstanError {
  constructor(message: string) {
    super('limit', message)
    this.name = 'JqLimitError'
  }
}

/** `break`: ends the `label` it names. */
export class JqBreak extends Error {
  readonly label: object

  constructor(label: object) {
    super('break')
    this.label = label
  }
}
