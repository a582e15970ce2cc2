// Properties that hold of ten thousand generated values and templates, judged by Go's own libraries.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isDeepStrictEqual } from 'node:util'
import { messageOf } from '../../src/base/errors.ts'
import { parseTemplate } from '../../src/lang/go-template/template-set.ts'
import { builtinOf } from '../../src/lang/go-template/builtins.ts'
import { parseYaml } from '../../src/lang/yaml/read.ts'
import { stringifyYaml } from '../../src/lang/yaml/write.ts'
import { randomFrom, randomTemplate, randomValue } from '../support/generated-values.ts'
import { askOracle, buildOracle, type Answer } from '../support/go-oracle.ts'

const COUNT = 10_000
const DEPTH = 4
/** Another seed is another ten thousand. */
const SEED = Number(process.env['CAPSTAN_SEED'] ?? 1)
/** Failures shown: they mostly have one reason. */
const SHOWN = 10

/**
 * Go's writer and reader take these characters for line breaks, and a key `<<` is written plain and read as a merge: no
 * value with them comes back whole, from either.
 */
const NEVER_WHOLE = /[\u0085\u2028\u2029]|"<<":/

const absent = buildOracle()

test('what our writer writes, our reader and Go read back; and Go writes the same bytes', (t) => {
  if (absent !== undefined) return t.skip(absent)
  const random = randomFrom(SEED)
  const values = Array.from({ length: COUNT }, () => ({ v: randomValue(random, DEPTH) }))
  const texts = values.map((value) => attempt(() => stringifyYaml(value)))
  const read = askOracle(texts.map((text) => ({ kind: 'read', text: typeof text === 'string' ? text : '' })))
  const written = askOracle(values.map((value) => ({ kind: 'write', value })))
  const failures = values.flatMap((value, index) => {
    const text = texts[index]
    const why = whyNot({ value, text, written: written[index], read: read[index] })
    return why === undefined ? [] : [{ why, value, text, written: written[index], read: read[index] }]
  })
  assert.equal(failures.length, 0, show(failures))
})

test('our template parser takes and refuses what Go does, in the same words', (t) => {
  if (absent !== undefined) return t.skip(absent)
  const random = randomFrom(SEED + 1)
  const texts = Array.from({ length: COUNT }, () => randomTemplate(random))
  const answers = askOracle(texts.map((text) => ({ kind: 'parse', text })))
  const hasFunction = (name: string): boolean => name === 'f' || name === 'include' || builtinOf(name) !== undefined
  const failures = texts.flatMap((text, index) => {
    const ours = attempt(() => {
      parseTemplate('t', text, { hasFunction })
      return undefined
    })
    const error = ours instanceof Error ? messageOf(ours) : undefined
    const wanted = answers[index]?.error
    return error === wanted ? [] : [{ text, ours: error, go: wanted }]
  })
  const taken = answers.filter(({ error }) => error === undefined).length
  assert.ok(taken > COUNT / 50, `only ${taken} templates were right: the generator tests nothing`)
  assert.equal(failures.length, 0, show(failures))
})

interface Written {
  readonly value: object
  /** What our writer gave, or its error. */
  readonly text: unknown
  /** What Go's gave. */
  readonly written: Answer | undefined
  /** What Go reads in our text. */
  readonly read: Answer | undefined
}

function whyNot({ value, text, written, read }: Written): string | undefined {
  // A few characters cannot be written, by neither.
  if (typeof text !== 'string') return written?.error === undefined ? 'we fail' : undefined
  if (written?.text !== text) return 'Go writes other bytes'
  const own = plainOf(attempt(() => parseYaml(text)))
  if (own instanceof Error) return own.message === read?.error ? undefined : 'our reader fails'
  if (!isDeepStrictEqual(own, read?.json)) return 'Go reads something else'
  return isWhole(own, JSON.stringify(value)) ? undefined : 'what is read is not the value'
}

function isWhole(own: unknown, json: string): boolean {
  return NEVER_WHOLE.test(json) || isDeepStrictEqual(own, JSON.parse(json))
}

function attempt(run: () => unknown): unknown {
  try {
    return run()
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error))
  }
}

/** Without prototypes, which the reader's tables lack. */
function plainOf(value: unknown): unknown {
  return value instanceof Error ? value : (JSON.parse(JSON.stringify(value)) as unknown)
}

function show(failures: readonly object[]): string {
  const lines = failures
    .slice(0, SHOWN)
    .map((failure) => JSON.stringify(failure, (_, value: unknown) => (value instanceof Error ? value.message : value)))
  return `${failures.length} of ${COUNT} (seed ${SEED}):\n${lines.join('\n')}`
}
