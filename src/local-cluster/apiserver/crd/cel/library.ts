// The functions Kubernetes adds to CEL, and those of cel-go's libraries that the package has not (apiserver `cel/library`, v0.36.3).
import { Environment, type Optional } from '@marcbachmann/cel-js'
import { deepEqual } from '../../../../kube/json-value.ts'
import { compileRegexp, findAllMatches, findRegexp, matchesRegexp } from '../../../../lang/go/regexp/regexp.ts'
import { quoteText } from '../../../../lang/go/quote.ts'
import { formatText } from './format-text.ts'
import { MAX_EXPRESSION_DEPTH, MAX_EXPRESSION_NODES } from './limits.ts'
import { registerMacros } from './macros.ts'
import { registerNetwork } from './network.ts'
import { registerFormats } from './named-formats.ts'
import { registerQuantities } from './quantities.ts'
import type { Register } from './register.ts'

/** A new environment with every function and no variables. */
export function createLibrary(): Environment {
  const environment = new Environment({
    enableOptionalTypes: true,
    homogeneousAggregateLiterals: false,
    limits: { maxDepth: MAX_EXPRESSION_DEPTH, maxAstNodes: MAX_EXPRESSION_NODES },
  })
  const register: Register = (signature, handler) => {
    environment.registerFunction(signature, handler as (...values: unknown[]) => unknown, { async: false } as never) // typed by its signature, and never waited for
  }
  registerRegexps(register)
  registerTexts(register, environment)
  registerLists(register)
  registerSets(register, environment)
  registerQuantities(environment, register)
  registerNetwork(environment, register)
  registerFormats(environment, register)
  registerMacros(register)
  registerOptionals(environment)
  return environment
}

function registerRegexps(register: Register): void {
  register('string.__matches(string): bool', (text: string, pattern: string) => matchesRegexp(compileRegexp(pattern), text)) // prettier-ignore
  register('string.find(string): string', (text: string, pattern: string) => findRegexp(compileRegexp(pattern), text))
  register('string.findAll(string): list<string>', (text: string, pattern: string) => findAll(text, pattern, -1))
  register('string.findAll(string, int): list<string>', (text: string, pattern: string, limit: bigint) => findAll(text, pattern, Number(limit))) // prettier-ignore
}

function findAll(text: string, pattern: string, limit: number): string[] {
  return findAllMatches(compileRegexp(pattern), text, limit).map(([start, end]) => text.slice(start, end))
}

function registerTexts(register: Register, environment: Environment): void {
  register('string.charAt(int): string', (text: string, index: bigint) => charAt(Array.from(text), Number(index)))
  register('string.replace(string, string): string', (text: string, from: string, to: string) => text.replaceAll(from, () => to)) // prettier-ignore
  register('string.replace(string, string, int): string', (text: string, from: string, to: string, limit: bigint) => replaceFirst(text, from, to, Number(limit))) // prettier-ignore
  register('string.format(list): string', (text: string, values: readonly unknown[]) => formatText(text, values))
  class Strings {}
  environment.registerType('StringsNamespace', { ctor: Strings, fields: {} } as never) // a name to hang a function on
  environment.registerConstant('strings', 'StringsNamespace', new Strings())
  register('StringsNamespace.quote(string): string', (_: Strings, text: string) => quoteText(text))
}

function charAt(characters: readonly string[], index: number): string {
  if (index < 0 || index > characters.length) throw new RangeError(`index out of range: ${index}`)
  return characters[index] ?? ''
}

function replaceFirst(text: string, from: string, to: string, limit: number): string {
  if (limit < 0) return text.replaceAll(from, () => to)
  let left = limit
  return text.replaceAll(from, (found) => (left-- > 0 ? to : found))
}

type Comparable = number | bigint | string | boolean | { valueOf(): number }

function registerLists(register: Register): void {
  register('list<T>.isSorted(): bool', (list: readonly Comparable[]) => list.every((item, index) => index === 0 || !(item < (list[index - 1] ?? item)))) // prettier-ignore
  register('list<int>.sum(): int', (list: readonly bigint[]) => list.reduce((total, item) => total + item, 0n))
  register('list<double>.sum(): double', (list: readonly number[]) => list.reduce((total, item) => total + item, 0))
  register('list<T>.min(): T', (list: readonly Comparable[]) => extreme(list, 'min', (a, b) => a < b))
  register('list<T>.max(): T', (list: readonly Comparable[]) => extreme(list, 'max', (a, b) => a > b))
  register('list<T>.indexOf(T): int', (list: readonly unknown[], wanted: unknown) => BigInt(list.findIndex((item) => isSame(item, wanted)))) // prettier-ignore
  register('list<T>.lastIndexOf(T): int', (list: readonly unknown[], wanted: unknown) => BigInt(list.findLastIndex((item) => isSame(item, wanted)))) // prettier-ignore
}

function extreme(
  list: readonly Comparable[],
  name: string,
  isBetter: (a: Comparable, b: Comparable) => boolean,
): Comparable {
  // prettier-ignore
  const [first, ...others] = list
  if (first === undefined) throw new RangeError(`${name} called on empty list`)
  let best = first
  for (const item of others) if (isBetter(item, best)) best = item
  return best
}

/** `sets.contains(list, list)` and the like. */
function registerSets(register: Register, environment: Environment): void {
  class Sets {}
  environment.registerType('SetsNamespace', { ctor: Sets, fields: {} } as never) // a name to hang functions on
  environment.registerConstant('sets', 'SetsNamespace', new Sets())
  const contains = (all: readonly unknown[], some: readonly unknown[]): boolean =>
    some.every((wanted) => all.some((item) => isSame(item, wanted)))
  register('SetsNamespace.contains(list, list): bool', (_: Sets, a: unknown[], b: unknown[]) => contains(a, b))
  register('SetsNamespace.equivalent(list, list): bool', (_: Sets, a: unknown[], b: unknown[]) => contains(a, b) && contains(b, a)) // prettier-ignore
  register('SetsNamespace.intersects(list, list): bool', (_: Sets, a: unknown[], b: unknown[]) => a.some((item) => contains(b, [item]))) // prettier-ignore
}

/** Types that cel-go lets stand beside null (`isAssignable`, its nullable kinds), which no value of them is. */
const BESIDE_NULL = [
  'optional<dyn>',
  'kubernetes.Quantity',
  'kubernetes.Semver',
  'kubernetes.URL',
  'kubernetes.NamedFormat',
  'net.IP',
  'net.CIDR',
]

/** Optional values compare by what they hold. */
function registerOptionals(environment: Environment): void {
  for (const type of BESIDE_NULL) environment.registerOperator(`${type} == null`, () => false)
  environment.registerOperator('optional<T> == optional<T>', (a: Optional, b: Optional) =>
    a.hasValue() && b.hasValue() ? isSame(a.value(), b.value()) : a.hasValue() === b.hasValue(),
  )
}

/** Equality of values where no overload of the language decides. */
function isSame(a: unknown, b: unknown): boolean {
  if (Array.isArray(a) && Array.isArray(b))
    return a.length === b.length && a.every((item, index) => isSame(item, b[index]))
  if (a === b) return true
  const [x, y] = [jsonOf(a), jsonOf(b)]
  return x !== undefined && y !== undefined && deepEqual(x as never, y as never) // instances carry JSON
}

function jsonOf(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return undefined
  return 'json' in value ? value.json : undefined
}
