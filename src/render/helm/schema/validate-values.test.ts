// Values against schemas: the texts are those of helm 4.2.1, observed, in sorted order.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { goValueOf } from '../../../lang/go/json.ts'
import { buildChart } from '../build-chart.ts'
import { MAX_SCHEMA_STEPS } from '../limits.ts'
import { validateValues } from './validate-values.ts'

function validate(schema: unknown, values: Readonly<Record<string, unknown>>): void {
  const file = (name: string, text: string): { name: string; id: string; bytes: Uint8Array } => ({
    name,
    id: name,
    bytes: new TextEncoder().encode(text),
  })
  const chart = buildChart([
    file('Chart.yaml', 'name: c\nversion: 1.0.0\n'),
    file('values.schema.json', JSON.stringify(schema)),
  ])
  const map = goValueOf(values)
  assert.ok(map instanceof Map)
  validateValues(chart, map)
}

const DRAFT_7 = 'http://json-schema.org/draft-07/schema#'

/** A schema for the value `v`, the value, and helm's lines about it. */
const CASES: readonly (readonly [unknown, unknown, readonly string[]])[] = [
  [{ type: 'integer' }, 1, []],
  [{ type: 'integer' }, 1.5, ["- at '/v': got number, want integer"]],
  [{ type: ['string', 'null'] }, 3, ["- at '/v': got number, want null or string"]],
  [{ minimum: 80000 }, 70000, ["- at '/v': minimum: got 70,000, want 80,000"]],
  [{ maximum: 1000000.25 }, 123456789.5, ["- at '/v': maximum: got 1.234567895×10⁰⁸, want 1.00000025×10⁰⁶"]],
  [{ minimum: 5, exclusiveMinimum: true }, 5, ["- at '/v': exclusiveMinimum: got 5, want 5"]],
  [{ multipleOf: 0.1 }, 0.3, []],
  [{ minLength: 1000 }, 'abc', ["- at '/v': minLength: got 3, want 1,000"]],
  [{ pattern: '^x\'"$' }, 'abc', [`- at '/v': 'abc' does not match pattern '^x\\'"$'`]],
  [{ uniqueItems: true }, [1, { a: 1 }, { a: 1 }], ["- at '/v': items at 1 and 2 are equal"]],
  [{ items: { type: 'integer' } }, [1, 'x'], ["- at '/v/1': got string, want integer"]],
  [
    { items: [{ type: 'integer' }], additionalItems: false },
    [1, 2, 3],
    ["- at '/v': last 2 additionalItem(s) not allowed"],
  ],
  [
    { prefixItems: [{ type: 'integer' }], items: { type: 'string' } },
    ['x', 'y', 1],
    ["- at '/v/0': got string, want integer", "- at '/v/1': got number, want string"],
  ],
  [
    { contains: { type: 'string' } },
    [1],
    ["- at '/v': no items match contains schema", "  - at '/v/0': got number, want string"],
  ],
  [{ required: ['a', 'b'] }, {}, ["- at '/v': missing properties 'a', 'b'"]],
  [
    { additionalProperties: false, patternProperties: { '^x': { type: 'integer' } } },
    { xa: 1, b: 1, c: 1 },
    ["- at '/v': additional properties 'b', 'c' not allowed"],
  ],
  [{ dependencies: { a: ['b'] } }, { a: 1 }, ["- at '/v': properties 'b' required, if 'a' exists"]],
  [
    { propertyNames: { pattern: '^[a-z]+$' } },
    { AB: 1 },
    ["- at '': invalid propertyName 'AB'", "  - at '': 'AB' does not match pattern '^[a-z]+$'"],
  ],
  [{ const: 'z' }, 1, ["- at '/v': value must be 'z'"]],
  [{ enum: [1, null, true, 'x'] }, {}, ["- at '/v': value must be one of 1, <nil>, true, 'x'"]],
  [{ enum: [{ a: 1 }] }, 1, ["- at '/v': 'enum' failed"]],
  [{ not: { type: 'integer' } }, 1, ["- at '/v': 'not' failed"]],
  [
    { allOf: [{ type: 'string' }, { minimum: 10 }] },
    5,
    ["- at '/v': 'allOf' failed", "  - at '/v': got number, want string", "  - at '/v': minimum: got 5, want 10"],
  ],
  [{ anyOf: [{ type: 'string' }, { type: 'integer' }] }, 5, []],
  [{ oneOf: [{ type: 'integer' }, { minimum: 1 }] }, 5, ["- at '/v': 'oneOf' failed, subschemas 0, 1 matched"]],
  [
    { oneOf: [{ type: 'string' }] },
    5,
    ["- at '/v': 'oneOf' failed, none matched", "  - at '/v': got number, want string"],
  ],
  [
    // As text: an object with `then` looks like a promise.
    JSON.parse('{ "if": { "properties": { "k": { "const": "a" } } }, "then": { "required": ["z"] } }'),
    { k: 'a' },
    ["- at '/v': missing property 'z'"],
  ],
  [{ $ref: '#/$defs/text' }, 5, ["- at '/v': got number, want string"]],
  [{ $ref: '#named' }, 5, ["- at '/v': got number, want boolean"]],
  [false, 5, ["- at '/v': false schema"]],
]

describe('values against a schema', () => {
  for (const [schema, value, lines] of CASES) {
    test(`${JSON.stringify(schema)} of ${JSON.stringify(value)}`, () => {
      const root = {
        properties: { v: schema },
        $defs: { text: { type: 'string' }, flag: { $anchor: 'named', type: 'boolean' } },
      }
      const heading = "values don't meet the specifications of the schema(s) in the following chart(s):\nc:"
      const body = (): void => validate(root, { v: value })

      if (lines.length === 0) body()
      else assert.throws(body, new RegExp(`^CapstanError: ${escape([heading, ...lines].join('\n'))}$`))
    })
  }

  test('siblings of a $ref count from draft 2019 on', () => {
    const schema = { definitions: { any: {} }, properties: { v: { $ref: '#/definitions/any', type: 'string' } } }

    validate({ ...schema, $schema: DRAFT_7 }, { v: 1 })
    assert.throws(() => validate(schema, { v: 1 }), /got number, want string/)
  })
})

function escape(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
}

describe('schemas from outside', () => {
  test('a $ref to another address is not fetched', () => {
    const schema = { properties: { v: { $ref: 'https://example.com/schema.json' } } }

    assert.throws(() => validate(schema, { v: 1 }), /not part of the chart, and schemas are not fetched/)
  })

  test('a schema that goes round in circles ends at a limit', () => {
    assert.throws(() => validate({ allOf: [{ $ref: '#' }] }, {}), { code: 'limit' })
  })

  test('a schema that multiplies ends at a limit', () => {
    const levels = Array.from({ length: 30 }, (_, level) => [
      `l${level}`,
      { allOf: [{ $ref: `#/$defs/l${level + 1}` }, { $ref: `#/$defs/l${level + 1}` }] },
    ])

    const schema = { $ref: '#/$defs/l0', $defs: { ...Object.fromEntries(levels), l30: {} } }

    assert.ok(2 ** 30 > MAX_SCHEMA_STEPS)
    assert.throws(() => validate(schema, {}), { code: 'limit' })
  })
})
