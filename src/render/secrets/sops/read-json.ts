// JSON files of SOPS into documents, with the order of their keys, which JSON.parse does not keep.
import { floatText, leaf, type Branch, type Entry, type Leaf, type Node } from './document.ts'
import { SopsError } from './fault.ts'

const TOKEN =
  /[ \t\r\n]*(?:(?<mark>[{}[\],:])|(?<string>"(?:[^"\\]|\\.)*")|(?<number>-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)|(?<word>true|false|null))/y

/** Nested collections; Go's decoder stops at 10,000, and every level costs stack. */
const MAX_DEPTH = 1000

/** The object of a file. Throws `bad-input` for what is no JSON object. */
export function readJsonTree(text: string): Branch {
  const reader = new Reader(text)
  const root = reader.value(0)
  if (root.kind !== 'map') {
    throw new SopsError("SOPS only supports JSON files with a top-level object (starting with '{')")
  }
  reader.end()
  return root
}

class Reader {
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text.startsWith('\ufeff') ? text.slice(1) : text
  }

  value(depth: number): Node {
    if (depth > MAX_DEPTH) throw new SopsError(`not JSON: nested deeper than ${MAX_DEPTH}`, 'limit')
    const token = this.#take()
    if (token['mark'] === '{') return this.#object(depth)
    if (token['mark'] === '[') return this.#list(depth)
    if (token['string'] !== undefined) return leaf('str', this.#unquote(token['string']))
    if (token['number'] !== undefined) return numberOf(token['number'])
    if (token['word'] === undefined) throw this.#fault()
    return token['word'] === 'null' ? leaf('null', '') : leaf('bool', token['word'] === 'true' ? 'True' : 'False')
  }

  end(): void {
    if (this.#text.slice(this.#at).trim() !== '') throw this.#fault()
  }

  #object(depth: number): Branch {
    const entries: Entry[] = []
    if (this.#isNext('}')) return { kind: 'map', entries }
    for (;;) {
      const key = this.#take()['string']
      if (key === undefined || this.#take()['mark'] !== ':') throw this.#fault()
      entries.push({ key: this.#unquote(key), value: this.value(depth + 1) })
      const mark = this.#take()['mark']
      if (mark === '}') return { kind: 'map', entries }
      if (mark !== ',') throw this.#fault()
    }
  }

  #list(depth: number): Node {
    const items: Node[] = []
    if (this.#isNext(']')) return { kind: 'list', items }
    for (;;) {
      items.push(this.value(depth + 1))
      const mark = this.#take()['mark']
      if (mark === ']') return { kind: 'list', items }
      if (mark !== ',') throw this.#fault()
    }
  }

  #isNext(mark: string): boolean {
    const before = this.#at
    if (this.#take()['mark'] === mark) return true
    this.#at = before
    return false
  }

  #take(): Readonly<Record<string, string | undefined>> {
    TOKEN.lastIndex = this.#at
    const groups = TOKEN.exec(this.#text)?.groups
    if (groups === undefined) throw this.#fault()
    this.#at = TOKEN.lastIndex
    return groups
  }

  #unquote(text: string): string {
    try {
      return String(JSON.parse(text))
    } catch (error) {
      throw new SopsError(`not JSON: a string near byte ${this.#at} has a wrong escape`, 'bad-input', { cause: error })
    }
  }

  #fault(): SopsError {
    return new SopsError(`not JSON: unexpected text at character ${this.#at}`)
  }
}

/** Whole numbers of 64 bits are integers, all others floats (sops v3.13.3 normalizeJSONNumber). */
function numberOf(text: string): Leaf {
  const isWhole = /^-?\d+$/.test(text)
  const value = isWhole ? BigInt(text) : 0n
  const fits = isWhole && value <= 2n ** 63n - 1n && value >= -(2n ** 63n)
  return fits ? leaf('int', String(value)) : leaf('float', floatText(Number(text)))
}
