// Hashes in the names of ReplicaSets and ControllerRevisions: those the real controllers give the same templates.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import type { JsonObject } from '../../../kube/object.ts'
import { fnv32, fnv32a, goJson, revisionHash, safeEncode, templateHash, withSortedKeys } from './hash.ts'
import { goQuantity } from './go-quantity.ts'

interface Recorded {
  readonly template: JsonObject
  /** Of the Deployment's ReplicaSet. */
  readonly templateHash: string
  /** Of the StatefulSet's ControllerRevision. */
  readonly revisionHash: string
}

/** Made by kube-controller-manager 1.36.3 of Deployments and StatefulSets with these templates. */
function recorded(): readonly Recorded[] {
  const text = readFileSync(join(import.meta.dirname, 'testdata/template-hashes.jsonl'), 'utf8')
  return text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Recorded)
}

function dataOf(template: JsonObject): JsonObject {
  return { spec: { template: { ...template, $patch: 'replace' } } }
}

test('templates have the hashes that kube-controller-manager gives them', () => {
  const cases = recorded()
  const given = cases.map(({ template }) => [templateHash(template, undefined), revisionHash(dataOf(template), 0)])

  assert.ok(cases.length >= 20)
  assert.deepEqual(
    given,
    cases.map((one) => [one.templateHash, one.revisionHash]),
  )
})

test('a taken name makes another hash, the one upstream goes on with', () => {
  const [{ template } = { template: {} }] = recorded()

  assert.equal(templateHash(template, 1), '7c7bc85645')
  assert.equal(revisionHash(dataOf(template), 1), '565c988c48')
})

test('hashes depend neither on the order of keys nor on lists and maps without entries', () => {
  const template = { metadata: { labels: { a: '1', b: '2' } }, spec: { containers: [{ name: 'a', image: 'b' }] } }
  const other = {
    spec: { volumes: [], containers: [{ image: 'b', name: 'a' }], nodeSelector: {} },
    metadata: { labels: { b: '2', a: '1' } },
  }

  assert.equal(templateHash(template, undefined), templateHash(other, undefined))
})

test('bytes are hashed and spelled as Go does', () => {
  assert.equal(fnv32a('hello'), 0x4f9f2cab)
  assert.equal(fnv32(Buffer.from('hello')), 0xb6fa7167)
  assert.equal(safeEncode('0123456789'), '456789bcdf')
})

test('JSON is written as Go writes maps: sorted, with the characters of HTML escaped', () => {
  const value = { b: '<a> & \u2028', a: [{ d: 1, c: null }], Z: true }

  assert.equal(goJson(value), String.raw`{"Z":true,"a":[{"c":null,"d":1}],"b":"\u003ca\u003e \u0026 \u2028"}`)
  assert.equal(JSON.stringify(withSortedKeys(value)), '{"Z":true,"a":[{"c":null,"d":1}],"b":"<a> & \u2028"}')
})

test('quantities that an int64 does not hold print as decimals of any size', () => {
  const decimal = (words: string, format: string): string =>
    `{i:(resource.int64Amount){value:(int64)0 scale:(resource.Scale)0} d:(resource.infDecAmount){Dec:(*inf.Dec){unscaled:(big.Int){neg:(bool)false abs:(big.nat)${words}} scale:(inf.Scale)9}} s:(string) Format:(resource.Format)${format}}`

  assert.equal(goQuantity('100Ti'), decimal('[8568098291072368640 5960]', 'BinarySI'))
  assert.equal(goQuantity('123456789012345678901'), decimal('[14083847773602697728 6692605942]', 'DecimalSI'))
})
