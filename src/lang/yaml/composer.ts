// Tokens into nodes: the grammar of YAML 1.1 as libyaml reads it (go-yaml v2.4.3 parserc.go), anchors resolved.
import type { Mark } from './error.ts'
import { YamlError, parserError } from './error.ts'
import { MAX_DEPTH } from './limits.ts'
import type { MappingNode, SequenceNode, YamlNode } from './node.ts'
import type { Scanner } from './scanner.ts'
import type { Token, TokenType } from './token.ts'

export interface ComposedDocument {
  /** Line of the document's content or marker, from 0. */
  readonly line: number
  readonly root: YamlNode
}

/** What stands before a node's content. */
interface Properties extends Mark {
  readonly anchor: string | undefined
  readonly tag: string
}

type NodePlace = 'block' | 'block-value' | 'flow'

const DEFAULT_TAGS: ReadonlyMap<string, string> = new Map([
  ['!', '!'],
  ['!!', 'tag:yaml.org,2002:'],
])

/** Reads the documents of one text in turn. */
export class Composer {
  readonly #scanner: Scanner
  #anchors = new Map<string, YamlNode>()
  #tags: ReadonlyMap<string, string> = DEFAULT_TAGS
  #first = true
  #depth = 0

  constructor(scanner: Scanner) {
    this.#scanner = scanner
  }

  /** The next document, undefined at the end of the text. Looks at the token behind it, as go-yaml does. */
  next(): ComposedDocument | undefined {
    const scanner = this.#scanner
    if (!this.#first) while (scanner.peek().type === 'document-end') scanner.take()
    const start = scanner.peek()
    if (start.type === 'stream-end') return undefined

    this.#anchors = new Map()
    const root = this.#document(start)
    this.#first = false
    if (scanner.peek().type === 'document-end') scanner.take()
    return { line: start.line, root }
  }

  #document(start: Token): YamlNode {
    const scanner = this.#scanner
    // Only the first document may do without `---`.
    const explicit = !this.#first || isOneOf(start, ['version', 'tag-directive', 'document-start'])
    if (!explicit) {
      this.#tags = DEFAULT_TAGS
      return this.#node('block')
    }
    this.#tags = this.#directives()
    const marker = scanner.peek()
    if (marker.type !== 'document-start') throw parserError('did not find expected <document start>', marker)
    scanner.take()
    const ended = isOneOf(scanner.peek(), ['version', 'tag-directive', 'document-start', 'document-end', 'stream-end'])
    return ended ? emptyScalar(scanner.peek()) : this.#node('block')
  }

  #directives(): ReadonlyMap<string, string> {
    const scanner = this.#scanner
    const tags = new Map<string, string>()
    let versioned = false
    for (;;) {
      const token = scanner.peek()
      if (token.type === 'version') {
        if (versioned) throw parserError('found duplicate %YAML directive', token)
        if (token.text !== '1.1') throw parserError('found incompatible YAML document', token)
        versioned = true
      } else if (token.type === 'tag-directive') {
        if (tags.has(token.text)) throw parserError('found duplicate %TAG directive', token)
        tags.set(token.text, token.suffix)
      } else break
      scanner.take()
    }
    return new Map([...DEFAULT_TAGS, ...tags])
  }

  #node(place: NodePlace): YamlNode {
    if (this.#scanner.peek().type === 'alias') return this.#alias()
    const properties = this.#properties()
    this.#depth++
    if (this.#depth > MAX_DEPTH) {
      const { line, column } = this.#scanner.peek()
      throw new YamlError(`yaml: exceeded max depth of ${MAX_DEPTH}`, line + 1, column + 1)
    }
    const node = this.#content(place, properties)
    this.#depth--
    return node
  }

  #alias(): YamlNode {
    const { text: name, line, column } = this.#scanner.take()
    const target = this.#anchors.get(name)
    if (target === undefined) {
      throw new YamlError(`yaml: unknown anchor '${name}' referenced`, line + 1, column + 1)
    }
    return { kind: 'alias', name, target, line, column }
  }

  #properties(): Properties {
    const scanner = this.#scanner
    const first = scanner.peek()
    let anchor: Token | undefined
    let tag: Token | undefined
    if (first.type === 'anchor') {
      anchor = scanner.take()
      if (scanner.peek().type === 'tag') tag = scanner.take()
    } else if (first.type === 'tag') {
      tag = scanner.take()
      if (scanner.peek().type === 'anchor') anchor = scanner.take()
    }
    const { line, column } = first
    return { line, column, anchor: anchor?.text, tag: tag === undefined ? '' : this.#fullTag(tag, first) }
  }

  #fullTag(tag: Token, start: Mark): string {
    if (tag.text === '') return tag.suffix
    const prefix = this.#tags.get(tag.text)
    if (prefix === undefined) throw parserError('found undefined tag handle', tag, start)
    return prefix + tag.suffix
  }

  #content(place: NodePlace, properties: Properties): YamlNode {
    const token = this.#scanner.peek()
    const { type } = token
    if (type === 'scalar') return this.#scalar(properties)
    if (type === '[') return this.#flowSequence(properties)
    if (type === '{') return this.#flowMapping(properties)
    if (place === 'block-value' && type === '-') return this.#indentlessSequence(properties)
    if (place !== 'flow' && type === 'block-sequence') return this.#blockSequence(properties)
    if (place !== 'flow' && type === 'block-mapping') return this.#blockMapping(properties)
    if (properties.anchor !== undefined || properties.tag !== '') {
      return this.#named({ ...properties, kind: 'scalar', text: '', style: 'plain' })
    }
    throw parserError('did not find expected node content', token, properties)
  }

  /** Makes a node known by its anchor; before its children, which may refer to it. */
  #named<N extends YamlNode>(node: N): N {
    if (node.anchor !== undefined) this.#anchors.set(node.anchor, node)
    return node
  }

  #scalar(properties: Properties): YamlNode {
    const { text, style } = this.#scanner.take()
    return this.#named({ ...properties, kind: 'scalar', text, style })
  }

  #blockSequence(properties: Properties): YamlNode {
    const scanner = this.#scanner
    const start = scanner.take()
    const node = this.#named<SequenceNode>({ ...properties, kind: 'sequence', flow: false, items: [] })
    while (scanner.peek().type === '-') {
      const dash = scanner.take()
      node.items.push(this.#nodeUnless(['-', 'block-end'], 'block', dash))
    }
    if (scanner.peek().type !== 'block-end') {
      throw parserError("did not find expected '-' indicator", scanner.peek(), start)
    }
    scanner.take()
    return node
  }

  /** Items at the column of the mapping around them: no token opens or closes the sequence. */
  #indentlessSequence(properties: Properties): YamlNode {
    const scanner = this.#scanner
    const node = this.#named<SequenceNode>({ ...properties, kind: 'sequence', flow: false, items: [] })
    while (scanner.peek().type === '-') {
      const dash = scanner.take()
      node.items.push(this.#nodeUnless(['-', 'key', 'value', 'block-end'], 'block', dash))
    }
    return node
  }

  #blockMapping(properties: Properties): YamlNode {
    const scanner = this.#scanner
    const start = scanner.take()
    const node = this.#named<MappingNode>({ ...properties, kind: 'mapping', flow: false, entries: [] })
    const stops: readonly TokenType[] = ['key', 'value', 'block-end']
    while (scanner.peek().type === 'key' || scanner.peek().type === 'value') {
      // `: v` without a key is a value of the empty key only behind `?`; alone it is an error below.
      if (scanner.peek().type === 'value') break
      const indicator = scanner.take()
      const key = this.#nodeUnless(stops, 'block-value', indicator)
      const value =
        scanner.peek().type === 'value'
          ? this.#nodeUnless(stops, 'block-value', scanner.take())
          : emptyScalar(scanner.peek())
      node.entries.push({ key, value })
    }
    if (scanner.peek().type !== 'block-end') throw parserError('did not find expected key', scanner.peek(), start)
    scanner.take()
    return node
  }

  #flowSequence(properties: Properties): YamlNode {
    const scanner = this.#scanner
    const start = scanner.take()
    const node = this.#named<SequenceNode>({ ...properties, kind: 'sequence', flow: true, items: [] })
    while (scanner.peek().type !== ']') {
      if (node.items.length > 0) {
        this.#flowSeparator(start, ']')
        if (scanner.peek().type === ']') break
      }
      node.items.push(scanner.peek().type === 'key' ? this.#pairInSequence() : this.#node('flow'))
    }
    scanner.take()
    return node
  }

  #flowSeparator(start: Token, end: ']' | '}'): void {
    const token = this.#scanner.peek()
    if (token.type !== ',') throw parserError(`did not find expected ',' or '${end}'`, token, start)
    this.#scanner.take()
  }

  /** `[a: b]`: a mapping of one entry without braces. */
  #pairInSequence(): YamlNode {
    const scanner = this.#scanner
    const { line, column } = scanner.take()
    let key: YamlNode
    if (isOneOf(scanner.peek(), ['value', ',', ']'])) {
      // libyaml takes the token that shows that the key is empty: `[? : b]` fails further on.
      key = emptyScalar(scanner.take())
    } else key = this.#node('flow')
    const value = scanner.peek().type === 'value' ? this.#flowValue([',', ']']) : emptyScalar(scanner.peek())
    return { kind: 'mapping', tag: '', flow: true, line, column, entries: [{ key, value }] }
  }

  #flowMapping(properties: Properties): YamlNode {
    const scanner = this.#scanner
    const start = scanner.take()
    const node = this.#named<MappingNode>({ ...properties, kind: 'mapping', flow: true, entries: [] })
    while (scanner.peek().type !== '}') {
      if (node.entries.length > 0) {
        this.#flowSeparator(start, '}')
        if (scanner.peek().type === '}') break
      }
      node.entries.push(this.#flowEntry())
    }
    scanner.take()
    return node
  }

  #flowEntry(): { key: YamlNode; value: YamlNode } {
    const scanner = this.#scanner
    if (scanner.peek().type !== 'key') return { key: this.#node('flow'), value: emptyScalar(scanner.peek()) }
    scanner.take()
    const key = isOneOf(scanner.peek(), ['value', ',', '}']) ? emptyScalar(scanner.peek()) : this.#node('flow')
    const value = scanner.peek().type === 'value' ? this.#flowValue([',', '}']) : emptyScalar(scanner.peek())
    return { key, value }
  }

  #flowValue(stops: readonly TokenType[]): YamlNode {
    this.#scanner.take()
    return isOneOf(this.#scanner.peek(), stops) ? emptyScalar(this.#scanner.peek()) : this.#node('flow')
  }

  /** The node behind an indicator, or an empty one where a token shows that none follows. */
  #nodeUnless(stops: readonly TokenType[], place: NodePlace, indicator: Mark): YamlNode {
    return isOneOf(this.#scanner.peek(), stops) ? emptyScalar(indicator) : this.#node(place)
  }
}

function isOneOf(token: Token, types: readonly TokenType[]): boolean {
  return types.includes(token.type)
}

function emptyScalar(at: Mark): YamlNode {
  return { kind: 'scalar', text: '', style: 'plain', tag: '', line: at.line, column: at.column }
}
