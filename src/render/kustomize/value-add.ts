// ValueAddTransformer: sets or extends a text at a path (api/filters/valueadd).
import { CapstanError } from '../../base/errors.ts'
import { splitPath } from './field-spec.ts'
import type { MappingNode } from './node.ts'
import { field, isNull, mappingField, putField, scalar, textOf, withQuotingOf } from './node.ts'
import { moveResource } from './namespace.ts'
import type { Transform } from './patches.ts'
import type { PluginConfig, ValueTarget } from './plugin-fields.ts'
import { selectResources } from './select.ts'

/** Made ready from its configuration. Throws `bad-input` for targets that lead nowhere. */
export function addValue({ value = '', targets = [] }: PluginConfig): Transform {
  if (targets.length === 0) throw new CapstanError('bad-input', 'must specify at least one target')
  for (const { fieldPath = '', filePathPosition = 0 } of targets) {
    if (fieldPath === '') throw new CapstanError('bad-input', 'fieldPath cannot be empty')
    if (filePathPosition < 0) {
      throw new CapstanError('bad-input', `value of FilePathPosition (${filePathPosition}) cannot be negative`)
    }
  }
  return (set) => {
    for (const target of targets) {
      const selected = target.selector === undefined ? set.items : selectResources(set.items, target.selector)
      for (const { node } of selected) addToNode(node, value, target)
    }
    set.touch()
  }
}

/** Sets the value at a path that is made where it is missing; with a position it becomes a part of a file path. */
export function addToNode(
  node: MappingNode,
  value: string,
  { fieldPath = '', filePathPosition = 0 }: ValueTarget,
): void {
  if (fieldPath === 'metadata/namespace') {
    moveResource(node, { namespace: value, specs: [] })
    return
  }
  const steps = splitPath(fieldPath)
  const last = steps.pop() ?? ''
  let place = node
  for (const step of steps) place = mappingField(place, step)
  const found = field(place, last)
  const text = filePathPosition > 0 ? insertPart(textOf(found), value, filePathPosition) : value
  putField(place, last, found === undefined || isNull(found) ? scalar(text) : withQuotingOf(scalar(text), found))
}

function insertPart(path: string, value: string, position: number): string {
  const isAbsolute = path.startsWith('/')
  const parts = path.split('/').filter((part) => part !== '')
  if (position > parts.length) parts.push(value)
  else parts.splice(position - 1, 0, value)
  return (isAbsolute ? '/' : '') + parts.join('/')
}
