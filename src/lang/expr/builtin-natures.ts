// What built-in functions take and give, as far as it is known before an expression runs.
import { ARRAY, arrayOf, BOOL, DURATION, FLOAT, INTEGER, isNumber, STRING, TIME, UNKNOWN } from './natures.ts'
import type { Nature } from './natures.ts'

function table(rows: readonly (readonly [string, Nature])[]): ReadonlyMap<string, Nature> {
  return new Map(rows.flatMap(([names, nature]) => names.split(' ').map((name) => [name, nature] as const)))
}

const GIVEN = table([
  ['all none any one hasPrefix hasSuffix', BOOL],
  ['count findIndex findLastIndex len int indexOf lastIndexOf', INTEGER],
  ['bitand bitor bitxor bitnand bitshl bitshr bitushr bitnot', INTEGER],
  ['ceil floor round float', FLOAT],
  ['type string trim trimPrefix trimSuffix upper lower replace repeat join toJSON toBase64 fromBase64', STRING],
  ['split splitAfter', arrayOf(STRING)],
  ['keys values toPairs reverse uniq concat flatten sort', ARRAY],
  ['now date', TIME],
  ['duration', DURATION],
])

/** What a function gives: `result` is what its predicate or first argument is, `collection` what it goes over. */
export function builtinNature(name: string, result: Nature, collection: Nature): Nature {
  switch (name) {
    case 'filter':
      return collection.kind === 'unknown' ? ARRAY : collection
    case 'sortBy':
      return collection
    case 'map':
      return arrayOf(result)
    case 'find':
    case 'findLast':
      return collection.elem ?? UNKNOWN
    case 'reduce':
    case 'abs':
      return result
    default:
      return GIVEN.get(name) ?? UNKNOWN
  }
}

const ALL_TEXT = new Set(
  'trim trimPrefix trimSuffix upper lower split splitAfter replace indexOf lastIndexOf hasPrefix hasSuffix'
    .concat(' fromJSON toBase64 fromBase64 duration timezone repeat')
    .split(' '),
)
/** Of these all arguments are whole numbers. */
const BITS = new Set('bitand bitor bitxor bitnand bitshl bitshr bitushr bitnot'.split(' '))
/** Which argument of a function of ALL_TEXT is a count. */
const COUNTS: Readonly<Record<string, number>> = { split: 2, splitAfter: 2, replace: 3, repeat: 1 }
const NUMBERS = new Set(['abs', 'ceil', 'floor', 'round'])
const CONVERSIONS = new Set(['int', 'float'])
const EXTREMES = new Set(['max', 'min', 'mean', 'median'])

export interface ArgumentFault {
  readonly text: string
  /** The argument it is about; the whole call without it. */
  readonly index?: number
}

/** Why a function does not take these; undefined where it may. */
export function argumentFault(name: string, natures: readonly Nature[]): ArgumentFault | undefined {
  const [first] = natures
  if (ALL_TEXT.has(name) || BITS.has(name)) return typedFault(name, natures)
  if (EXTREMES.has(name)) return extremeFault(name, natures)
  if (first === undefined || first.kind === 'unknown') return undefined
  return takes(name, first) ? undefined : { text: `invalid argument for ${name} (type ${first.name})` }
}

/** Of a function with one argument. */
function takes(name: string, nature: Nature): boolean {
  if (NUMBERS.has(name)) return isNumber(nature)
  if (CONVERSIONS.has(name)) return isNumber(nature) || nature.kind === 'string' || nature.kind === 'duration'
  return name !== 'len' || ['string', 'array', 'map', 'bytes'].includes(nature.kind)
}

function typedFault(name: string, natures: readonly Nature[]): ArgumentFault | undefined {
  for (const [index, nature] of natures.entries()) {
    const wanted = COUNTS[name] === index || BITS.has(name) ? INTEGER : STRING
    if (nature.kind === 'unknown' || nature.kind === wanted.kind) continue
    const reason = `cannot use ${nature.name} as argument (type ${wanted.name}) to call ${name}`
    return { text: nature.kind === 'nil' ? reason : `${reason} `, index }
  }
  return undefined
}

function extremeFault(name: string, natures: readonly Nature[]): ArgumentFault | undefined {
  const wrong = natures.find((nature) => !isNumber(nature) && !['unknown', 'nil', 'array'].includes(nature.kind))
  return wrong === undefined ? undefined : { text: `invalid argument for ${name} (type ${wrong.name})` }
}
