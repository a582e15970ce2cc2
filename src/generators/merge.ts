// The merge generator: sets of the first generator, overridden by those of the others that agree in the merge keys.
import { CapstanError } from '../base/errors.ts'
import type { ApplicationSetGenerator } from '../crds/application-set.ts'
import { encodeJson } from '../lang/go/json.ts'
import { compareText } from '../lang/go/text.ts'
import type { GoValue } from '../lang/go/values.ts'
import type { Generator, Parameters } from './contract.ts'
import { failed } from './failure.ts'
import { nestedParameters } from './nested.ts'
import { overrideWith } from './parameters.ts'
import { type GeneratorSpec, type GeneratorTable, requeueAfterMs } from './transform.ts'

/** A merge over the generators of a table (argo-cd v3.5.1 `generators/merge.go`); the order of the first generator stays. */
export function mergeGenerator(table: GeneratorTable): Generator<GeneratorSpec<'merge'>> {
  return {
    async generate({ generators, mergeKeys }, context) {
      if (generators.length < 2) {
        throw new CapstanError('bad-input', 'found less than two generators, Merge requires two or more')
      }
      const lists: (readonly Parameters[])[] = []
      for (const [index, generator] of generators.entries()) {
        const doing = `error getting param sets from generators: error getting params from generator ${index + 1} of ${generators.length}`
        try {
          lists.push(await nestedParameters(generator, table, context))
        } catch (error) {
          throw failed(doing, error)
        }
      }
      return mergeLists(lists, mergeKeys ?? [], context.renderer.isGoTemplate)
    },
    requeueAfterMs: ({ generators }) => requeueAfterMs(generators as readonly ApplicationSetGenerator[], table),
  }
}

function mergeLists(
  [first = [], ...others]: readonly (readonly Parameters[])[],
  mergeKeys: readonly string[],
  isGoTemplate: boolean,
): readonly Parameters[] {
  const merged = byMergeKey(first, mergeKeys)
  for (const sets of others) {
    const overrides = byMergeKey(sets, mergeKeys)
    for (const [key, base] of merged) {
      const over = overrides.get(key)
      if (over === undefined) continue
      merged.set(key, isGoTemplate ? overrideWith(base, over) : new Map([...base, ...over]))
    }
  }
  return [...merged.values()]
}

function byMergeKey(sets: readonly Parameters[], mergeKeys: readonly string[]): Map<string, Parameters> {
  if (mergeKeys.length === 0) {
    throw new CapstanError(
      'bad-input',
      'error getting param sets by merge key: no merge keys were specified, Merge requires at least one',
    )
  }
  const keys = [...new Set(mergeKeys)].toSorted(compareText)
  const found = new Map<string, Parameters>()
  for (const set of sets) {
    const values = new Map<GoValue, GoValue>(keys.map((key) => [key, set.get(key) ?? null]))
    const key = encodeJson(values)
    if (found.has(key)) throw notUnique(key)
    found.set(key, set)
  }
  return found
}

function notUnique(key: string): CapstanError {
  return new CapstanError(
    'bad-input',
    `error getting param sets by merge key: the parameters from a generator were not unique by the given mergeKeys, Merge requires all param sets to be unique. Duplicate key was ${key}`,
  )
}
