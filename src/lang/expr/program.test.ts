import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { goValueOf } from '../go/json.ts'
import { formatValue } from '../go/print.ts'
import { timeValue } from '../go/time/moment.ts'
import { GoFunction, INT, int64, STRING } from '../go/values.ts'
import type { GoMap } from '../go/values.ts'
import { ExprError } from './error.ts'
import { MAX_LENGTH, MAX_NESTING } from './limits.ts'
import type { ExprLimits } from './limits.ts'
import { compileExpression } from './program.ts'

const NOW = Date.parse('2026-03-04T05:06:07Z')

function environment(): GoMap {
  const values = goValueOf({
    app: {
      metadata: { name: 'guestbook', annotations: { 'a/b': 'c' } },
      status: {
        sync: { status: 'OutOfSync' },
        health: { status: 'Healthy' },
        conditions: [{ type: 'SyncError', message: 'no such path' }, { type: 'Warning' }],
        nothing: null,
      },
    },
    text: 'Füßchen',
  }) as GoMap // an object becomes a map
  values.set('count', int64(3n))
  values.set('started', timeValue({ epochMs: NOW - 90_000, zone: 'UTC' }))
  values.set(
    'join2',
    new GoFunction([STRING, INT], ([text, count]) => `${formatValue(text ?? null)}-${formatValue(count ?? null)}`),
  )
  return values
}

/** The value as Go prints it. */
function valueOf(text: string, limits: Partial<ExprLimits> = {}): string {
  return formatValue(compileExpression(text).evaluate(environment(), { nowMs: () => NOW, limits }))
}

function errorOf(text: string, limits: Partial<ExprLimits> = {}): string {
  try {
    valueOf(text, limits)
  } catch (error) {
    assert.ok(error instanceof ExprError, String(error))
    return error.message.split('\n')[0] ?? ''
  }
  return assert.fail(`${text} has a value`)
}

describe('an expression', () => {
  const VALUES: readonly (readonly [string, string])[] = [
    ['1 + 2 * 3', '7'],
    ['2 ** 3 ** 2', '512'],
    ['7 / 2', '3.5'],
    ['-7 % 3', '-1'],
    ['1 < 2 < 3', 'true'],
    ['9223372036854775807 + 1', '-9223372036854775808'],
    ['0x1F + 0b11 + 0o17 + 1_000', '1049'],
    ['"a" + `b``c`', 'ab`c'],
    [String.raw`"\u{1F600}\x41\101"`, '😀AA'],
    ['not (true && false) || x.y', 'true'],
    ['1 == 1.0 && "1" != nil', 'true'],
    ['[1, 2.0] == [1.0, 2]', 'true'],
    ['app.status.sync.status in ["OutOfSync", "Unknown"]', 'true'],
    ['app.status.operationState?.phase in ["Succeeded"]', 'false'],
    ['app.status.operationState?.phase ?? "none"', 'none'],
    ['app.status?.nothing?.deep.deeper', '<nil>'],
    ['app.metadata.annotations["a/b"]', 'c'],
    ['app.status.conditions[-1].type', 'Warning'],
    ['app.status.conditions | filter(.type contains "Error") | map(.message)', '[no such path]'],
    ['map(app.status.conditions, #.type)[0:1]', '[SyncError]'],
    ['reduce([1, 2, 3], #acc + # * #index, 0)', '8'],
    ['sum(1..4) + count([true, false, true]) + len(text)', '19'],
    ['let a = 2; let b = a * 2; a + b', '6'],
    ['if count > 2 { "many" } else if count > 1 { "two" } else { "one" }', 'many'],
    ['false ?: "else"', 'else'],
    ['text[0:3] + upper("ß")', 'Füß'],
    ['groupBy([1, 2, 3], # % 2 == 0 ? "even" : "odd").odd', '[1 3]'],
    ['sortBy([{n: 2}, {n: 1}], .n, "desc")[0].n', '2'],
    ['split("a,b,c", ",", 2) | join("|")', 'a|b,c'],
    ['toJSON({b: 1, a: [true]})', '{\n  "a": [\n    true\n  ],\n  "b": 1\n}'],
    ['fromJSON("{\\"a\\": 1}").a + 1', '2'],
    ['{(1 > 0 ? "x" : "y"): 1}.x', '1'],
    ['"abc" matches "^a.c$" && "abc" not matches "z"', 'true'],
    ['now() - started', '1m30s'],
    ['(now() - started).Minutes() > 1', 'true'],
    ['started.Format("15:04")', '05:04'],
    ['date("2026-03-04") + duration("36h")', '2026-03-05 12:00:00 +0000 UTC'],
    ['date("2026-07-01 12:00", "2006-01-02 15:04", "Europe/Berlin").UTC().Hour()', '10'],
    ['started.Weekday().String() + " " + string(started.Month())', 'Wednesday March'],
    ['join2("x", count)', 'x-3'],
    ['type(count) + type(started) + type([])', 'inttime.Timearray'],
    ['max([1, [5.5, 2]]) + median([3, 1, 2])', '7.5'],
    ['bitshl(1, 4) + bitnot(0)', '15'],
    ['get(app, "missing") == nil && $env["text"] == text', 'true'],
    ['first([]) ?? last([1, 2])', '2'],
    ['/* a */ 1 + // b\n 2', '3'],
    ['all([], {let x = #; x}) && none([1], # > 1) && one([1, 2], # > 1) && any([1], # == 1)', 'true'],
    ['::len("abc")', '3'],
    ['toPairs({b: 2, a: 1}) | fromPairs() | keys()', '[a b]'],
    ['uniq(concat([1, 1.0], [2])) | flatten() | reverse()', '[2 1]'],
  ]
  for (const [text, value] of VALUES) test(`${text} is ${value}`, () => assert.equal(valueOf(text), value))

  const ERRORS: readonly (readonly [string, string])[] = [
    ['app.status.none.phase', 'cannot fetch phase from <nil> (1:17)'],
    ['1 + ', 'unexpected token EOF (1:4)'],
    ['a b', 'unexpected token Identifier("b") (1:3)'],
    ['"a', 'literal not terminated (1:3)'],
    ['"a" + 1', 'invalid operation: + (mismatched types string and int) (1:5)'],
    ['count + "a"', 'invalid operation: int64 + string (1:7)'],
    ['count && app', 'interface conversion: interface {} is int64, not bool (1:7)'],
    ['a ?? b || c', 'Operator (||) and coalesce expressions (??) cannot be mixed. Wrap either by parentheses. (1:8)'],
    ['len(1)', 'invalid argument for len (type int) (1:1)'],
    ['upper(1)', 'cannot use int as argument (type string) to call upper  (1:7)'],
    ['upper()', 'not enough arguments to call upper (1:1)'],
    ['let len = 1; len', 'cannot redeclare builtin len (1:5)'],
    ['let a = 1; let a = 2; a', 'cannot redeclare variable a (1:16)'],
    ['# + 1', 'unexpected token Operator("#") (1:1)'],
    ['filter([1], #acc)', 'unknown pointer #acc (1:13)'],
    ['filter([1], 1)', 'predicate should return boolean (got int) (1:13)'],
    ['[1][3]', 'index out of range: 3 (array length is 1) (1:4)'],
    ['1 % 0', 'integer divide by zero (1:3)'],
    ['missing()', 'invalid operation: cannot call nil (1:1)'],
    ['join2("x")', 'invalid number of arguments: expected 2, got 1 (1:1)'],
    ['duration("1 day")', 'time: unknown unit " day" in duration "1 day" (1:1)'],
    ['"x" matches "("', 'error parsing regexp: missing closing ): `(` (1:5)'],
    ['reduce([], #acc)', 'reduce of empty array with no initial value (1:1)'],
  ]
  for (const [text, message] of ERRORS) test(`${text} fails`, () => assert.equal(errorOf(text), message))

  test('knows its environment where the names are given', () => {
    const names = new Set(['app', 'len'])

    assert.throws(() => compileExpression('apps.x', { names }), /unknown name apps/)
    assert.throws(() => compileExpression('let app = 1; app', { names }), /cannot redeclare app/)
    const own = new Map([['len', new GoFunction([STRING], () => 'own')]])
    assert.equal(compileExpression('len("x")', { names }).evaluate(own, { nowMs: () => NOW }), 'own')
  })

  test('shows the line and the place of a fault', () => {
    assert.throws(() => compileExpression('1 +\n  )'), {
      message: 'unexpected token Bracket(")") (2:3)\n |   )\n | ..^',
    })
  })
})

describe('an expression has limits:', () => {
  test('its length and depth', () => {
    assert.match(errorOf(`"${'x'.repeat(MAX_LENGTH)}"`), /longer than/)
    assert.match(errorOf('('.repeat(MAX_NESTING + 1)), /nested more than/)
    assert.match(errorOf(`[${'1,'.repeat(10_001)}]`), /exceeds maximum allowed nodes/)
    assert.match(errorOf('!'.repeat(MAX_NESTING + 1)), /nested more than/)
  })

  test('the steps it takes', () => {
    assert.match(errorOf('map(1..300, map(1..300, map(1..300, #)))', { steps: 1000 }), /step budget exceeded \(1000\)/)
  })

  test('the lists it makes', () => {
    assert.match(errorOf('1..2000000'), /memory budget exceeded/)
    assert.match(errorOf('repeat("ab", 600000)'), /memory budget exceeded/)
  })

  test('the texts it makes', () => {
    assert.match(errorOf('reduce(1..60, #acc + #acc, "x")'), /memory budget exceeded/)
    assert.match(errorOf('replace(repeat("a", 900000), "a", repeat("b", 90000))'), /memory budget exceeded/)
  })
})
