// `format` of cel-go's strings library: %s, %d, %f, %e, %b, %o, %x, %X.

/** Fills the values into the clauses of a text. Throws `RangeError` where one is missing or does not fit. */
export function formatText(text: string, values: readonly unknown[]): string {
  let next = 0
  return text.replace(
    /%(?:(?<percent>%)|(?:\.(?<digits>\d+))?(?<clause>[a-zA-Z]))/g,
    (_whole, percent, digits, clause) => {
      if (percent === '%') return '%'
      if (next >= values.length) throw new RangeError(`index ${next} out of range`)
      const value = values[next++]
      return formatOne(String(clause), value, digits === undefined ? 6 : Number(digits))
    },
  )
}

/** Go prints no more; a larger number would only make text. */
const MAX_DIGITS = 100

function formatOne(clause: string, value: unknown, digits: number): string {
  switch (clause) {
    case 's':
      return shown(value)
    case 'd':
      if (typeof value === 'bigint' || typeof value === 'number') return String(value)
      break
    case 'f':
      if (isNumber(value)) return Number(value).toFixed(Math.min(digits, MAX_DIGITS))
      break
    case 'e':
      if (isNumber(value)) return exponent(Number(value), Math.min(digits, MAX_DIGITS))
      break
    default:
      return formatBits(clause, value)
  }
  throw unsuitable(clause, value)
}

function isNumber(value: unknown): boolean {
  return typeof value === 'number' || typeof value === 'bigint'
}

function formatBits(clause: string, value: unknown): string {
  const bits = typeof value === 'boolean' && clause === 'b' ? BigInt(value) : value
  const base = { b: 2, o: 8, x: 16, X: 16 }[clause]
  if (base === undefined)
    throw new RangeError(`could not parse formatting clause: unrecognized formatting clause "${clause}"`)
  let text: string
  if (typeof bits === 'bigint') text = bits.toString(base)
  else if (typeof bits === 'string' && base === 16) text = Buffer.from(bits).toString('hex')
  else if (bits instanceof Uint8Array && base === 16) text = Buffer.from(bits).toString('hex')
  else throw unsuitable(clause, value)
  return clause === 'X' ? text.toUpperCase() : text
}

function unsuitable(clause: string, value: unknown): RangeError {
  return new RangeError(`error during formatting: %${clause} cannot format ${typeof value}`)
}

/** Two digits at least, as Go has them. */
function exponent(value: number, digits: number): string {
  return value.toExponential(digits).replace(/e(?<sign>[+-])(?<power>\d)$/, 'e$<sign>0$<power>')
}

/** %s prints everything. */
function shown(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return `[${value.map(shown).join(', ')}]`
  if (value instanceof Map) {
    const entries = [...value].map(([key, one]) => `${shown(key)}: ${shown(one)}`)
    return `{${entries.toSorted().join(', ')}}`
  }
  if (value instanceof Date) return value.toISOString().replace(/\.000Z$/, 'Z')
  if (value instanceof Uint8Array) return Buffer.from(value).toString('utf8')
  return `${value as string | number | bigint | boolean}` // what is left prints itself
}
