// What is wrong with a YAML text and where, in the words of go-yaml.
import { CapstanError } from '../../base/errors.ts'

/** What sigs.k8s.io/yaml (v1.6.0 Unmarshal) puts before a reader's message. */
export const CONVERSION_PREFIX = 'error converting YAML to JSON: '

/**
 * A text that cannot be read. `message` is go-yaml's own (`yaml: line 3: did not find expected key`, whose line
 * number follows libyaml's habits); `line` and `column` say where it really is, both from 1, 0 where there is no place.
 */
export class YamlError extends CapstanError {
  readonly line: number
  readonly column: number

  constructor(message: string, line: number, column: number) {
    super('bad-input', message)
    this.name = 'YamlError'
    this.line = line
    this.column = column
  }
}

/** A place in a text: line and column from 0. */
export interface Mark {
  readonly line: number
  readonly column: number
}

const NOWHERE: Mark = { line: 0, column: 0 }

/** An error of the scanner: go-yaml prints its line from 1, and none for the first line. */
export function scannerError(problem: string, at: Mark): YamlError {
  const where = at.line === 0 ? '' : `line ${at.line + 1}: `
  return new YamlError(`yaml: ${where}${problem}`, at.line + 1, at.column + 1)
}

/** An error of the parser: go-yaml prints its line from 0, or else that of its context. */
export function parserError(problem: string, at: Mark, context: Mark = NOWHERE): YamlError {
  const line = at.line === 0 ? context.line : at.line
  return new YamlError(`yaml: ${line === 0 ? '' : `line ${line}: `}${problem}`, at.line + 1, at.column + 1)
}
