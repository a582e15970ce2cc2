// What is wrong with values by a schema, as a tree, and how it is printed.

/** A fault at a place; `causes` are what it consists of. */
export interface Fault {
  /** JSON pointer of the value. */
  readonly at: string
  readonly text: string
  readonly causes: readonly Fault[]
  readonly isReferenced?: boolean
}

export function fault(at: string, text: string, causes: readonly Fault[] = []): Fault {
  return { at, text, causes }
}

const GROUP_TEXT = 'validation failed'

/** Several faults of one schema as one; a single one stands for itself. */
export function grouped(at: string, faults: readonly Fault[]): Fault | undefined {
  return faults.length > 1 ? fault(at, GROUP_TEXT, faults) : faults[0]
}

/** What was found behind a `$ref`. */
export function referenced(found: Fault | undefined): Fault | undefined {
  return found === undefined ? undefined : { ...found, isReferenced: true }
}

/** Whether a fault only holds several together: alone, wherever it is, it is not printed itself, but behind a `$ref`. */
export function isGroup({ text, isReferenced }: Fault): boolean {
  return text === GROUP_TEXT && isReferenced !== true
}

/**
 * The lines of faults, each after a dash, causes indented (the form of santhosh-tekuri/jsonschema v6 that helm shows).
 * The original prints siblings in random order; here they are sorted.
 */
export function printFaults(faults: readonly Fault[], indent: string = ''): string[] {
  const sorted = faults.toSorted((a, b) => compare(a.at, b.at) || compare(a.text, b.text))
  return sorted.flatMap(({ at, text, causes }) => [
    `${indent}- at ${quoted(at)}: ${text}`,
    ...printFaults(causes, `${indent}  `),
  ])
}

function compare(a: string, b: string): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}

/** A text in single quotes. */
export function quoted(text: string): string {
  const escaped = JSON.stringify(text).slice(1, -1)
  return `'${escaped.replaceAll('\\"', '"').replaceAll("'", "\\'")}'`
}

/** A count with commas, as an English message prints it. */
export function shownCount(count: number): string {
  return String(count).replace(/\B(?=(?:\d{3})+$)/g, ',')
}

const SUPERSCRIPTS = '⁰¹²³⁴⁵⁶⁷⁸⁹'

/** A number as an English message prints it: 70,000 and 1.5×10⁰⁶. */
export function shownNumber(value: number): string {
  const [mantissa = '', exponentText = '0'] = value.toExponential().split('e')
  const exponent = Number(exponentText)
  if (value !== 0 && (exponent < -4 || exponent >= 6)) {
    const digits = String(Math.abs(exponent)).padStart(2, '0')
    const raised = Array.from(digits, (digit) => SUPERSCRIPTS[Number(digit)] ?? '').join('')
    return `${mantissa}×10${exponent < 0 ? '⁻' : ''}${raised}`
  }
  const [whole = '', fraction] = String(value).split('.')
  const sign = whole.startsWith('-') ? '-' : ''
  const grouping = shownCount(Math.abs(Number(whole)))
  return fraction === undefined ? sign + grouping : `${sign}${grouping}.${fraction}`
}
