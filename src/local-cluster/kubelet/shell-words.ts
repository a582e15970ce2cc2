// Cuts a small shell script into words and operators: quotes, variables, comments; nothing else of the language.

export interface ShellToken {
  readonly kind: 'word' | 'operator'
  readonly text: string
}

type Variables = Readonly<Record<string, string>>

const OPERATORS = ['&&', '||', ';', '|', '&', '\n', '(', ')'] as const

/** Undefined where the script uses what this reader does not know: substitutions, here-documents, unclosed quotes. */
export function shellTokens(script: string, variables: Variables): readonly ShellToken[] | undefined {
  const reader = new Reader(script, variables)
  return reader.read()
}

class Reader {
  readonly #script: string
  readonly #variables: Variables
  readonly #tokens: ShellToken[] = []
  #at = 0
  #word: string | undefined
  #unknown = false

  constructor(script: string, variables: Variables) {
    this.#script = script
    this.#variables = variables
  }

  read(): readonly ShellToken[] | undefined {
    while (this.#at < this.#script.length && !this.#unknown) this.#step()
    this.#endWord()
    return this.#unknown ? undefined : this.#tokens
  }

  #step(): void {
    const character = this.#script.charAt(this.#at)
    switch (character) {
      case "'":
        return this.#singleQuoted()
      case '"':
        return this.#doubleQuoted()
      case '\\':
        return this.#escaped()
      case '$':
        return this.#variable()
      case '>':
        return this.#redirection()
      case ' ':
      case '\t':
      case '\r':
        return this.#blank()
      default:
        return this.#plain(character)
    }
  }

  #plain(character: string): void {
    if (character === '`' || character === '<') this.#unknown = true
    else if (character === '#' && this.#word === undefined) this.#skipComment()
    else if (!this.#operator()) this.#append(character)
  }

  #append(text: string, length = text.length): void {
    this.#word = (this.#word ?? '') + text
    this.#at += length
  }

  #blank(): void {
    this.#endWord()
    this.#at++
  }

  #endWord(): void {
    if (this.#word !== undefined) this.#tokens.push({ kind: 'word', text: this.#word })
    this.#word = undefined
  }

  #operator(): boolean {
    const operator = OPERATORS.find((one) => this.#script.startsWith(one, this.#at))
    if (operator === undefined) return false
    this.#endWord()
    this.#tokens.push({ kind: 'operator', text: operator })
    this.#at += operator.length
    return true
  }

  #singleQuoted(): void {
    const end = this.#script.indexOf("'", this.#at + 1)
    if (end < 0) this.#unknown = true
    else this.#append(this.#script.slice(this.#at + 1, end), end + 1 - this.#at)
  }

  #doubleQuoted(): void {
    this.#word ??= ''
    this.#at++
    while (this.#at < this.#script.length) {
      const character = this.#script.charAt(this.#at)
      if (character === '"') {
        this.#at++
        return
      }
      if (character === '`') break
      if (character === '$') this.#variable()
      else if (character === '\\') this.#escaped()
      else this.#append(character)
      if (this.#unknown) return
    }
    this.#unknown = true
  }

  #escaped(): void {
    const next = this.#script.charAt(this.#at + 1)
    this.#append(next === '\n' ? '' : next, 2)
  }

  #variable(): void {
    const rest = this.#script.slice(this.#at)
    const found = /^\$(?:\{(?<braced>[A-Za-z_]\w*)\}|(?<bare>[A-Za-z_]\w*))/.exec(rest)
    const name = found?.groups?.['braced'] ?? found?.groups?.['bare']
    if (found === null || name === undefined) {
      // $(…), $1, ${x:-y}: what they come to is not known here. A lone $ is itself.
      if (/^\$[({\d?@*#!$]/.test(rest)) this.#unknown = true
      else this.#append('$')
      return
    }
    this.#append(this.#variables[name] ?? '', found[0].length)
  }

  /** `>&2`, `> file`: where output goes does not matter; the digit before it was read as a word of its own. */
  #redirection(): void {
    if (this.#word === '1' || this.#word === '2') this.#word = undefined
    this.#endWord()
    const target = /^>>?(?:&\d|\s*[^\s;&|]+)/.exec(this.#script.slice(this.#at))
    if (target === null) this.#unknown = true
    else this.#at += target[0].length
  }

  #skipComment(): void {
    const end = this.#script.indexOf('\n', this.#at)
    this.#at = end < 0 ? this.#script.length : end
  }
}
