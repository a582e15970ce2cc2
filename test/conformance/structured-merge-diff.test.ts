// Server-side apply against the golden traces of structured-merge-diff: after each operation, the object and who owns what.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { messageOf } from '../../src/base/errors.ts'
import { DEDUCED, type ApplyType } from '../../src/kube/apply/apply-type.ts'
import { EMPTY_SET, formatPath, recursiveDifference, setsEqual } from '../../src/kube/apply/field-set.ts'
import { decodeFields, encodeFields } from '../../src/kube/apply/fields-v1.ts'
import { applyConfig, recordUpdate, type Managers, type Typed, type Versions } from '../../src/kube/apply/managers.ts'
import { mergeTyped } from '../../src/kube/apply/typed-merge.ts'
import { extractFields } from '../../src/kube/apply/typed-remove.ts'
import { validateTyped } from '../../src/kube/apply/typed-validate.ts'
import { isList, isObject } from '../../src/kube/json-value.ts'
import type { JsonObject, JsonValue } from '../../src/kube/object.ts'
import { compareWithKnownFailures, CORPUS_ABSENT, corpusFolder, readCases, type CaseResult } from '../support/corpus.ts'
import { typesOf } from './structured-merge-schema.ts'

interface Parser {
  readonly kind: 'typePerVersion' | 'sameVersion' | 'deduced'
  readonly schema?: string
  readonly type?: string
}

interface Step {
  readonly op: 'Apply' | 'ForceApply' | 'Update' | 'ExtractApply' | 'ChangeParser'
  readonly manager: string
  readonly apiVersion: string
  readonly object: JsonObject
  readonly parser?: Parser
  readonly live: JsonValue
  readonly managers: Readonly<
    Record<string, { readonly apiVersion: string; readonly applied: boolean; readonly fields: JsonObject }>
  >
  readonly conflicts?: readonly { readonly manager: string; readonly path: string }[]
  readonly error?: string
}

interface Case {
  readonly id: string
  readonly parser: Parser
  readonly converter: 'none' | 'renaming' | 'reliantFields' | 'repeating'
  readonly steps: readonly Step[]
  readonly ignoredFields?: Readonly<Record<string, JsonObject>>
  readonly ignoreFilter?: Readonly<Record<string, { readonly exclude: JsonObject }>>
}

test('applies and updates as structured-merge-diff does', (t) => {
  if (corpusFolder() === undefined) return t.skip(CORPUS_ABSENT)

  const results = [...readCases<Case>('structured-merge-diff', 'cases.jsonl')].map(outcome)

  compareWithKnownFailures('structured-merge-diff', results)
})

function outcome(entry: Case): CaseResult {
  try {
    new Trace(entry).run()
    return { id: entry.id }
  } catch (error) {
    return { id: entry.id, failure: messageOf(error).replaceAll(/\s+/g, ' ').slice(0, 700) }
  }
}

/** One case as it runs: the live object and its managers. */
class Trace {
  readonly #entry: Case
  #typeAt: (apiVersion: string) => ApplyType
  #live: JsonValue | undefined
  #liveVersion = ''
  #managers: Managers = new Map()

  constructor(entry: Case) {
    this.#entry = entry
    this.#typeAt = typeLookup(entry.parser)
  }

  run(): void {
    for (const [index, step] of this.#entry.steps.entries()) {
      try {
        this.#take(step)
        this.#check(step)
      } catch (error) {
        throw new Error(`step ${index} ${step.op}: ${messageOf(error)}`, { cause: error })
      }
    }
  }

  #take(step: Step): void {
    if (step.op === 'ChangeParser') {
      if (step.parser !== undefined) this.#typeAt = typeLookup(step.parser)
      return
    }
    const live = this.#liveAt(step.apiVersion)
    if (step.op === 'Update') this.#update(step, live)
    else this.#apply(step, live)
  }

  #liveAt(apiVersion: string): Typed {
    if (this.#live === undefined) return { value: undefined, type: this.#typeAt(apiVersion), apiVersion }
    const typed = { value: this.#live, type: this.#typeAt(this.#liveVersion), apiVersion: this.#liveVersion }
    const converted = this.#versions().convert(typed, apiVersion)
    assert.ok(converted, `the live object has no version ${apiVersion}`)
    return converted
  }

  #update(step: Step, live: Typed): void {
    validateTyped(step.object, live.type, { allowDuplicates: true })
    const updated = { ...live, value: step.object }
    const request = {
      live: { ...live, value: live.value ?? null },
      updated,
      managers: this.#managers,
      manager: step.manager,
    }
    this.#managers = recordUpdate(request, this.#versions())
    this.#keep(updated)
  }

  #apply(step: Step, live: Typed): void {
    const config = { ...live, value: this.#configOf(step, live) }
    validateTyped(config.value, live.type, { allowDuplicates: false })
    const request = {
      live: { ...live, value: live.value ?? null },
      config,
      managers: this.#managers,
      manager: step.manager,
      force: step.op !== 'Apply',
    }
    const result = applyConfig(request, this.#versions())
    const found = (result.conflicts ?? []).map(({ manager, path }) => ({ manager, path: formatPath(path) }))
    assert.deepEqual(sortConflicts(found), sortConflicts(step.conflicts ?? []))
    if (result.conflicts !== undefined) return
    this.#managers = result.managers
    this.#keep(result.value)
  }

  #configOf(step: Step, live: Typed): JsonValue | undefined {
    if (step.op !== 'ExtractApply') return step.object
    const owned = this.#managers.get(step.manager)?.fields ?? EMPTY_SET
    return mergeTyped(extractFields(live.value, owned, live.type, { keys: true }) ?? null, step.object, live.type)
  }

  #keep({ value, apiVersion }: Typed): void {
    this.#live = value
    this.#liveVersion = apiVersion
  }

  #check(step: Step): void {
    assert.deepEqual(this.#live ?? null, step.live ?? null)
    const actual = [...this.#managers].map(([name, set]) => [name, { ...set, fields: encodeFields(set.fields) }])
    const expected = Object.entries(step.managers).map(([name, set]) => [
      name,
      { fields: encodeFields(decodeFields(set.fields)), apiVersion: set.apiVersion, isApplied: set.applied },
    ])
    assert.deepEqual(Object.fromEntries(actual), Object.fromEntries(expected))
    for (const [name, set] of this.#managers) {
      assert.ok(
        setsEqual(set.fields, decodeFields(step.managers[name]?.fields)),
        `the set of ${name} survives its JSON form`,
      )
    }
  }

  #versions(): Versions {
    const { converter, ignoredFields, ignoreFilter } = this.#entry
    return {
      convert: (typed, apiVersion) => this.#convert(typed, apiVersion, converter),
      ignored: (apiVersion) => (ignoredFields === undefined ? undefined : decodeFields(ignoredFields[apiVersion])),
      filter: (fields, apiVersion) => {
        const excluded = ignoreFilter?.[apiVersion]?.exclude
        return excluded === undefined ? fields : recursiveDifference(fields, decodeFields(excluded))
      },
    }
  }

  #convert(typed: Typed, apiVersion: string, converter: Case['converter']): Typed | undefined {
    if (typed.apiVersion === apiVersion) return typed
    const type = this.#typeIfKnown(apiVersion)
    const value =
      type === undefined ? undefined : CONVERTERS[converter](typed.value ?? null, typed.apiVersion, apiVersion)
    return type === undefined ? undefined : { value, type, apiVersion }
  }

  #typeIfKnown(apiVersion: string): ApplyType | undefined {
    try {
      return this.#typeAt(apiVersion)
    } catch {
      return undefined // a version without a type is one the converter does not know
    }
  }
}

function typeLookup(parser: Parser): (apiVersion: string) => ApplyType {
  if (parser.kind === 'deduced' || parser.schema === undefined) return () => DEDUCED
  const named = typesOf(parser.schema)
  return (apiVersion) => named(parser.kind === 'sameVersion' ? (parser.type ?? '') : apiVersion)
}

function sortConflicts(conflicts: readonly { readonly manager: string; readonly path: string }[]): readonly string[] {
  return conflicts.map(({ manager, path }) => `${manager} ${path}`).sort()
}

type Convert = (value: JsonValue, from: string, to: string) => JsonValue

const CONVERTERS: Readonly<Record<Case['converter'], Convert>> = {
  none: (value) => value,
  renaming: (value, from, to) =>
    renameFields(value, (name) => (name.endsWith(from) ? name.slice(0, -from.length) + to : name)),
  reliantFields(value, _from, to) {
    const [v1, v2] = ['field_foo_rely_on_bar', 'required_field_bar']
    const [old, wanted] = to === 'v2' ? [v1, v2] : [v2, v1]
    return renameFields(value, (name) => (name === old ? String(wanted) : name))
  },
  // The fields of the object itself keep their names.
  repeating(value, _from, to) {
    const rename = (name: string): string => name.charAt(0).repeat(Number(to.slice(1)))
    if (!isObject(value)) return value
    return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, renameFields(field, rename)]))
  },
}

function renameFields(value: JsonValue, rename: (name: string) => string): JsonValue {
  if (isList(value)) return value.map((item) => renameFields(item, rename))
  if (!isObject(value)) return value
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [rename(name), renameFields(field, rename)]))
}
