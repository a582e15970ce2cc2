// Strategic merge patch against the test tables of apimachinery's strategicpatch.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { messageOf } from '../../src/base/errors.ts'
import type { JsonObject } from '../../src/kube/object.ts'
import { PatchError } from '../../src/kube/patch/patch-error.ts'
import { applyStrategicPatch } from '../../src/kube/patch/strategic-apply.ts'
import { createThreeWayStrategicPatch, createTwoWayStrategicPatch } from '../../src/kube/patch/strategic-diff.ts'
import { sortMergingLists } from '../../src/kube/patch/strategic-sort.ts'
import { fromDefinitions, type TypeSchema } from '../../src/kube/schema/schema.ts'
import { compareWithKnownFailures, CORPUS_ABSENT, corpusFolder, readCases, type CaseResult } from '../support/corpus.ts'

const FOLDER = 'strategic-merge-patch'

/** Documents are objects, or JSON texts in the tables that watch digits and bytes. */
interface Case extends Readonly<Partial<Record<string, unknown>>> {
  readonly id: string
  readonly table: string
}

for (const form of ['', '-v3'] as const) {
  test(`merges as strategicpatch does, with an OpenAPI ${form === '' ? 'v2' : 'v3'} schema`, (t) => {
    if (corpusFolder() === undefined) return t.skip(CORPUS_ABSENT)
    const schemas = { merge: readSchema('merge', form), precision: readSchema('precision', form) }

    const results = [...readCases<Case>(FOLDER, 'cases.jsonl')].map((entry) => outcome(entry, schemas))

    compareWithKnownFailures(FOLDER, results)
  })
}

interface Schemas {
  readonly merge: TypeSchema | undefined
  readonly precision: TypeSchema | undefined
}

function readSchema(item: string, form: '' | '-v3'): TypeSchema | undefined {
  const path = join(corpusFolder() ?? '', FOLDER, 'schema', `swagger-${item}-item${form}.json`)
  const document = JSON.parse(readFileSync(path, 'utf8'))
  return fromDefinitions(document.definitions ?? document.components.schemas, `${item}Item`)
}

function outcome(entry: Case, schemas: Schemas): CaseResult {
  try {
    runCase(entry, schemas)
    return { id: entry.id }
  } catch (error) {
    return { id: entry.id, failure: messageOf(error).replaceAll(/\s+/g, ' ').slice(0, 600) }
  }
}

function runCase(entry: Case, { merge, precision }: Schemas): void {
  switch (entry.table) {
    case 'sortMergeList':
      return assert.deepEqual(sortMergingLists(documentOf(entry, 'original'), merge), documentOf(entry, 'sorted'))
    case 'numberConversion':
      return runNumbers(entry, precision)
    case 'unknownField':
      return runUnknown(entry, merge)
    case 'customStrategicMergePatch':
    case 'customStrategicMergePatchRaw':
      return runCustom(entry, merge)
    default:
      return runTwoAndThreeWay(entry, merge)
  }
}

function documentOf(entry: Case, name: string): JsonObject {
  return (entry[name] ?? {}) as JsonObject // the corpus README: an absent document is null, upstream reads it as empty
}

function comparer(
  entry: Case,
  schema: TypeSchema | undefined,
): (actual: JsonObject, expected: JsonObject, what: string) => void {
  const order = (value: JsonObject): JsonObject =>
    entry.table.endsWith('Raw') ? value : sortMergingLists(value, schema)
  return (actual, expected, what) => assert.deepEqual({ [what]: order(actual) }, { [what]: order(expected) })
}

function runCustom(entry: Case, schema: TypeSchema | undefined): void {
  const apply = (): JsonObject =>
    applyStrategicPatch(documentOf(entry, 'original'), documentOf(entry, 'twoWay'), schema)
  if (typeof entry['expectedError'] === 'string') {
    assert.throws(apply, new RegExp(entry['expectedError']))
    return
  }
  comparer(entry, schema)(apply(), documentOf(entry, 'twoWayResult' in entry ? 'twoWayResult' : 'modified'), 'result')
}

function runTwoAndThreeWay(entry: Case, schema: TypeSchema | undefined): void {
  const [original, modified, current] = ['original', 'modified', 'current'].map((name) => documentOf(entry, name)) as [
    JsonObject,
    JsonObject,
    JsonObject,
  ]
  const check = comparer(entry, schema)
  const twoWay = createTwoWayStrategicPatch(original, modified, schema)
  check(twoWay, documentOf(entry, 'twoWay'), 'twoWay')
  check(
    applyStrategicPatch(original, twoWay, schema),
    documentOf(entry, entry['twoWayResult'] ? 'twoWayResult' : 'modified'),
    'twoWayResult',
  )
  const documents = { original, modified, current }
  if (entry['conflict'] === true) {
    assert.throws(
      () => createThreeWayStrategicPatch(documents, schema, { overwrite: false }),
      (error) => error instanceof PatchError && error.fault === 'conflict',
    )
    if (!('result' in entry)) return
  }
  const threeWay = createThreeWayStrategicPatch(documents, schema, { overwrite: entry['conflict'] === true })
  check(threeWay, documentOf(entry, 'threeWay'), 'threeWay')
  check(applyStrategicPatch(current, threeWay, schema), documentOf(entry, 'result'), 'result')
}

/** Integers which a double cannot hold stay exact as bigint. */
function parseExact(text: unknown): JsonObject {
  const exact = (_key: string, value: unknown, { source }: { source?: string } = {}): unknown =>
    typeof value === 'number' && source !== undefined && /^-?\d{16,}$/.test(source) ? BigInt(source) : value
  return JSON.parse(typeof text === 'string' ? text : '{}', exact)
}

function runNumbers(entry: Case, schema: TypeSchema | undefined): void {
  const [old, wanted] = [parseExact(entry['old']), parseExact(entry['new'])]
  const patch = createTwoWayStrategicPatch(old, wanted, schema)
  assert.deepEqual(patch, parseExact(entry['expectedPatch']))
  assert.deepEqual(applyStrategicPatch(old, patch, schema), parseExact(entry['expectedResult']))
}

function runUnknown(entry: Case, schema: TypeSchema | undefined): void {
  const [original, modified, current] = ['original', 'modified', 'current'].map((name) => parseExact(entry[name])) as [
    JsonObject,
    JsonObject,
    JsonObject,
  ]
  const make = {
    TwoWay: (): JsonObject => createTwoWayStrategicPatch(original, modified, schema),
    ThreeWay: (): JsonObject =>
      createThreeWayStrategicPatch({ original, modified, current }, schema, { overwrite: false }),
  }
  for (const way of ['TwoWay', 'ThreeWay'] as const) {
    if (entry[`expected${way}`] === undefined) {
      assert.throws(make[way], new RegExp(String(entry[`expected${way}Err`])))
      continue
    }
    const patch = make[way]()
    assert.deepEqual(patch, parseExact(entry[`expected${way}`]))
    const target = way === 'TwoWay' ? original : current
    assert.deepEqual(applyStrategicPatch(target, patch, schema), parseExact(entry[`expected${way}Result`]))
  }
}
