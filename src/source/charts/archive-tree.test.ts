// Archives as trees: what is refused, and where the limits are.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { packFiles } from '../../../test/support/chart-repository.ts'
import { archiveTree, MAX_FILES, MAX_UNPACKED_BYTES } from './archive-tree.ts'

const CHART = { revision: '1.0.0', digest: 'd', withoutTop: true }

describe('an archive', () => {
  test('is read with or without the folder it stands in', async () => {
    const bytes = packFiles('app', { 'Chart.yaml': 'name: app' })

    assert.notEqual(await archiveTree(bytes, CHART).readFile('Chart.yaml'), undefined)
    assert.notEqual(await archiveTree(bytes, { ...CHART, withoutTop: false }).readFile('app/Chart.yaml'), undefined)
  })

  const refused: readonly (readonly [string, Readonly<Record<string, string>>])[] = [
    ['a way out', { '../../x': '' }],
    ['nothing', {}],
  ]
  for (const [what, files] of refused) {
    test(`with ${what} in it is refused`, () => {
      assert.throws(() => archiveTree(packFiles('app', files), CHART), { code: 'bad-input' })
    })
  }

  test('with a file beside its folder is refused, and what is no archive', () => {
    assert.throws(() => archiveTree(packFiles('', { 'Chart.yaml': '' }), CHART), /beside the folder/)
    assert.throws(() => archiveTree(Buffer.from('no gzip'), CHART), { code: 'bad-input' })
  })

  test('larger than allowed when unpacked is refused', () => {
    const bytes = gzipSync(Buffer.alloc(MAX_UNPACKED_BYTES + 1))

    assert.throws(() => archiveTree(bytes, CHART), { code: 'limit' })
    assert.throws(() => archiveTree(Buffer.alloc(MAX_UNPACKED_BYTES + 1), { ...CHART, isGzip: false }), {
      code: 'limit',
    })
  })

  test('of more files than allowed is refused', () => {
    const files = Object.fromEntries(Array.from({ length: MAX_FILES + 1 }, (_, index) => [`f${index}`, '']))

    assert.throws(() => archiveTree(packFiles('app', files), CHART), { code: 'limit' })
  })
})
