import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createLibrary } from './library.ts'

function evaluate(text: string): unknown {
  const environment = createLibrary()
  environment.registerVariable('l', 'list<int>')
  environment.registerVariable('m', 'map<string, string>')
  return environment.parse(text)({ l: [1n, 2n], m: new Map([['k', 'v']]) })
}

describe('macros of CEL', () => {
  const cases: readonly (readonly [text: string, expected: unknown])[] = [
    ['l.all(i, x, x > i)', true],
    ['l.all(i, x, x > 1)', false],
    ['l.exists(i, x, i == 1 && x == 2)', true],
    ['l.existsOne(i, x, x > 0)', false],
    ['m.all(k, v, k != v)', true],
    ['l.transformList(i, x, x * 2)', [2n, 4n]],
    ['l.transformList(i, x, i > 0, x)', [2n]],
    ['m.transformList(k, v, k + v)', ['kv']],
    ['m.transformMap(k, v, v + "!")["k"]', 'v!'],
    ['m.transformMapEntry(k, v, {v: k})["v"]', 'k'],
    ['l.all(i, x, m.exists(k, v, k == "k") && x > 0)', true],
    ['optional.of(1).optMap(x, x + 1).value()', 2n],
    ['optional.of(1).optFlatMap(x, optional.of(x + 1)).value()', 2n],
    ['optional.none().optMap(x, x).hasValue()', false],
    ['ip.isCanonical("::1")', true],
    ['ip.isCanonical("0:0::1")', false],
  ]
  for (const [text, expected] of cases) {
    it(text, () => {
      assert.deepEqual(evaluate(text), expected)
    })
  }

  it('refuses a map whose keys are made twice', () => {
    assert.throws(() => evaluate('l.transformMapEntry(i, x, {"same": x})'), /key already exists/)
  })
})
