// What rules of definitions may cost: the embedded server estimates what kube-apiserver estimates, to the last figure it tells.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import type { Transport } from '../../src/kube/client/transport.ts'
import type { JsonObject } from '../../src/kube/object.ts'
import { embeddedTransport, realTransport } from '../support/both-servers.ts'

/** What is known to differ, and why; the list may only shrink. */
const KNOWN: Readonly<Record<string, string>> = {
  'self.a.reverse() == "b"': 'functions that are not there are told in other words',
  'cel.bind(x, self.a + self.b, x == x)': 'the library has bindings, kube-apiserver has not',
  '[?self.?a].size() > 0': 'the library does not read optional items',
}

const PATH = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions?dryRun=All'
/** Values a rule is held against: few for dear rules, many for cheap ones, so that a factor between 1 and 100 is told. */
const COUNTS: readonly number[] = [5_000_000, 100_000, 2000]

const TEXT = { type: 'string', maxLength: 10 }
const VALUE: JsonObject = {
  type: 'object',
  properties: {
    a: TEXT,
    b: TEXT,
    n: { type: 'integer' },
    m: { type: 'integer' },
    t: { type: 'string' },
    bo: { type: 'boolean' },
    d: { type: 'number' },
    l: { type: 'array', maxItems: 7, items: TEXT },
    li: { type: 'array', maxItems: 9, items: { type: 'integer' } },
    un: { type: 'array', items: { type: 'object', properties: { x: TEXT } } },
    big: { type: 'object', additionalProperties: { type: 'string' } },
    mp: { type: 'object', maxProperties: 5, additionalProperties: TEXT },
    o: { type: 'object', properties: { p: TEXT, q: { type: 'object', properties: { r: TEXT } } } },
    e: { type: 'string', enum: ['aaa', 'b'] },
    ios: { 'x-kubernetes-int-or-string': true, maxLength: 20 },
    ios2: { 'x-kubernetes-int-or-string': true },
    ts: { type: 'string', format: 'date-time' },
    du: { type: 'string', format: 'duration' },
    by: { type: 'string', format: 'byte', maxLength: 8 },
    lo: { type: 'array', maxItems: 4, items: { type: 'object', properties: { k: TEXT, v: { type: 'integer' } } } },
    ll: { type: 'array', maxItems: 3, items: { type: 'array', maxItems: 2, items: TEXT } },
  },
}

describe('the cost of rules', { timeout: 300_000 }, () => {
  test('is estimated alike by both servers', async (t) => {
    const [ours, theirs] = [await embeddedTransport(t), await realTransport(t)]
    const rules = readFileSync(join(import.meta.dirname, 'testdata/rule-costs.txt'), 'utf8')
      .trimEnd()
      .split('\n')
    const different = new Set<string>()

    for (const rule of rules) {
      for (const count of COUNTS) {
        const [here, there] = [await answerTo(ours, rule, count), await answerTo(theirs, rule, count)]
        if (here === there) continue
        different.add(rule)
        if (KNOWN[rule] === undefined) assert.equal(here, there, `${rule} on ${count} values`)
      }
    }

    t.diagnostic(`${rules.length - different.size} of ${rules.length} rules alike`)
    assert.ok(rules.length > 140, `${rules.length} rules`)
    const gone = Object.keys(KNOWN).filter((rule) => !different.has(rule))
    assert.deepEqual(gone, [], 'known differences that are gone')
  })
})

/** What a server says of a definition with a rule on each of so many values. */
async function answerTo(server: Transport, rule: string, maxItems: number): Promise<string> {
  const items = { ...VALUE, 'x-kubernetes-validations': [{ rule }] }
  const spec = { type: 'object', properties: { w: { type: 'array', maxItems, items } } }
  const schema = { openAPIV3Schema: { type: 'object', properties: { spec } } }
  const names = { plural: 'rules', singular: 'rule', kind: 'Rule', listKind: 'RuleList' }
  const body = {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'rules.cost.example.com' },
    spec: {
      group: 'cost.example.com',
      scope: 'Namespaced',
      names,
      versions: [{ name: 'v1', served: true, storage: true, schema }],
    },
  }
  const headers = { accept: 'application/json', 'content-type': 'application/json' }
  const answer = await server.send({ method: 'POST', path: PATH, headers, body: JSON.stringify(body) })
  const chunks: Buffer[] = []
  const whole = typeof answer.body === 'string' || answer.body instanceof Uint8Array ? [answer.body] : answer.body
  for await (const chunk of whole) chunks.push(Buffer.from(chunk))
  const status = JSON.parse(Buffer.concat(chunks).toString()) as Refusal // Status, or the definition
  const causes = (status.details?.causes ?? []).map(({ field, message }) => `${field}: ${message}`)
  return `${answer.status} ${causes.toSorted().join('\n')}`
}

interface Refusal {
  readonly details?: { readonly causes?: readonly { readonly field: string; readonly message: string }[] }
}
