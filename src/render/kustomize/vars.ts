// vars: $(NAME) in the fields that may hold them (api/internal/accumulator, api/filters/refvar).
import { CapstanError } from '../../base/errors.ts'
import type { Accumulator } from './accumulator.ts'
import { varText } from './accumulator.ts'
import type { FieldSpec } from './field-spec.ts'
import { changeField } from './field-spec.ts'
import { lookupPath, splitFieldPath } from './field-path.ts'
import type { Var } from './kustomization.ts'
import type { MappingNode, Node, ScalarNode } from './node.ts'
import { isNull, scalar, textOf, valueOfNode } from './node.ts'
import type { Resource } from './resource.ts'

/** Replaces all vars; gives the names of those that stand nowhere. Throws `bad-input` for one without a value. */
export function resolveVars(gathered: Accumulator): string[] {
  if (gathered.vars.size === 0) return []
  const values = new Map<string, Node>()
  for (const name of [...gathered.vars.keys()].toSorted()) {
    const variable = gathered.vars.get(name)
    if (variable !== undefined) values.set(name, valueOf(variable, gathered.set.items))
  }
  const used = new Set<string>()
  for (const resource of gathered.set.items) {
    for (const name of replaceVars(resource.node, gathered.config.varReference, values)) used.add(name)
  }
  return [...values.keys()].filter((name) => !used.has(name))
}

/** Replaces `$(NAME)` in some fields of a resource; gives the names that stood there. */
export function replaceVars(
  root: MappingNode,
  specs: readonly FieldSpec[],
  values: ReadonlyMap<string, Node>,
): ReadonlySet<string> {
  const replacer = new VarReplacer(values)
  for (const spec of specs) changeField(root, spec, { set: (node) => replacer.node(node) })
  return replacer.used
}

function valueOf(variable: Var, resources: readonly Resource[]): Node {
  const source = resources.find((resource) => resource.varNames.includes(variable.name ?? ''))
  const shown = varText(withDefaults(variable), true)
  if (source === undefined) {
    const message = `var '${shown}' cannot be mapped to a field in the set of known resources`
    throw new CapstanError('bad-input', message)
  }
  const path = variable.fieldref?.fieldPath ?? ''
  const found = lookupPath(source.node, splitFieldPath(path === '' ? 'metadata.name' : path).flatMap(splitIndex))
  if (found === undefined) {
    throw new CapstanError('bad-input', `field specified in var '${shown}' not found in corresponding resource`)
  }
  return found
}

function withDefaults(variable: Var): Var {
  const path = variable.fieldref?.fieldPath ?? ''
  return path === '' ? { ...variable, fieldref: { fieldPath: 'metadata.name' } } : variable
}

/** `containers[0]` → `containers`, `0`. */
function splitIndex(step: string): string[] {
  const match = /^(?<name>[^[\]]+)\[(?<index>\d+)\]$/.exec(step)
  return match?.groups === undefined ? [step] : [match.groups['name'] ?? '', match.groups['index'] ?? '']
}

class VarReplacer {
  readonly used = new Set<string>()
  readonly #values: ReadonlyMap<string, Node>

  constructor(values: ReadonlyMap<string, Node>) {
    this.#values = values
  }

  node(node: Node): Node {
    if (isNull(node)) return node
    if (node.kind === 'scalar') return this.#scalar(node)
    if (node.kind === 'mapping') return this.#mapping(node)
    node.items = node.items.map((item) => this.#item(item))
    return node
  }

  #mapping(node: MappingNode): Node {
    for (const entry of node.entries) {
      const { key, value } = entry
      const { text, tag } = key
      if (!isString(key)) throw new CapstanError('bad-input', `invalid map key: value='${text}', tag='!!${tag}'`)
      if (value.kind === 'scalar') entry.value = this.#scalar(value)
    }
    return node
  }

  #item(item: Node): Node {
    if (!isString(item)) throw new CapstanError('bad-input', 'invalid value type expect a string')
    return this.#scalar(item)
  }

  #scalar(node: ScalarNode): ScalarNode {
    return isString(node) ? this.#replaced(node.text) : node
  }

  /** A text that is nothing but a var gets the type of its value. */
  #replaced(text: string): ScalarNode {
    let out = ''
    for (let at = 0; at < text.length;) {
      const part = readReference(text, at)
      if (part.name === undefined) out += part.text
      else {
        const value = this.#value(part.name)
        if (value !== undefined && part.end - at === text.length) return typed(value)
        out += value === undefined ? part.text : textOf(value)
      }
      at = part.end
    }
    return scalar(out, 'str')
  }

  #value(name: string): Node | undefined {
    const value = this.#values.get(name)
    if (value?.kind !== 'scalar') return undefined
    this.used.add(name)
    return value
  }
}

function isString(node: Node): node is ScalarNode {
  return node.kind === 'scalar' && (node.tag === 'str' || node.tag === '')
}

function typed(value: Node): ScalarNode {
  const made = valueOfNode(value)
  if (typeof made === 'number') return scalar(String(made), Number.isInteger(made) ? 'int' : 'float')
  return scalar(textOf(value), typeof made === 'boolean' ? 'bool' : 'str')
}

interface Part {
  readonly text: string
  readonly end: number
  readonly name?: string
}

/** The text up to the next `$`, an escaped `$`, or a reference. */
function readReference(text: string, at: number): Part {
  const dollar = text.indexOf('$', at)
  if (dollar < 0 || dollar === text.length - 1) return { text: text.slice(at), end: text.length }
  if (dollar > at) return { text: text.slice(at, dollar), end: dollar }
  const next = text.charAt(dollar + 1)
  if (next === '$') return { text: '$', end: dollar + 2 }
  if (next !== '(') return { text: text.slice(dollar, dollar + 2), end: dollar + 2 }
  const close = text.indexOf(')', dollar)
  if (close < 0) return { text: '$(', end: dollar + 2 }
  return { text: text.slice(dollar, close + 1), end: close + 1, name: text.slice(dollar + 2, close) }
}
