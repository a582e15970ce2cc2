// Optional values beside one another and beside null.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { CostMeter } from './cost.ts'
import { createLibrary } from './library.ts'
import { compileExpression } from './program.ts'

const EXPRESSIONS: readonly (readonly [expression: string, result: boolean])[] = [
  ['format.dns1123Label().validate(self) == null', false],
  ['null != format.dns1123Label().validate("A_b")', true],
  ['optional.none() == optional.none()', true],
  ['optional.none() == optional.of(self)', false],
  ['optional.of(self) == optional.of("abc")', true],
  ['optional.of(self) != optional.of("abcd")', true],
  ['optional.of([self]) == optional.of(["abc"])', true],
  ['optional.of(1) == optional.of(2)', false],
  ['quantity("1") == null', false],
  ['semver("1.2.3") == null', false],
  ['url("https://example.com") != null', true],
  ['ip("10.0.0.1") == null', false],
  ['cidr("10.0.0.0/8") == null', false],
]
const REFUSED = ['optional.of(self) == optional.of(1)', 'optional.of(self) == self', 'self == null']

describe('optional values', () => {
  for (const [expression, result] of EXPRESSIONS)
    test(`compares as cel-go does: ${expression}`, () => assert.equal(run(expression), result))

  for (const expression of REFUSED)
    test(`refuses ${expression}`, () => assert.throws(() => run(expression), /found no matching overload for '_==_'/))
})

function run(expression: string): unknown {
  const environment = createLibrary()
  environment.registerVariable('self', 'string')
  return compileExpression(environment, expression).run({ self: 'abc' }, new CostMeter())
}
