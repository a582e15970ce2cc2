// Nodes into JSON values as go-yaml v2 decodes them and sigs.k8s.io/yaml turns the result into JSON.
import type { AliasNode, MappingNode, ScalarNode, YamlNode } from './node.ts'
import { YamlError } from './error.ts'
import { goSyntax } from './go-syntax.ts'
import { formatFloat, goNumber, quoteGo } from './go-text.ts'
import { MAX_DEPTH, hasTooManyAliases } from './limits.ts'
import type { Scalar } from './resolve.ts'
import { isIntegerText } from './resolve.ts'
import { resolveScalarNode } from './tags.ts'
import type { YamlObject, YamlOptions, YamlValue } from './value.ts'
import { jsonNumber, setOwn } from './value.ts'

/** The JSON value of a document. Throws what go-yaml or the conversion to JSON would say. */
export function constructValue(root: YamlNode, options: YamlOptions): YamlValue {
  return new Constructor(options).document(root)
}

class Constructor {
  readonly #options: YamlOptions
  readonly #open = new Set<YamlNode>()
  #values = 0
  #fromAliases = 0
  #aliasDepth = 0
  #depth = 0
  /** A key that JSON cannot have: reported when the whole document has been decoded. */
  #keyProblem: YamlError | undefined
  /** Met an infinite number or NaN, which may since have been overwritten. */
  #sawNonFinite = false
  readonly #duplicates: string[] = []

  constructor(options: YamlOptions) {
    this.#options = options
  }

  document(root: YamlNode): YamlValue {
    const value = this.#value(root)
    if (this.#duplicates.length > 0) {
      throw new YamlError(`yaml: unmarshal errors:\n${this.#duplicates.join('\n')}`, root.line + 1, root.column + 1)
    }
    if (this.#keyProblem !== undefined) throw this.#keyProblem
    if (this.#sawNonFinite) refuseNonFinite(value, root)
    return value
  }

  #value(node: YamlNode): YamlValue {
    this.#values++
    if (this.#aliasDepth > 0) this.#fromAliases++
    if (hasTooManyAliases(this.#values, this.#fromAliases)) throw errorAt(node, 'document contains excessive aliasing')
    switch (node.kind) {
      case 'scalar':
        return this.#jsonScalar(resolveScalarNode(node))
      case 'alias':
        return this.#alias(node, (target) => this.#value(target))
      case 'sequence':
        return this.#nested(node, () => node.items.map((item) => this.#value(item)))
      case 'mapping':
        return this.#nested(node, () => {
          const out: YamlObject = {}
          this.#fill(node, out, this.#options.duplicateKeys === 'error' ? new Set() : undefined)
          return out
        })
    }
  }

  #nested<T>(node: YamlNode, make: () => T): T {
    this.#depth++
    if (this.#depth > MAX_DEPTH) throw errorAt(node, `exceeded max depth of ${MAX_DEPTH}`)
    const value = make()
    this.#depth--
    return value
  }

  #alias<T>(node: AliasNode, use: (target: YamlNode) => T): T {
    if (this.#open.has(node.target)) throw errorAt(node, `anchor '${node.name}' value contains itself`)
    this.#open.add(node.target)
    this.#aliasDepth++
    const value = use(node.target)
    this.#aliasDepth--
    this.#open.delete(node.target)
    return value
  }

  #jsonScalar(value: Scalar): YamlValue {
    if (typeof value === 'bigint') return jsonNumber(value, this.#options.bigIntegers)
    if (typeof value === 'number' && !Number.isFinite(value)) {
      this.#sawNonFinite = true
    }
    return value as YamlValue
  }

  // Entries are set in the order of the text, merges too: what comes later wins.
  #fill(node: MappingNode, out: YamlObject, seen: Set<string> | undefined): void {
    for (const { key, value } of node.entries) {
      if (isMergeKey(key)) this.#merge(value, out, seen)
      else this.#entry(key, value, { out, seen })
    }
  }

  #entry(key: YamlNode, value: YamlNode, into: { out: YamlObject; seen: Set<string> | undefined }): void {
    const scalar = this.#keyScalar(key)
    const made = this.#value(value)
    const name = keyText(scalar)
    if (name === undefined) {
      this.#keyProblem ??= unsupportedKey(scalar, value, key)
      return
    }
    if (into.seen !== undefined) this.#noteDuplicate(scalar, value, into.seen)
    setOwn(into.out, name, made)
  }

  #keyScalar(key: YamlNode): KeyScalar {
    if (key.kind === 'alias') return this.#alias(key, (target) => this.#keyScalar(target))
    if (key.kind !== 'scalar') {
      // What is wrong inside the key comes first.
      this.#value(key)
      throw errorAt(key, `invalid map key: ${goSyntax(key)}`)
    }
    this.#values++
    const value = resolveScalarNode(key)
    const isFloat = typeof value === 'number' && !isIntegerText(key.text)
    return { value, isFloat }
  }

  #noteDuplicate({ value, isFloat }: KeyScalar, node: YamlNode, seen: Set<string>): void {
    const name = `${typeof value}${isFloat} ${String(value)}`
    if (seen.has(name)) {
      const shown = typeof value === 'string' ? quoteGo(value) : String(value)
      this.#duplicates.push(`  line ${node.line + 1}: key ${shown} already set in map`)
    }
    seen.add(name)
  }

  #merge(node: YamlNode, out: YamlObject, seen: Set<string> | undefined): void {
    if (node.kind !== 'sequence') return this.#mergeOne(node, out, seen)
    // Earlier entries take precedence: they are written over later ones.
    for (const item of node.items.toReversed()) this.#mergeOne(item, out, seen)
  }

  #mergeOne(node: YamlNode, out: YamlObject, seen: Set<string> | undefined): void {
    this.#values++
    if (this.#aliasDepth > 0) this.#fromAliases++
    const mapping = node.kind === 'alias' ? node.target : node
    if (mapping.kind !== 'mapping') {
      throw errorAt(node, 'map merge requires map or sequence of maps as the value')
    }
    if (node.kind === 'alias') this.#alias(node, () => this.#nested(node, () => this.#fill(mapping, out, seen)))
    else this.#nested(node, () => this.#fill(mapping, out, seen))
  }
}

/** Throws for the first number that JSON does not have, keys in order. */
function refuseNonFinite(value: YamlValue, root: YamlNode): void {
  if (typeof value === 'number' && !Number.isFinite(value)) {
    throw new YamlError(`json: unsupported value: ${goNumber(value)}`, root.line + 1, root.column + 1)
  }
  if (typeof value !== 'object' || value === null) return
  const items = Array.isArray(value)
    ? value
    : Object.entries(value)
        .toSorted(byKey)
        .map(([, item]) => item)
  for (const item of items) refuseNonFinite(item, root)
}

function byKey([a]: readonly [string, YamlValue], [b]: readonly [string, YamlValue]): number {
  return a < b ? -1 : 1
}

interface KeyScalar {
  readonly value: Scalar
  readonly isFloat: boolean
}

/** A key as sigs.k8s.io/yaml (v1.6.0 convertToJSONableObject) turns it into text; undefined for the types it refuses. */
function keyText({ value, isFloat }: KeyScalar): string | undefined {
  switch (typeof value) {
    case 'string':
      return value
    case 'boolean':
      return value ? 'true' : 'false'
    case 'number':
      return isFloat ? formatFloat(value, 32) : String(value)
    case 'bigint':
      return value <= 2n ** 63n - 1n ? String(value) : undefined
    default:
      return undefined
  }
}

function unsupportedKey({ value }: KeyScalar, node: YamlNode, at: YamlNode): YamlError {
  const [type, shown] = typeof value === 'bigint' ? ['uint64', `0x${value.toString(16)}`] : ['%!s(<nil>)', '<nil>']
  const message = `unsupported map key of type: ${type}, key: ${shown}, value: ${goSyntax(node, { top: true })}`
  return new YamlError(message, at.line + 1, at.column + 1)
}

/** `<<` written plain, or with the tag `!!merge`. */
function isMergeKey(node: YamlNode): node is ScalarNode {
  if (node.kind !== 'scalar' || node.text !== '<<') return false
  return node.tag === '' ? node.style === 'plain' : node.tag === '!' || node.tag === 'tag:yaml.org,2002:merge'
}

function errorAt(node: YamlNode, problem: string): YamlError {
  return new YamlError(`yaml: ${problem}`, node.line + 1, node.column + 1)
}
