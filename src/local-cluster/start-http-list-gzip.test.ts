// Lists compressed piece by piece: what a client unpacks, and what is not compressed twice.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { crc32, gunzipSync } from 'node:zlib'
import { ListBody } from './apiserver/list-body.ts'
import { crcOfBoth, shiftOf } from './start-http-crc.ts'
import { ListGzip } from './start-http-list-gzip.ts'
import type { StoredObject } from './storage/store.ts'

const AROUND = ['{"items":[', ']}'] as const

function stored(name: string, revision: number, text = name): StoredObject {
  return { key: `/configmaps/default/${name}`, value: JSON.stringify({ text }), revision, createRevision: revision }
}

function many(count: number): StoredObject[] {
  return Array.from({ length: count }, (_none, index) => stored(`object-${index}`, index + 1, 'ä'.repeat(index % 90)))
}

interface Counted {
  readonly list: ListBody
  /** Texts made of items, one after the other. */
  readonly made: string[]
}

function listOf(items: readonly StoredObject[]): Counted {
  const made: string[] = []
  const textOf = ({ value }: StoredObject): string => {
    made.push(value)
    return value
  }
  const whole = (): string => `${AROUND[0]}${items.map(({ value }) => value).join(',')}${AROUND[1]}`
  return { made, list: new ListBody({ form: 'v1/ConfigMap', items, textOf, around: AROUND, whole }) }
}

test('a list comes out as one gzip member with all of its text', async () => {
  const gzip = new ListGzip()
  for (const count of [0, 1, 2, 700]) {
    const { list } = listOf(many(count))

    assert.equal(gunzipSync(await gzip.compressed(list)).toString(), list.whole(), `${count} items`)
  }
})

test('only what changed is compressed again, whether it changed, came or went', async () => {
  const gzip = new ListGzip()
  const items = many(1000)
  await gzip.compressed(listOf(items).list)
  const again = listOf(items)
  const changes = [
    items.with(500, stored('object-500', 2000, 'new')),
    items.toSpliced(300, 0, stored('object-2995', 2001)),
    items.toSpliced(100, 1),
  ]

  await gzip.compressed(again.list)
  assert.equal(again.made.length, 0)
  for (const changed of changes) {
    const { list, made } = listOf(changed)
    assert.equal(gunzipSync(await gzip.compressed(list)).toString(), list.whole())
    assert.ok(made.length > 0 && made.length < 300, `${made.length} texts`)
  }
})

test('the same items in another form are others', async () => {
  const gzip = new ListGzip()
  const items = many(3)
  const shown = (form: string): ListBody =>
    new ListBody({ form, items, textOf: () => `"${form}"`, around: AROUND, whole: () => '' })

  await gzip.compressed(shown('a'))

  assert.equal(gunzipSync(await gzip.compressed(shown('b'))).toString(), '{"items":["b","b","b"]}')
})

test('what is kept is bounded, and lists stay whole', async () => {
  const gzip = new ListGzip(1000)
  const first = listOf(many(500))
  await gzip.compressed(first.list)
  for (let round = 1; round <= 3; round++) {
    const items = many(500).map((one) => ({ ...one, revision: one.revision + round * 1000 }))
    const { list } = listOf(items)
    assert.equal(gunzipSync(await gzip.compressed(list)).toString(), list.whole())
  }

  const again = listOf(many(500))
  assert.equal(gunzipSync(await gzip.compressed(again.list)).toString(), first.list.whole())
  assert.ok(again.made.length > 400)
})

test('a piece is cut where the names say so, and never grows beyond all bounds', () => {
  const sizes = (items: readonly StoredObject[]): readonly number[] =>
    listOf(items)
      .list.pieces()
      .map((piece) => piece.text().length)
  const alike = Array.from({ length: 40 }, (_none, index) => ({ ...stored('same', index, 'x'.repeat(50_000)) }))

  assert.ok(sizes(many(1000)).length > 10)
  assert.ok(Math.max(...sizes(alike)) < 400_000)
})

test('checksums add up', () => {
  const texts = ['', 'a', 'hello, ', 'x'.repeat(100_000), 'wörld']
  for (const one of texts) {
    for (const other of texts) {
      const next = { crc: crc32(other), shift: shiftOf(Buffer.byteLength(other)) }
      assert.equal(crcOfBoth(crc32(one), next), crc32(one + other), `${one.length} and ${other.length}`)
    }
  }
})
