// Rules of schemas: the functions Kubernetes adds, what faults look like, and what hostile rules may cost.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { JsonObject, JsonValue } from '../../../../kube/object.ts'
import type { Schema } from '../structural.ts'
import { compileSchemaRules } from './schema-rules.ts'

const TEXT: Schema = { type: 'string' }
const NUMBERS: Schema = { type: 'array', items: { type: 'integer' } }

/** The faults of a rule on `.v`, and of the rule itself. */
function faultsOf(rule: string, value: JsonValue = 'x', schema: Schema = TEXT, old?: JsonValue): readonly string[] {
  return faultsWith({ rule }, { value, schema, old })
}

interface Case {
  readonly value: JsonValue
  readonly schema: Schema
  readonly old: JsonValue | undefined
}

function faultsWith(rule: JsonObject, { value, schema, old }: Case): readonly string[] {
  const rules = compileSchemaRules({
    type: 'object',
    properties: { v: { ...schema, 'x-kubernetes-validations': [rule] } },
  })
  const before = old === undefined ? undefined : { v: old }
  const faults = [...rules.definitionFaults('spec'), ...rules.validate({ v: value }, before)]
  // What a rule may cost is tested where it is estimated.
  return faults.map(({ field, message }) => `${field}: ${message}`).filter((text) => !/estimated rule cost/.test(text))
}

const TRUE: readonly string[] = [
  'isQuantity("1Gi") && !isQuantity("1Zz")',
  'quantity("1Gi") == quantity("1024Mi")',
  'quantity("2").isGreaterThan(quantity("1")) && quantity("1").compareTo(quantity("2")) == -1',
  'quantity("1").add(1).asInteger() == 2',
  'isIP("1.2.3.4") && !isIP("1.2.3.04") && ip("::1").isLoopback() && ip("1.2.3.4").family() == 4',
  'cidr("10.0.0.0/8").containsIP("10.1.2.3") && !cidr("10.0.0.0/8").containsCIDR("0.0.0.0/0")',
  'string(cidr("2001:db8:1::/32").masked()) == "2001:db8::/32"',
  'url("https://a.b:80/x?y=1").getHost() == "a.b:80" && url("https://a.b:80/x").getPort() == "80"',
  'url("https://a.b/x?y=1").getQuery()["y"] == ["1"] && !isURL("abc")',
  '"abc 123 45".find("[0-9]+") == "123" && "abc 123 45".findAll("[0-9]+") == ["123", "45"]',
  '"abc".matches("^a(?i)B")',
  'has({"k": {"a": 1}}.k.a) && has([{"a": 1}][0].a) && ![{"a": 1}].all(x, has([x][0].b))',
  '[1, 2, 3].sum() == 6 && [1, 2].isSorted() && [3, 1].min() == 1 && ["a"].indexOf("a") == 0',
  '!format.dns1123Label().validate("abc").hasValue() && format.dns1123Label().validate("A").hasValue()',
  'semver("1.2.3").isLessThan(semver("1.10.0")) && isSemver("v1.0", true) && !isSemver("v1.0")',
  'sets.contains([1, 2], [1]) && "%s is %d".format(["a", 3]) == "a is 3" && "abc".charAt(1) == "b"',
]

test('the functions of Kubernetes answer as upstream documents them', () => {
  assert.deepEqual(TRUE.flatMap((rule) => faultsOf(rule)), []) // prettier-ignore
})

test('a rule about the old value is held against changes alone, and what did not change may stay', () => {
  const cases = [
    faultsOf('self == oldSelf', 'a'),
    faultsOf('self == oldSelf', 'a', TEXT, 'b'),
    faultsOf('self == "b"', 'a', TEXT, 'a'),
    faultsWith({ rule: '!oldSelf.hasValue()', optionalOldSelf: true }, { value: 'a', schema: TEXT, old: 'b' }),
  ]

  assert.deepEqual(cases, [
    [],
    ['v: Invalid value: "a": failed rule: self == oldSelf'],
    [],
    ['v: Invalid value: "a": failed rule: !oldSelf.hasValue()'],
  ])
})

test('a rule about the old value holds where nothing changed too', () => {
  assert.deepEqual(faultsOf('self > oldSelf', 'a', TEXT, 'a'), ['v: Invalid value: "a": failed rule: self > oldSelf'])
})

test('what may stay is warned of, wherever its list, item or object did not change', () => {
  const named = { type: 'object', properties: { k: TEXT, v: { ...TEXT, 'x-kubernetes-validations': [{ rule: 'self == "ok"', message: 'not ok' }] } } } // prettier-ignore
  const lists = {
    named: { type: 'array', 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['k'], items: named },
    plain: { type: 'array', items: named },
    gone: { type: 'array', items: named },
  }
  const { validate } = compileSchemaRules({ type: 'object', properties: lists })
  const bad = { k: 'a', v: 'bad' }
  const warnings: string[] = []

  const old = { named: [bad], plain: [bad], gone: [bad] }
  const value = { named: [{ k: 'b', v: 'bad' }, bad], plain: [bad], gone: [bad, { k: 'c' }] }
  const faults = validate(value, old, (text) => void warnings.push(text))

  assert.deepEqual(warnings, ['named[1].v: Invalid value: "bad": not ok', 'plain[0].v: Invalid value: "bad": not ok'])
  assert.deepEqual(
    faults.map(({ field }) => field),
    ['named[0].v', 'gone[0].v'],
  )
})

test('reason, fieldPath and messageExpression shape the fault', () => {
  const schema = { type: 'object', properties: { a: { type: 'string' } } }
  const rule = { rule: 'false', reason: 'FieldValueForbidden', fieldPath: '.a', messageExpression: '"no " + self.a' }

  assert.deepEqual(faultsWith(rule, { value: { a: 'x' }, schema, old: undefined }), ['v.a: Forbidden: no x'])
})

test('names that are no identifiers are written escaped, and a field may have any name', () => {
  const properties = { namespace: TEXT, 'a-b': TEXT, constructor: TEXT }
  const value = { namespace: 'n', 'a-b': 'x', constructor: 'c' }

  const rule = 'self.__namespace__ == "n" && self.a__dash__b == "x" && self.constructor == "c" && self == self'
  assert.deepEqual(faultsOf(rule, value, { type: 'object', properties }), [])
})

const HOSTILE: readonly [string, string, JsonValue, Schema][] = [
  ['loops in loops', 'self.all(a, self.all(b, self.all(c, a + b + c >= 0)))', Array<number>(2000).fill(1), NUMBERS],
  ['loops of two variables in each other', 'self.all(i, a, self.all(j, b, self.all(k, c, i + j + k >= 0)))', Array<number>(2000).fill(1), NUMBERS],
  ['loops that ask for nothing', 'self.transformList(i, a, self.transformList(j, b, self.transformMap(k, c, 1))).size() > 0', Array<number>(2000).fill(1), NUMBERS],
  ['two kinds of loops', 'self.all(a, self.all(j, b, self.exists(c, a + b + c < 0) || true))', Array<number>(2000).fill(1), NUMBERS],
  ['growing lists', 'self.map(a, self.map(b, self.map(c, c))).size() > 0', Array<number>(2000).fill(1), NUMBERS],
  ['walking over a long text', `[1,2,3,4,5,6,7,8,9,10].all(a, ${'[1,2,3,4,5,6,7,8,9,10].all(b, '.repeat(3)}self.contains("zz") || true${')'.repeat(4)}`, 'a'.repeat(1_000_000), TEXT],
] // prettier-ignore

for (const [name, rule, value, schema] of HOSTILE) {
  test(`a rule that costs too much is stopped: ${name}`, () => {
    const [text = ''] = faultsOf(rule, value, schema)

    assert.match(text.slice(0, 500), /actual cost limit exceeded': no further validation rules will be run/)
  })
}

test('a rule that nests too deep is refused with its definition', () => {
  const [text = ''] = faultsOf(`${'('.repeat(300)}true${')'.repeat(300)}`)

  assert.match(text, /^spec\.properties\[v\]\.x-kubernetes-validations\[0\]\.rule: .*compilation failed/s)
})

test('a pattern that backtracks without end elsewhere does not here', () => {
  assert.deepEqual(faultsOf('!self.matches("^(a+)+$")', `${'a'.repeat(40)}b`), [])
})
