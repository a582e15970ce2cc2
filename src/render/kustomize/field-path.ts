// Field paths of replacements and vars: `spec.template.spec.containers.[name=web].image` (kyaml utils, yaml/match.go).
import { CapstanError } from '../../base/errors.ts'
import { splitPath } from './field-spec.ts'
import type { Node } from './node.ts'
import { field, isNull, wrongKind } from './node.ts'

/** Splits at dots that are neither escaped nor in brackets; brackets without `=` are a name with dots. */
export function splitFieldPath(path: string): string[] {
  const parts = splitPath(path, '.')
  const steps: string[] = []
  while (parts.length > 0) {
    const part = parts.shift() ?? ''
    steps.push(part.startsWith('[') && !part.endsWith(']') ? bracketed(part, parts) : part)
  }
  return steps
}

/** Takes what belongs to an open bracket from the parts that follow. */
function bracketed(first: string, parts: string[]): string {
  let text = first
  while (parts.length > 0 && !text.endsWith(']')) text += `.${parts.shift() ?? ''}`
  return text.includes('=') ? text : text.replace(/^[[\]]+|[[\]]+$/g, '')
}

export interface ListSelector {
  readonly name: string
  readonly value: string
}

/** `[name=web]`; undefined for a step that is no selector. Throws where there is no `=`. */
export function listSelector(step: string): ListSelector | undefined {
  if (!step.startsWith('[') || !step.endsWith(']')) return undefined
  const inner = step.slice(1, -1)
  const equals = inner.indexOf('=')
  if (equals < 0) {
    throw new CapstanError('bad-input', 'list path element must contain fieldName=fieldValue for element to match')
  }
  return { name: inner.slice(0, equals), value: inner.slice(equals + 1) }
}

export function isIndex(step: string): boolean {
  return /^\+?\d+$/.test(step)
}

/** The one node at a path (kyaml PathGetter); undefined where there is none. */
export function lookupPath(root: Node, path: readonly string[]): Node | undefined {
  let node: Node | undefined = root
  for (const step of path.map((part) => part.trim()).filter((part) => part !== '')) {
    if (node === undefined) return undefined
    node = lookupStep(node, step)
  }
  return node
}

function lookupStep(node: Node, step: string): Node | undefined {
  if (step === '*') throw new CapstanError('bad-input', 'wildcard is not supported in PathGetter')
  if (/^-\d+$/.test(step)) throw new CapstanError('bad-input', `array index ${step} cannot be negative`)
  if (isIndex(step) || step === '-') return itemAt(node, step === '-' ? -1 : Number(step))
  const selector = listSelector(step)
  if (selector !== undefined) return firstMatch(node, selector)
  if (isNull(node)) return undefined
  if (node.kind !== 'mapping') throw new CapstanError('bad-input', wrongKind('MappingNode', node))
  return field(node, step)
}

function itemAt(node: Node, index: number): Node | undefined {
  if (isNull(node)) return undefined
  if (node.kind !== 'sequence') throw new CapstanError('bad-input', wrongKind('SequenceNode', node))
  return node.items.at(index)
}

function firstMatch(node: Node, { name, value }: ListSelector): Node | undefined {
  if (isNull(node)) return undefined
  if (node.kind !== 'sequence') throw new CapstanError('bad-input', wrongKind('SequenceNode', node))
  return node.items.find((item) => {
    const compared = name === '' ? item : field(item, name)
    return compared?.kind === 'scalar' && compared.text === value
  })
}
