// `quantity(…)` and `semver(…)` in CEL.
import type { Environment } from '@marcbachmann/cel-js'
import {
  addQuantities,
  compareQuantities,
  quantityOf,
  subtractQuantities,
  type Quantity as Amount,
} from '../../../../kube/quantity.ts'
import type { Register } from './register.ts'

class Quantity {
  readonly amount: Amount

  constructor(amount: Amount) {
    this.amount = amount
  }
}

const NANO = 1_000_000_000n
const MAX_INT = 2n ** 63n - 1n

/** Types and functions of quantities and versions. */
export function registerQuantities(environment: Environment, register: Register): void {
  environment.registerType('kubernetes.Quantity', { ctor: Quantity, fields: {} } as never) // nothing of it is read as a field
  environment.registerOperator(
    'kubernetes.Quantity == kubernetes.Quantity',
    (a: Quantity, b: Quantity) => compare(a, b) === 0,
  )
  register('isQuantity(string): bool', (text: string) => quantityOf(text) !== undefined)
  register('quantity(string): kubernetes.Quantity', parse)
  const method = (signature: string, handler: (...values: never[]) => unknown): void => register(`kubernetes.Quantity.${signature}`, handler) // prettier-ignore
  method('sign(): int', ({ amount }: Quantity) => (amount.nano > 0n ? 1n : amount.nano < 0n ? -1n : 0n))
  method('isGreaterThan(kubernetes.Quantity): bool', (a: Quantity, b: Quantity) => compare(a, b) > 0)
  method('isLessThan(kubernetes.Quantity): bool', (a: Quantity, b: Quantity) => compare(a, b) < 0)
  method('compareTo(kubernetes.Quantity): int', (a: Quantity, b: Quantity) => BigInt(compare(a, b)))
  method('asApproximateFloat(): double', ({ amount }: Quantity) => Number(amount.nano) / 1e9)
  method('isInteger(): bool', ({ amount }: Quantity) => isInteger(amount))
  method('asInteger(): int', ({ amount }: Quantity) => {
    if (!isInteger(amount)) throw new RangeError('cannot convert value to integer')
    return amount.nano / NANO
  })
  method('add(kubernetes.Quantity): kubernetes.Quantity', (a: Quantity, b: Quantity) => new Quantity(addQuantities(a.amount, b.amount))) // prettier-ignore
  method('sub(kubernetes.Quantity): kubernetes.Quantity', (a: Quantity, b: Quantity) => new Quantity(subtractQuantities(a.amount, b.amount))) // prettier-ignore
  method('add(int): kubernetes.Quantity', (a: Quantity, b: bigint) => new Quantity(addQuantities(a.amount, whole(b))))
  method(
    'sub(int): kubernetes.Quantity',
    (a: Quantity, b: bigint) => new Quantity(subtractQuantities(a.amount, whole(b))),
  )
  registerVersions(environment, register)
}

function parse(text: string): Quantity {
  const amount = quantityOf(text)
  if (amount === undefined) {
    throw new RangeError("quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'")
  }
  return new Quantity(amount)
}

function compare(a: Quantity, b: Quantity): number {
  return compareQuantities(a.amount, b.amount)
}

function whole(units: bigint): Amount {
  return { nano: units * NANO, format: 'DecimalSI' }
}

function isInteger({ nano }: Amount): boolean {
  return nano % NANO === 0n && nano / NANO <= MAX_INT && nano / NANO >= -MAX_INT - 1n
}

class Version {
  readonly numbers: readonly bigint[]
  readonly pre: readonly string[]

  constructor(numbers: readonly bigint[], pre: readonly string[]) {
    this.numbers = numbers
    this.pre = pre
  }
}

const SEMVER =
  /^(?<numbers>(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)\.(?:0|[1-9]\d*))(?:-(?<pre>(?:0|[1-9]\d*|\d*[A-Za-z-][\dA-Za-z-]*)(?:\.(?:0|[1-9]\d*|\d*[A-Za-z-][\dA-Za-z-]*))*))?(?:\+[\dA-Za-z-]+(?:\.[\dA-Za-z-]+)*)?$/
/** Longer texts are no versions anybody uses. */
const MAX_VERSION = 256

function parseVersion(text: string, isNormalized = false): Version | undefined {
  const groups = text.length > MAX_VERSION ? undefined : SEMVER.exec(isNormalized ? normalized(text) : text)?.groups
  if (groups === undefined) return undefined
  const pre = groups['pre'] === undefined ? [] : groups['pre'].split('.')
  return new Version((groups['numbers'] ?? '').split('.').map(BigInt), pre)
}

/** Without a `v`, without zeros in front, with three numbers. */
function normalized(text: string): string {
  const [, core = '', rest = ''] = /^v?([\d.]+)(.*)$/.exec(text) ?? []
  const numbers = core.split('.').map((part) => part.replace(/^0+(?=\d)/, ''))
  while (numbers.length < 3) numbers.push('0')
  return numbers.join('.') + rest
}

function registerVersions(environment: Environment, register: Register): void {
  environment.registerType('kubernetes.Semver', { ctor: Version, fields: {} } as never) // nothing of it is read as a field
  environment.registerOperator('kubernetes.Semver == kubernetes.Semver', (a: Version, b: Version) => order(a, b) === 0)
  const read = (text: string, isNormalized = false): Version => {
    const version = parseVersion(text, isNormalized)
    if (version === undefined) throw new RangeError(`invalid semantic version ${JSON.stringify(text)}`)
    return version
  }
  register('isSemver(string): bool', (text: string) => parseVersion(text) !== undefined)
  register('isSemver(string, bool): bool', (text: string, loose: boolean) => parseVersion(text, loose) !== undefined)
  register('semver(string): kubernetes.Semver', (text: string) => read(text))
  register('semver(string, bool): kubernetes.Semver', read)
  const method = (signature: string, handler: (...values: never[]) => unknown): void => register(`kubernetes.Semver.${signature}`, handler) // prettier-ignore
  method('major(): int', ({ numbers }: Version) => numbers[0] ?? 0n)
  method('minor(): int', ({ numbers }: Version) => numbers[1] ?? 0n)
  method('patch(): int', ({ numbers }: Version) => numbers[2] ?? 0n)
  method('isGreaterThan(kubernetes.Semver): bool', (a: Version, b: Version) => order(a, b) > 0)
  method('isLessThan(kubernetes.Semver): bool', (a: Version, b: Version) => order(a, b) < 0)
  method('compareTo(kubernetes.Semver): int', (a: Version, b: Version) => BigInt(order(a, b)))
}

function order(a: Version, b: Version): number {
  for (const [index, number] of a.numbers.entries()) {
    const other = b.numbers[index] ?? 0n
    if (number !== other) return number < other ? -1 : 1
  }
  if (a.pre.length === 0 || b.pre.length === 0) return Math.sign(b.pre.length - a.pre.length)
  for (let index = 0; index < Math.max(a.pre.length, b.pre.length); index++) {
    const difference = orderOfParts(a.pre[index], b.pre[index])
    if (difference !== 0) return difference
  }
  return 0
}

/** Numbers before words; the shorter list first. */
function orderOfParts(a: string | undefined, b: string | undefined): number {
  if (a === b) return 0
  if (a === undefined || b === undefined) return a === undefined ? -1 : 1
  const [isNumber, isOtherNumber] = [/^\d+$/.test(a), /^\d+$/.test(b)]
  if (isNumber && isOtherNumber) return BigInt(a) < BigInt(b) ? -1 : 1
  if (isNumber !== isOtherNumber) return isNumber ? -1 : 1
  return a < b ? -1 : 1
}
