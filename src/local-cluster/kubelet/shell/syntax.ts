// The parts of a shell script, as the parser finds them and the interpreter walks them.

/** Text, or what is put in its place when the command runs; quoted parts are not split into words. */
export type Part =
  | { readonly kind: 'text'; readonly text: string; readonly quoted: boolean }
  | { readonly kind: 'variable'; readonly name: string; readonly quoted: boolean; readonly change: Change | undefined }
  | { readonly kind: 'command'; readonly body: Node; readonly quoted: boolean }
  | { readonly kind: 'arithmetic'; readonly text: string; readonly quoted: boolean }

/** `${x:-y}`, `${x:=y}`, `${x:+y}`, `${x:?y}` and the forms without a colon; `${#x}` is `length`. */
export interface Change {
  readonly operator: '-' | '=' | '+' | '?' | 'length' | '%' | '%%' | '#' | '##'
  /** An empty value counts as none. */
  readonly orEmpty: boolean
  readonly word: Word
}

export type Word = readonly Part[]

export interface Redirect {
  readonly from: number
  readonly operator: '<' | '>' | '>>' | '>&' | '<<' | '<<<'
  readonly target: Word
}

export interface ListItem {
  readonly node: Node
  /** How it hangs on the one before. */
  readonly after: ';' | '&&' | '||'
}

export type Node =
  | { readonly kind: 'list'; readonly items: readonly ListItem[] }
  | { readonly kind: 'pipeline'; readonly negated: boolean; readonly commands: readonly Node[] }
  | {
      readonly kind: 'simple'
      readonly assignments: readonly (readonly [string, Word])[]
      readonly words: readonly Word[]
      readonly redirects: readonly Redirect[]
    }
  | {
      readonly kind: 'if'
      readonly branches: readonly { readonly condition: Node; readonly body: Node }[]
      readonly otherwise: Node | undefined
    }
  | { readonly kind: 'while'; readonly until: boolean; readonly condition: Node; readonly body: Node }
  | { readonly kind: 'for'; readonly name: string; readonly words: readonly Word[] | undefined; readonly body: Node }
  | {
      readonly kind: 'case'
      readonly word: Word
      readonly arms: readonly { readonly patterns: readonly Word[]; readonly body: Node }[]
    }
  | { readonly kind: 'group'; readonly body: Node; readonly subshell: boolean; readonly redirects: readonly Redirect[] }
  | { readonly kind: 'function'; readonly name: string; readonly body: Node }

/** What the parser cannot read. `isIncomplete`: more lines might make it whole. */
export class ShellSyntaxError extends Error {
  readonly isIncomplete: boolean

  constructor(message: string, isIncomplete = false) {
    super(message)
    this.name = 'ShellSyntaxError'
    this.isIncomplete = isIncomplete
  }
}
