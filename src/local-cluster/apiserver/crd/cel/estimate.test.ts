// What rules may cost by their schemas; the figures are those kube-apiserver 1.36.3 tells.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { JsonObject } from '../../../../kube/object.ts'
import type { Schema } from '../structural.ts'
import { compileSchemaRules } from './schema-rules.ts'

const TEXT: Schema = { type: 'string', maxLength: 10 }
const VALUE: Schema = {
  type: 'object',
  properties: {
    a: TEXT,
    b: TEXT,
    n: { type: 'integer' },
    t: { type: 'string' },
    e: { type: 'string', enum: ['aaa', 'b'] },
    l: { type: 'array', maxItems: 7, items: TEXT },
    li: { type: 'array', maxItems: 9, items: { type: 'integer' } },
    un: { type: 'array', items: { type: 'object', properties: { x: TEXT } } },
    mp: { type: 'object', maxProperties: 5, additionalProperties: TEXT },
    ios: { 'x-kubernetes-int-or-string': true },
    by: { type: 'string', format: 'byte', maxLength: 8 },
  },
}

/** What is said of a rule, or several, on each of so many values. */
function estimates(maxItems: number | undefined, ...rules: readonly (string | JsonObject)[]): readonly string[] {
  const list = rules.map((rule) => (typeof rule === 'string' ? { rule } : rule))
  const items = { ...VALUE, 'x-kubernetes-validations': list }
  const array = { type: 'array', items, ...(maxItems === undefined ? {} : { maxItems }) }
  const compiled = compileSchemaRules({ type: 'object', properties: { w: array } })
  return compiled
    .definitionFaults('spec')
    .map(({ field, message }) => `${field}: ${message.replace(/ \(try simplifying .*/, '')}`)
}

/** How far a rule on that many values is beyond its budget. */
function factorOf(rule: string, maxItems: number): string {
  const [text = 'within'] = estimates(maxItems, rule)
  return /estimated rule cost exceeds budget by factor of (?<factor>.*)$/.exec(text)?.groups?.['factor'] ?? text
}

describe('the estimated cost of a rule', () => {
  const cases: readonly (readonly [rule: string, maxItems: number, factor: string])[] = [
    ['true', 5_000_000, 'within'],
    ['self.n > 1', 4_000_000, '1.200000x'],
    ['self.a == "abc"', 5_000_000, '1.5x'],
    ['self.l.exists(x, x.startsWith("abc"))', 5_000_000, '22.5x'],
    ['self.l.all(x, self.l.all(y, x == y))', 100_000, '4.9x'],
    ['self.t.matches("^[a-z]+$")', 2000, 'more than 100x'],
    ['sets.contains(self.l, ["a"])', 5_000_000, '10.0x'],
    ['sets.intersects(self.l, self.l)', 5_000_000, '27.0x'],
    ['self.?a.orValue("x") == "y"', 5_000_000, '2.0x'],
  ]
  for (const [rule, maxItems, factor] of cases) {
    test(`${rule} on ${maxItems} values: ${factor}`, () => {
      assert.equal(factorOf(rule, maxItems), factor)
    })
  }

  test('counts as many values as fit into a request where no bound is declared', () => {
    assert.deepEqual(estimates(undefined, 'self.t.contains("x")'), [
      'spec.properties[w].items.x-kubernetes-validations[0].rule: Forbidden: estimated rule cost exceeds budget by factor of more than 100x',
      'spec.properties[w].items.x-kubernetes-validations[0].rule: Forbidden: contributed to estimated rule cost total exceeding cost limit for entire OpenAPIv3 schema',
      'spec: Forbidden: x-kubernetes-validations estimated rule cost total for entire OpenAPIv3 schema exceeds budget by factor of more than 100x',
    ])
  })

  test('names the four dearest where no rule alone is too dear', () => {
    const rules = Array.from({ length: 12 }, (_, index) => `self.n > ${index}`)

    const faults = estimates(3_000_000, ...rules)

    assert.equal(faults.length, 5)
    assert.match(faults[4] ?? '', /^spec: Forbidden: x-kubernetes-validations .* factor of 1\.080000x$/)
  })

  test('tells of a message too', () => {
    const messageExpression = 'self.t.replace("a", "bb").replace("b", "cc").split("").join(self.t)'

    const [fault = ''] = estimates(1, { rule: 'true', messageExpression })

    assert.match(fault, /messageExpression: Forbidden: estimated messageExpression cost exceeds budget by factor of/)
  })

  test('does not refuse a schema again that is there already', () => {
    const rule = { rule: 'self.t.matches("a.*b")' }
    const spec = { type: 'array', maxItems: 1000, items: { ...VALUE, 'x-kubernetes-validations': [rule] } }
    const rules = compileSchemaRules({ type: 'object', properties: { spec } })

    const [before, after] = [rules.definitionFaults('s', false), rules.definitionFaults('s', true)]

    assert.equal(before.length - after.length, 1)
  })
})
