// JSON as Go's encoding/json prints maps: keys sorted, `<`, `>`, `&` and two line separators escaped.

/** The text of a JSON value, on one line, or on several where an indent is given. */
export function sortedStringify(value: unknown, indent = ''): string {
  return print(value, indent, indent === '' ? '' : '\n')
}

// Built by hand: a JavaScript object would bring keys that look like numbers into an order of its own.
function print(value: unknown, indent: string, newline: string): string {
  const inner = newline + (newline === '' ? '' : indent)
  if (Array.isArray(value)) {
    if (value.length === 0) return '[]'
    return `[${value.map((item) => inner + print(item, indent, inner)).join(',')}${newline}]`
  }
  if (typeof value !== 'object' || value === null) return printScalar(value)
  const entries = Object.entries(value).toSorted(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
  if (entries.length === 0) return '{}'
  const colon = newline === '' ? ':' : ': '
  const lines = entries.map(([key, item]) => inner + printScalar(key) + colon + print(item, indent, inner))
  return `{${lines.join(',')}${newline}}`
}

function printScalar(value: unknown): string {
  if (typeof value === 'bigint') return String(value)
  const json = JSON.stringify(value)
  if (typeof value !== 'string') return json
  return json.replace(/[<>&\u2028\u2029]|\\[bf\\]/g, (match) => GO_ESCAPES[match] ?? match)
}

const GO_ESCAPES: Readonly<Record<string, string>> = {
  '<': '\\u003c',
  '>': '\\u003e',
  '&': '\\u0026',
  '\u2028': '\\u2028',
  '\u2029': '\\u2029',
  // Go writes these two control characters as code points.
  '\\b': '\\u0008',
  '\\f': '\\u000c',
}
