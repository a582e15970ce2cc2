// Compares answers of an API server with recorded ones in which identities, times and addresses stand as tokens.

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json }

const TOKEN = /<(?<kind>uid|rv|ip|nodeport|time|microtime|rand5|continue|jwt|hash|server|build)(?::(?<number>\d+))?>/g

/** What may stand in the place of a token. */
const PATTERNS: Readonly<Record<string, string>> = {
  uid: '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}',
  rv: '\\d+',
  ip: '\\d+\\.\\d+\\.\\d+\\.\\d+',
  nodeport: '\\d+',
  time: '\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ',
  microtime: '\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{6}Z',
  rand5: '[a-z0-9]{5}',
  continue: '[\\w+/=-]+',
  jwt: '[\\w-]+\\.[\\w-]+\\.[\\w-]+',
  hash: '[\\w+/=-]+',
  server: '[^"/]*',
  build: '[^"]*',
}

/** Lists whose order says nothing. */
const UNORDERED: ReadonlySet<string> = new Set([
  'managedFields',
  'causes',
  'resourceRules',
  'nonResourceRules',
  'resources',
  'groups',
  'subresources',
  'versions',
])

/** One scenario's memory: what each token stands for, and what earlier answers said. */
export class AnswerMatcher {
  readonly #tokens = new Map<string, string>()
  readonly #values = new Map<string, string>()
  readonly #answers = new Map<string, Json>()

  /** Keeps an answer for the templates of later requests. */
  remember(step: string, body: string): void {
    try {
      this.#answers.set(step, JSON.parse(body) as Json)
    } catch {
      // Streams and plain texts are not referred to.
    }
  }

  /** Fills `${rv:step}` and its like from earlier answers. */
  fill(text: string): string {
    return text.replaceAll(
      /\$\{(?<field>rv|uid|name|continue):(?<step>[^}]+)\}/g,
      (_all, field: string, step: string) => {
        const metadata = fieldOf(this.#answers.get(step), 'metadata')
        const names: Readonly<Record<string, string>> = {
          rv: 'resourceVersion',
          uid: 'uid',
          name: 'name',
          continue: 'continue',
        }
        const found = fieldOf(metadata, names[field] ?? '')
        const value = typeof found === 'string' ? found : ''
        return field === 'continue' ? encodeURIComponent(value) : value
      },
    )
  }

  compareBody(expected: unknown, body: string): string | undefined {
    let actual: Json
    try {
      actual = JSON.parse(body) as Json
    } catch {
      return this.compareText(String(expected), body)
    }
    return this.#compare(expected as Json, actual, '') // the corpus holds JSON
  }

  compareText(expected: string, actual: string): string | undefined {
    return this.#compareString(expected, actual, 'text')
  }

  compareStream(expected: readonly unknown[], body: string): string | undefined {
    const events = body
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Json)
    return this.#compare(expected as readonly Json[], events, 'stream')
  }

  #compare(expected: Json, actual: Json | undefined, path: string): string | undefined {
    if (typeof expected === 'string' && (typeof actual === 'string' || typeof actual === 'number')) {
      return this.#compareString(expected, String(actual), path)
    }
    if (Array.isArray(expected)) return this.#compareList(expected, actual, path)
    if (typeof expected === 'object' && expected !== null)
      return this.#compareObject(expected as Record<string, Json>, actual, path)
    return expected === actual ? undefined : difference(path, expected, actual)
  }

  #compareList(expected: readonly Json[], actual: Json | undefined, path: string): string | undefined {
    if (!Array.isArray(actual)) return difference(path, expected, actual)
    const name = path.slice(path.lastIndexOf('.') + 1)
    const [left, right] = UNORDERED.has(name)
      ? [sorted(expected), sorted(actual)]
      : [expected, actual as readonly Json[]]
    for (const [index, item] of left.entries()) {
      const found = this.#compare(item, right[index], `${path}[${index}]`)
      if (found !== undefined) return found
    }
    return left.length === right.length ? undefined : difference(`${path}.length`, left.length, right.length)
  }

  #compareObject(expected: Record<string, Json>, actual: Json | undefined, path: string): string | undefined {
    if (typeof actual !== 'object' || actual === null || Array.isArray(actual))
      return difference(path, expected, actual)
    const found = actual as Record<string, Json>
    const wanted = Object.fromEntries(Object.entries(expected).map(([key, value]) => [this.#known(key), value]))
    for (const key of new Set([...Object.keys(wanted), ...Object.keys(found)])) {
      // Descriptions of columns are texts of the schema.
      if (key === 'description' && path.includes('columnDefinitions')) continue
      if (!Object.hasOwn(wanted, key)) return difference(`${path}.${key}`, undefined, found[key])
      const different = this.#compare(wanted[key] ?? null, found[key], `${path}.${key}`)
      if (different !== undefined) return different
    }
    return undefined
  }

  /** Keys of managed fields hold identities too; an earlier answer told what they stand for. */
  #known(key: string): string {
    return key.includes('<') ? key.replaceAll(TOKEN, (token) => this.#tokens.get(token) ?? token) : key
  }

  #compareString(expected: string, actual: string, path: string): string | undefined {
    if (expected === actual) return undefined
    if (path.includes('.cells[') && isAge(expected) && isAge(actual)) return undefined
    const names: string[] = []
    const pattern = expected
      .split(TOKEN_SPLIT)
      .map((part) => partPattern(part, names))
      .join('')
    const match = new RegExp(`^${pattern}$`, 's').exec(actual)
    if (match === null) return difference(path, expected, actual)
    for (const [index, name] of names.entries()) {
      if (!this.#isSame(name, match[index + 1] ?? ''))
        return `${path}: ${name} stands for ${this.#tokens.get(name) ?? '?'}, not ${match[index + 1] ?? ''}`
    }
    return undefined
  }

  /** A numbered token stands for one value, and a value for one token. */
  #isSame(token: string, value: string): boolean {
    if (!token.includes(':')) return true
    const key = `${token.slice(1, token.indexOf(':'))} ${value}`
    const known = this.#tokens.get(token)
    if (known !== undefined) return known === value
    if (this.#values.has(key)) return false
    this.#tokens.set(token, value)
    this.#values.set(key, token)
    return true
  }
}

const TOKEN_SPLIT = /(<(?:uid|rv|ip|nodeport|time|microtime|rand5|continue|jwt|hash|server|build)(?::\d+)?>)/

function partPattern(part: string, names: string[]): string {
  const kind = [...part.matchAll(TOKEN)][0]?.groups?.['kind']
  if (kind === undefined || !TOKEN_SPLIT.test(part)) return RegExp.escape(part)
  names.push(part)
  return `(${PATTERNS[kind] ?? '.*'})`
}

function isAge(text: string): boolean {
  return /^(\d+[smhdy])+$/.test(text) || text === '<unknown>'
}

function sorted(list: readonly Json[]): readonly Json[] {
  return list.toSorted((a, b) => (sortKey(a) < sortKey(b) ? -1 : 1))
}

/** Tokens differ from run to run, so only what is the same in both goes into the key. */
function sortKey(item: Json): string {
  return JSON.stringify(stable(item))
}

function stable(item: Json): Json {
  if (Array.isArray(item)) return item.map(stable)
  if (typeof item !== 'object' || item === null)
    return typeof item === 'string' && (item.includes('<') || /\d{4}-\d\d/.test(item)) ? '' : item
  const entries = Object.entries(item).filter(([key]) => key !== 'time')
  return Object.fromEntries(
    entries.toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([key, value]) => [key, stable(value)]),
  )
}

function fieldOf(value: Json | undefined, key: string): Json | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  return (value as Record<string, Json>)[key]
}

function difference(path: string, expected: Json | undefined, actual: Json | undefined): string {
  return `${path}: expected ${shorten(expected)}, got ${shorten(actual)}`
}

function shorten(value: Json | undefined): string {
  const text = JSON.stringify(value) ?? 'nothing'
  return text.length > 120 ? `${text.slice(0, 120)}…` : text
}
