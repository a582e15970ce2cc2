// What is wrong with a YAML text and where, in the words of go-yaml.
import { CapstanError } from '../../base/errors.ts'

/** What sigs.k8s.io/yaml (v1.6.0 Unmarshal) puts before a reader's message. */
export const CONVERSION_PREFIX = 'error converting YAML to JSON: '

/**
 * A text that cannot be read. `message` is go-yaml v2's own (`yaml: line 3: did not find expected key`, whose line
 * number follows libyaml's habits), `messageV3` that of yaml.v3, which names the line where the construct began;
 * `line` and `column` say where it really is, both from 1, 0 where there is no place.
 */
export class YamlError extends CapstanError {
  readonly line: number
  readonly column: number
  readonly messageV3: string

  constructor(message: string, line: number, column: number, messageV3: string = message) {
    super('bad-input', message)
    this.name = 'YamlError'
    this.line = line
    this.column = column
    this.messageV3 = messageV3
  }
}

/** A place in a text: line and column from 0. */
export interface Mark {
  readonly line: number
  readonly column: number
}

const NOWHERE: Mark = { line: 0, column: 0 }

/** An error of the scanner: go-yaml prints its line from 1, and none for the first line. `context` is where the token began. */
export function scannerError(problem: string, at: Mark, context: Mark = at): YamlError {
  const v3 = context.line === 0 ? at.line : context.line
  return new YamlError(worded(problem, from1(at.line)), at.line + 1, at.column + 1, worded(problem, from1(v3)))
}

/** An error of the parser: go-yaml prints its line from 0, or else that of its context. */
export function parserError(problem: string, at: Mark, context: Mark = NOWHERE): YamlError {
  const v2 = at.line === 0 ? context.line : at.line
  const v3 = context.line === 0 ? at.line : context.line
  return new YamlError(worded(problem, v2), at.line + 1, at.column + 1, worded(problem, v3))
}

function from1(line: number): number {
  return line === 0 ? 0 : line + 1
}

function worded(problem: string, line: number): string {
  return `yaml: ${line === 0 ? '' : `line ${line}: `}${problem}`
}
