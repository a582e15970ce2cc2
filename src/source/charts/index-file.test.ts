// index.yaml: what is read of it, whole or in part, and what is refused.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { ChartIndex, findVersion, MAX_INDEX_LENGTH, MAX_VERSIONS } from './index-file.ts'

const ENTRY = (version: string): string => `  - version: ${version}\n    urls: [a-${version}.tgz]\n`

function versions(text: string, chart = 'a'): readonly string[] | undefined {
  return new ChartIndex(text).versionsOf(chart)?.map(({ version }) => version)
}

describe('an index', () => {
  test('gives versions newest first, without what is no version', () => {
    const text = `apiVersion: v1\nentries:\n  a:\n${['1.0.0', '10.0.0', 'no', '2.0.0-rc.1', '2.0.0'].map(ENTRY).join('')}  b: []\n`

    assert.deepEqual(versions(text), ['10.0.0', '2.0.0', '2.0.0-rc.1', '1.0.0'])
    assert.deepEqual(versions(text, 'b'), [])
    assert.equal(versions(text, 'c'), undefined)
    assert.deepEqual(new ChartIndex(text).chartNames(), ['a', 'b'])
  })

  test('may be JSON', () => {
    assert.deepEqual(versions('{"apiVersion":"v1","entries":{"a":[{"version":"1.0.0","urls":[]}]}}'), ['1.0.0'])
  })

  test('that is large is read for one chart alone, with the same result', () => {
    const filler = `  other:\n${ENTRY('1.0.0').repeat(10_000)}`
    const text = `apiVersion: v1\nentries:\n${filler}  a:\n${ENTRY('1.0.0')}${ENTRY('1.1.0')}  ab:\n${ENTRY('3.0.0')}generated: x\n`

    assert.deepEqual(versions(text), ['1.1.0', '1.0.0'])
    assert.deepEqual(versions(text, 'ab'), ['3.0.0'])
    assert.equal(versions(text, 'nope'), undefined)
  })

  test('without a version of its own, empty, or no YAML is refused', () => {
    assert.throws(() => versions('entries: {}'), /no API version specified/)
    assert.throws(() => versions(''), /empty index\.yaml/)
    assert.throws(() => versions('a: ['), /index\.yaml: error converting YAML/)
    assert.throws(() => versions('- a'), { code: 'bad-input' })
  })

  test('has limits of length and of versions', () => {
    assert.throws(() => new ChartIndex(' '.repeat(MAX_INDEX_LENGTH + 1)), { code: 'limit' })
    const entries = Array.from({ length: MAX_VERSIONS + 10 }, (_, index) => ({ version: `1.0.${index}` }))
    const text = JSON.stringify({ apiVersion: 'v1', entries: { a: entries } })
    assert.equal(versions(text)?.length, MAX_VERSIONS)
  })
})

test('an exact version comes before one that merely satisfies it', () => {
  const listed = new ChartIndex(`apiVersion: v1\nentries:\n  a:\n${['1.2.0', '1.2.9', '1.2'].map(ENTRY).join('')}`)
  const found = (wanted: string): string | undefined => findVersion(listed.versionsOf('a') ?? [], wanted)?.version

  assert.equal(found('1.2'), '1.2')
  assert.equal(found('~1.2'), '1.2.9')
  assert.equal(found(''), '1.2.9')
  assert.equal(found('3'), undefined)
  assert.throws(() => found('not a range'), { code: 'bad-input' })
})
