// Archives as trees: what is refused, and where the limits are.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { packFiles } from '../../../test/support/chart-repository.ts'
import { tarOf, type TarFile } from '../../../test/support/tar.ts'
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

  describe('of an artifact', () => {
    const ARTIFACT = { ...CHART, withoutTop: false, isGzip: false }
    const artifact = (...entries: readonly TarFile[]): ReturnType<typeof archiveTree> =>
      archiveTree(tarOf([{ name: 'base/a.yaml', content: 'a' }, ...entries]), ARTIFACT)
    const text = async (tree: ReturnType<typeof archiveTree>, path: string): Promise<string | undefined> => {
      const file = await tree.readFile(path)
      return file === undefined ? undefined : Buffer.from(file.bytes).toString()
    }

    test('has its links followed, of files and of folders', async () => {
      const tree = artifact({ name: 'app/b.yaml', link: '../base/./a.yaml' }, { name: 'prod', link: 'app/../base' })

      assert.deepEqual([await text(tree, 'app/b.yaml'), await text(tree, 'prod/a.yaml')], ['a', 'a'])
      assert.deepEqual(
        (await tree.readDirectory(''))?.map(({ name, type }) => `${name} ${type}`),
        ['app directory', 'base directory', 'prod symlink'],
      )
      assert.deepEqual(
        (await tree.readDirectory('prod'))?.map(({ name }) => name),
        ['a.yaml'],
      )
    })

    test('has names and links of any length', async () => {
      const long = `${'folder/'.repeat(30)}a.yaml`
      const tree = artifact({ name: long, content: 'long' }, { name: 'short', link: long })

      assert.equal(await text(tree, 'short'), 'long')
    })

    test('gives nothing where links run in a circle or lead to nothing', async () => {
      const tree = artifact({ name: 'one', link: 'two' }, { name: 'two', link: 'one/x' }, { name: 'gone', link: 'no' })

      for (const path of ['one', 'two/a', 'gone']) assert.equal(await text(tree, path), undefined)
    })

    for (const [name, link] of [
      ['x', '../../etc/passwd'],
      ['x', '/etc/passwd'],
      ['a/x', '../../y'],
      ['../x', 'y'],
      ['x', 'C:/y'],
    ] as const) {
      test(`with a link ${name} to ${link} is refused`, () => {
        assert.throws(() => artifact({ name, link }), { code: 'bad-input', message: /illegal filepath in symlink/ })
      })
    }
  })
})
