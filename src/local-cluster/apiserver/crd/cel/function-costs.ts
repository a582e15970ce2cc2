// What functions of CEL may cost by the sizes of what they are given (apiserver `cel/library/cost.go`, cel-go `checker/cost.go`).
import {
  add,
  exactly,
  MAX_COST,
  PATTERN_FACTOR,
  scaled,
  TEXT_FACTOR,
  times,
  UNKNOWN,
  type Estimate,
  type Range,
} from './size-range.ts'

export interface CallCost {
  readonly cost: number
  /** Of the result, where it is known. */
  readonly size?: Range | undefined
}

/** `target` is what a member function is called on. */
type Coster = (target: Estimate | undefined, args: readonly Estimate[]) => CallCost

const NOMINAL: CallCost = { cost: 1 }
/** `MaxNameFormatRegexSize`. */
const FORMAT_PATTERN_LENGTH = 128
/** Two addresses of sixteen bytes at a tenth each. */
const ADDRESS_COST = scaled(32, TEXT_FACTOR)
const MASK_COST: number = scaled(16, TEXT_FACTOR) + 1

/** The cost of a call without that of its arguments. */
export function functionCost(name: string, target: Estimate | undefined, args: readonly Estimate[]): CallCost {
  return COSTS.get(name)?.(target, args) ?? NOMINAL
}

function sizeOf(value: Estimate | undefined): Range {
  return value?.size ?? UNKNOWN
}

const walkArgument: Coster = (_target, [text]) => ({ cost: scaled(sizeOf(text).max, TEXT_FACTOR) })
const walkTarget: Coster = (target) => ({ cost: scaled(sizeOf(target).max, TEXT_FACTOR) })
const copyTarget: Coster = (target) => ({ ...walkTarget(target, []), size: sizeOf(target) })

const COSTS: ReadonlyMap<string, Coster> = new Map<string, Coster>([
  ...['isSorted', 'sum', 'max', 'min', 'indexOf', 'lastIndexOf'].map((name): [string, Coster] => [name, eachItem]),
  ...['lowerAscii', 'upperAscii', 'substring', 'trim'].map((name): [string, Coster] => [name, copyTarget]),
  ...['quantity', 'isQuantity', 'semver', 'isSemver', 'cidr', 'isIP', 'isCIDR'].map((name): [string, Coster] => [name, walkArgument]), // prettier-ignore
  ...['startsWith', 'endsWith'].map((name): [string, Coster] => [name, walkArgument]),
  ['format', walkTarget],
  ['url', (target, args) => ({ ...walkArgument(target, args), size: sizeOf(args[0]) })],
  ['ip', (target, args) => (args.length === 0 ? NOMINAL : walkArgument(target, args))],
  ['ip.isCanonical', (_target, [text]) => ({ cost: scaled(sizeOf(text).max, 2 * TEXT_FACTOR) })],
  ['containsIP', (_target, [other]) => ({ cost: ADDRESS_COST + parsed(other) })],
  ['containsCIDR', (_target, [other]) => ({ cost: ADDRESS_COST + MASK_COST + parsed(other) })],
  ['validate', (target, args) => ({ cost: scaled(walkArgument(target, args).cost, FORMAT_PATTERN_LENGTH * PATTERN_FACTOR) })], // prettier-ignore
  ['matches', (target, [pattern]) => ({ cost: searched(target, pattern) })],
  ['find', (target, [pattern]) => ({ cost: searched(target, pattern), size: { min: 0, max: sizeOf(target).max } })],
  ['findAll', (target, [pattern]) => ({ cost: searched(target, pattern), size: { min: 0, max: sizeOf(target).max } })],
  ['contains', (target, [part]) => (part === undefined || target?.type?.kind === 'message' ? NOMINAL : { cost: times(scaled(sizeOf(target).max, TEXT_FACTOR), scaled(sizeOf(part).max, TEXT_FACTOR)) })], // prettier-ignore
  ['split', splitCost],
  ['join', joinCost],
  ['replace', replaceCost],
  ['strings.quote', (_target, [text]) => ({ cost: scaled(sizeOf(text).max, TEXT_FACTOR), size: add(exactly(2), { min: sizeOf(text).min, max: times(sizeOf(text).max, 2) }) })], // prettier-ignore
  ['bytes', (_target, [text]) => ({ cost: scaled(sizeOf(text).max, TEXT_FACTOR), size: { min: sizeOf(text).min, max: times(sizeOf(text).max, 4) } })], // prettier-ignore
  ['string', (_target, [value]) => (MAY_BE_BYTES.has(value?.type?.name ?? '') ? textOfBytes(sizeOf(value)) : NOMINAL)],
  ['sets.contains', (_target, lists) => ({ cost: pairs(lists) + 1 })],
  ['sets.intersects', (_target, lists) => ({ cost: pairs(lists) + 1 })],
  ['sets.equivalent', (_target, lists) => ({ cost: times(pairs(lists), 2) + 1 })],
])

const MAY_BE_BYTES: ReadonlySet<string> = new Set(['bytes', 'dyn'])

function textOfBytes({ min, max }: Range): CallCost {
  return { cost: Math.max(1, scaled(max, TEXT_FACTOR)), size: { min: Math.floor(min / 4), max } }
}

/** Each item of one list may be compared with each of the other. */
function pairs([left, right]: readonly Estimate[]): number {
  return times(sizeOf(left).max, sizeOf(right).max)
}

function eachItem(target: Estimate | undefined): CallCost {
  if (target?.type?.kind !== 'list') return walkTarget(target, [])
  const name = target.type.valueType?.name
  const isText = name === 'string' || name === 'bytes'
  return { cost: times(sizeOf(target).max, 1 + (isText ? scaled(itemSize(target).max, TEXT_FACTOR) : 0)) }
}

/** The schema alone tells; it is not asked of what the expression made. */
function itemSize({ place }: Estimate): Range {
  const elements = typeof place === 'object' ? place.elements : undefined
  return elements === undefined ? UNKNOWN : { min: 0, max: elements.maxElements }
}

/** A text has to be parsed first. */
function parsed(value: Estimate | undefined): number {
  return value?.type?.name === 'string' ? scaled(sizeOf(value).max, TEXT_FACTOR) : 0
}

function searched(target: Estimate | undefined, pattern: Estimate | undefined): number {
  const text = scaled(Math.min(MAX_COST, sizeOf(target).max + 1), TEXT_FACTOR)
  return times(text, scaled(sizeOf(pattern).max, PATTERN_FACTOR))
}

/** As many parts as there are characters, or as are asked for. */
function splitCost(target: Estimate | undefined, [, limit]: readonly Estimate[]): CallCost {
  const { max } = sizeOf(target)
  const parts = limit?.literal === undefined ? max : Number(limit.literal)
  return { cost: scaled(max, 2 * TEXT_FACTOR), size: { min: 0, max: parts < 0 ? MAX_COST : parts } }
}

function joinCost(target: Estimate | undefined, [separator]: readonly Estimate[]): CallCost {
  const list = sizeOf(target)
  const item = target === undefined ? UNKNOWN : itemSize(target)
  const items: Range = { min: times(list.min, item.min), max: times(list.max, item.max) }
  if (separator === undefined) return { cost: scaled(items.max, TEXT_FACTOR), size: items }
  const { min, max } = sizeOf(separator)
  const size = add(items, { min: times(min, Math.max(0, list.min - 1)), max: times(max, Math.max(0, list.max - 1)) })
  return { cost: scaled(size.max, TEXT_FACTOR), size }
}

function replaceCost(target: Estimate | undefined, [from, to]: readonly Estimate[]): CallCost {
  const text = sizeOf(target)
  const [old, next] = [sizeOf(from), sizeOf(to)]
  return {
    cost: scaled(text.max, 2 * TEXT_FACTOR),
    size: { min: shortest(text.min, old.max, next.min), max: longest(text.max, old.min, next.max) },
  }
}

/** As many of the shortest texts replaced by the longest as there can be; an empty one stands around each character. */
function longest(length: number, from: number, to: number): number {
  if (from === 0) return Math.min(MAX_COST, times(Math.min(MAX_COST, length + 1), to) + length)
  return to <= from ? length : times(Math.ceil(length / from), to)
}

function shortest(length: number, from: number, to: number): number {
  if (from === 0) return times(length + 1, to) + length
  return from <= to ? length : times(Math.ceil(length / from), to)
}
