// Strategic merge of a patch into a resource on node trees (kyaml merge2, walk).
import { CapstanError } from '../../base/errors.ts'
import type { KeyValues, Match } from './list-merge.ts'
import {
  appendItems,
  emptyList,
  findItem,
  hasNames,
  inferKey,
  keyValuesOf,
  placeItem,
  scalarValuesOf,
  takeListDirective,
  unifyKeyValues,
  usedKeys,
  withKeys,
} from './list-merge.ts'
import type { FindSchema, MergeSchema } from './merge-schema.ts'
import type { MappingNode, Node, SequenceNode } from './node.ts'
import { clearField, commentSchema, field, isNull, setField, textOf, wrongKind } from './node.ts'

export interface MergeOptions {
  readonly findSchema: FindSchema
  /** New items of lists go first, as in kustomize's patches (default), or last. */
  readonly append?: boolean
  /** Take `name` for the key of lists whose items all have one and no schema is known. */
  readonly inferKeys?: boolean
}

/**
 * The resource with the patch merged in; undefined where the patch deletes it. Both trees are used up: the result is
 * made of their nodes. Throws `bad-input` where they do not fit together.
 */
export function strategicMerge(
  patch: Node | undefined,
  target: Node | undefined,
  options: MergeOptions,
): Node | undefined {
  return new Merge(options).walk({ target, patch, schema: undefined, path: [] })
}

interface Step {
  readonly target: Node | undefined
  readonly patch: Node | undefined
  readonly schema: MergeSchema | undefined
  readonly path: readonly string[]
}

class Merge {
  readonly #options: MergeOptions

  constructor(options: MergeOptions) {
    this.#options = options
  }

  walk(step: Step): Node | undefined {
    const leading = isNull(step.target) ? step.patch : step.target
    if (leading === undefined || isNull(leading)) return mergeNothing(step)
    const schema = step.schema ?? this.#schemaOf(step.target) ?? this.#schemaOf(step.patch)
    for (const node of [step.target, step.patch]) {
      if (!isNull(node) && node?.kind !== leading.kind) throw mismatch(leading, node, step.path)
    }
    switch (leading.kind) {
      case 'mapping':
        return this.#mapping({ ...step, schema })
      case 'sequence':
        return this.#sequence({ ...step, schema })
      case 'scalar':
        return step.patch ?? step.target
    }
  }

  /** Any object that says what it is has its own schema, wherever it stands. */
  #schemaOf(node: Node | undefined): MergeSchema | undefined {
    if (node?.kind !== 'mapping') return undefined
    const kind = textOf(field(node, 'kind'))
    const apiVersion = textOf(field(node, 'apiVersion'))
    return kind === '' || apiVersion === '' ? undefined : this.#options.findSchema(apiVersion, kind)
  }

  #mapping(step: Step): Node | undefined {
    const target = mergedMapping(step)
    if (target === undefined) return undefined
    const patch = step.patch?.kind === 'mapping' ? step.patch : undefined
    for (const name of fieldNames(target, patch)) {
      const merged = this.walk({
        target: field(target, name),
        patch: field(patch, name),
        schema: commentSchema(target, name) ?? commentSchema(patch, name) ?? step.schema?.field(name),
        path: [...step.path, name],
      })
      setField(target, name, merged, isQuotedKey(patch, name))
    }
    return target
  }

  #sequence(step: Step): Node | undefined {
    if (!this.#isAssociative(step)) return step.patch ?? step.target
    const target = mergedList(step)
    if (target === undefined) return undefined
    const patch = listOf(step.patch)
    const lists = this.#options.append === true ? [target, patch] : [patch, target]
    const keys = this.#keysFor(step.schema, [target, patch], step.path)
    const merging = { step, target, patch }
    if (keys.length === 0) return this.#items({ ...merging, keys: [''], values: scalarValuesOf(lists) })
    const values = keyValuesOf(lists, keys)
    return this.#items({ ...merging, keys, values: keys.length > 1 ? unifyKeyValues(values) : values })
  }

  /** None: items are texts that are keys themselves. */
  #keysFor(
    schema: MergeSchema | undefined,
    lists: readonly (SequenceNode | undefined)[],
    path: readonly string[],
  ): readonly string[] {
    if (schema !== undefined && (schema.keys.length > 0 || schema.strategy.length > 0)) return schema.keys
    return [inferKey(lists, path)]
  }

  #isAssociative({ schema, target, patch }: Step): boolean {
    if (schema !== undefined) return schema.strategy.includes('merge')
    if (this.#options.inferKeys !== true) return false
    return [target, patch].some((node) => node?.kind === 'sequence' && hasNames(node))
  }

  #items(merging: ListMerging): Node | undefined {
    const { keys, values: all, target } = merging
    const added = emptyList()
    let used: Match = { keys, values: [] }
    for (const values of all) {
      used = usedKeys(all, { keys, values })
      const merged = this.#item(merging, used)
      if (merged === undefined || isNull(merged) || (merged.kind === 'mapping' && merged.entries.length === 0)) {
        placeItem(target, used, undefined)
      } else placeItem(added, used, withKeys(merged, used))
    }
    if (all.length === 0) return target
    if (this.#options.append === true) {
      appendItems(target, added, used.keys)
      return target
    }
    appendItems(added, target, used.keys)
    return added
  }

  #item({ step, target, patch }: ListMerging, used: Match): Node | undefined {
    const match = usedKeys([used.values], used)
    return this.walk({
      target: findItem(target, match),
      patch: findItem(patch, match),
      schema: step.schema?.items(),
      path: step.path,
    })
  }
}

interface ListMerging {
  readonly step: Step
  readonly target: SequenceNode
  readonly patch: SequenceNode | undefined
  readonly keys: readonly string[]
  readonly values: readonly KeyValues[]
}

function listOf(node: Node | undefined): SequenceNode | undefined {
  return node?.kind === 'sequence' ? node : undefined
}

/** Neither side has a value: a null written out in the target stays, one of the patch has done its work. */
function mergeNothing({ target, patch }: Step): Node | undefined {
  if (patch === undefined && target?.kind === 'scalar' && target.text !== '') return { ...target, keep: true }
  return patch
}

/** The mapping that the merge goes on with: the target's, or the patch's own where it adds or replaces. */
function mergedMapping({ target, patch }: Step): MappingNode | undefined {
  if (target?.kind !== 'mapping') {
    if (patch?.kind !== 'mapping') return undefined
    return knownDirective(patch, false) === 'delete' ? undefined : patch
  }
  if (patch === undefined) return target
  if (patch.kind !== 'mapping') return undefined
  const directive = knownDirective(patch, true)
  if (directive === 'delete') return undefined
  return directive === 'replace' ? patch : target
}

function knownDirective(patch: MappingNode, strict: boolean): string {
  const node = field(patch, '$patch')
  if (node === undefined) return 'merge'
  const directive = textOf(node)
  if (isDirective(directive)) clearField(patch, '$patch')
  else if (strict) throw unknownDirective(directive)
  return directive
}

function mergedList({ target, patch }: Step): SequenceNode | undefined {
  if (target?.kind !== 'sequence') return listOf(patch)
  if (patch === undefined) return target
  if (patch.kind !== 'sequence') return undefined
  const directive = takeListDirective(patch) ?? 'merge'
  if (!isDirective(directive)) throw unknownDirective(directive)
  if (directive === 'delete') return undefined
  return directive === 'replace' ? patch : target
}

function isDirective(text: string): boolean {
  return text === 'delete' || text === 'replace' || text === 'merge'
}

function unknownDirective(directive: string): CapstanError {
  return new CapstanError('bad-input', `unknown patch strategy '${directive}'`)
}

function fieldNames(target: MappingNode, patch: MappingNode | undefined): string[] {
  const names = new Set(target.entries.map((entry) => entry.key.text))
  for (const entry of patch?.entries ?? []) names.add(entry.key.text)
  return [...names].toSorted()
}

function isQuotedKey(patch: MappingNode | undefined, name: string): boolean {
  return patch?.entries.some(({ key }) => key.text === name && (key.quoted || key.tag === 'str')) ?? false
}

function mismatch(leading: Node, node: Node | undefined, path: readonly string[]): CapstanError {
  const names = { mapping: 'MappingNode', sequence: 'SequenceNode', scalar: 'ScalarNode' }
  const place = path.length === 0 ? '' : ` at ${path.join('.')}`
  return new CapstanError('bad-input', `${wrongKind(names[leading.kind], node)}${place}`)
}
