// Our expressions against expr-lang itself: its own generated ones by value, broken ones by the words of the error.
import assert from 'node:assert/strict'
import { before, describe, test } from 'node:test'
import { compileExpression } from '../../src/lang/expr/program.ts'
import { ExprError } from '../../src/lang/expr/error.ts'
import { goValueOf } from '../../src/lang/go/json.ts'
import { formatValue } from '../../src/lang/go/print.ts'
import { GoFunction, GoStruct, GoTyped, INT, ints, sliceOf, STRING, stringOf } from '../../src/lang/go/values.ts'
import type { GoType, GoValue } from '../../src/lang/go/values.ts'
import { askExpr, buildExprOracle, generatedExpressions } from '../support/expr-oracle.ts'
import type { ExprAnswer, ExprQuestion } from '../support/expr-oracle.ts'

const FOO: GoType = {
  name: 'main.Foo',
  kind: 'struct',
  fields: [{ name: 'Bar', type: STRING }],
  methods: { String: { params: [], call: () => 'foo' } },
  text: () => 'foo',
  hasFieldsInJson: true,
}

function foo(bar: string): GoStruct {
  return new GoStruct(FOO, new Map([['Bar', bar]]))
}

const GENERATED = new Map<GoValue, GoValue>([
  ['ok', true],
  ['i', 1n],
  ['str', 'str'],
  ['f64', 0.5],
  ['array', ints([1n, 2n, 3n, 4n, 5n])],
  ['foo', foo('foo')],
  ['list', new GoTyped(sliceOf(FOO), [foo('bar'), foo('baz')])],
  ['add', new GoFunction([INT, INT], ([a, b]) => (typeof a === 'bigint' && typeof b === 'bigint' ? a + b : null))],
  ['greet', new GoFunction([STRING], ([name = '']) => `Hello, ${stringOf(name) ?? ''}`)],
])
const NAMES: ReadonlySet<string> = new Set([...GENERATED.keys()].map((name) => stringOf(name) ?? ''))

/** What upstream itself leaves to chance, prints as an address, or gets wrong by a slip of its machine. */
const BY_CHANCE: readonly RegExp[] = [
  /\b(?:keys|values|toPairs)\b/, // a map's order
  /string\((?:\$env|add|greet)\)/, // addresses of functions
  /\*\*|\^/, // the last digit of a power
  /fromBase64/, // bytes that are no UTF-8 go through JSON there
  /filter\(\$env|\$env.*filter\(/, // a map is filtered, and no element looked at
  /findLast/, // leaves something on the stack
  /\?\..*\(/, // a call that is skipped leaves its arguments on the stack
  /groupBy\(#\)/, // keys of several types in one map, printed in an order of their own
]
/** Functions as values, and overloads whose last one words the error. */
const WORDED_OTHERWISE = /func\(|(?:not enough|too many) arguments|unable to unescape|cannot concat|stack underflow/

function ours({ text, isGenerated = false, environment = {} }: ExprQuestion): ExprAnswer {
  let isCompiled = false
  try {
    const expression = compileExpression(text, isGenerated ? { names: NAMES } : {})
    isCompiled = true
    const value = expression.evaluate(isGenerated ? GENERATED : goValueOf(environment), { nowMs: () => 0 })
    return { value: formatValue(value) }
  } catch (error) {
    if (!(error instanceof ExprError)) throw error
    return isCompiled ? { run: error.message } : { compile: error.message }
  }
}

/** Addresses differ from run to run. */
function isSame(a: ExprAnswer, b: ExprAnswer): boolean {
  if (a.value?.includes('0x') === true) return b.value !== undefined
  return a.value === b.value && a.run === b.run && a.compile === b.compile
}

/** Numbers from 0 to 1 that come again with each run. */
function chance(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7f_ff_ff_ff
    return state / 0x80_00_00_00
  }
}

const SIGNS = Array.from('()[]{}.,?:;|&!=<>+-*/%^#\'"` 0a$')

/** One character gone, one more, or a piece cut out. */
function broken(text: string, random: () => number): string {
  const [a, b] = [random(), random()].map((share) => Math.floor(share * text.length)).toSorted((x, y) => x - y)
  const way = random()
  if (way < 0.4) return text.slice(0, a) + text.slice((a ?? 0) + 1)
  if (way < 0.7) return text.slice(0, a) + (SIGNS[Math.floor(random() * SIGNS.length)] ?? '') + text.slice(a)
  return text.slice(0, a) + text.slice(b)
}

describe('expressions', () => {
  let missing: string | undefined
  before(() => {
    missing = buildExprOracle()
  })

  test('of upstream’s generated ones have upstream’s values', (t) => {
    if (missing !== undefined) return t.skip(missing)
    const questions = generatedExpressions().map((text) => ({ text, isGenerated: true }))
    const answers = askExpr(questions)

    const others = questions.filter((question, index) => !isSame(answers[index] ?? {}, ours(question)))
    const unexplained = others.filter(({ text }) => !BY_CHANCE.some((pattern) => pattern.test(text)))

    assert.ok(questions.length > 40_000)
    assert.deepEqual(unexplained, [])
    assert.ok(others.length < 150, `${others.length} differ`)
    t.diagnostic(`${questions.length - others.length} of ${questions.length} are the same`)
  })

  test('that are broken fail in upstream’s words', (t) => {
    if (missing !== undefined) return t.skip(missing)
    const random = chance(11)
    const environment = {
      ok: true,
      i: 1,
      str: 'str',
      f64: 0.5,
      array: [1, 2, 3],
      foo: { Bar: 'foo' },
      list: [{ Bar: 'a' }],
    }
    const all = generatedExpressions()
    const questions = all
      .filter((_, index) => index % 10 === 0)
      .map((text) => ({ text: broken(text, random), environment }))
    const answers = askExpr(questions)

    const others = questions.flatMap((question, index) => {
      const [theirs, own] = [answers[index] ?? {}, ours(question)]
      const isKnown = WORDED_OTHERWISE.test(JSON.stringify(theirs)) || BY_CHANCE.some((one) => one.test(question.text))
      return isSame(theirs, own) || isKnown ? [] : [{ text: question.text, theirs, own }]
    })

    assert.ok(others.length * 100 < questions.length, JSON.stringify(others.slice(0, 20), undefined, 1))
    t.diagnostic(`${questions.length - others.length} of ${questions.length} are the same or known`)
  })
})
