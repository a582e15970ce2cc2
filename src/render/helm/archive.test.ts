// Chart archives: what is taken out of them, and what is refused.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { readArchive } from './archive.ts'
import { MAX_ARCHIVE_BYTES, MAX_CHART_FILE_BYTES, MAX_CHART_FILES } from './limits.ts'
import { renderChartText } from './render-chart.ts'

interface TarEntry {
  readonly name: string
  readonly content?: string | Uint8Array
  readonly type?: string
}

const BLOCK = 512

function tarOf(entries: readonly TarEntry[]): Buffer {
  return Buffer.concat([...entries.flatMap(blocksOf), Buffer.alloc(2 * BLOCK)])
}

function blocksOf({ name, content = '', type = '0' }: TarEntry): Buffer[] {
  const bytes = Buffer.from(content)
  const header = Buffer.alloc(BLOCK)
  header.write(name.slice(0, 100), 0)
  header.write(`${bytes.length.toString(8).padStart(11, '0')} `, 124)
  header.write(type, 156)
  header.write('ustar', 257)
  return [header, bytes, Buffer.alloc((BLOCK - (bytes.length % BLOCK)) % BLOCK)]
}

function read(entries: readonly TarEntry[]): [string, string][] {
  const files = readArchive(gzipSync(tarOf(entries)), 'id')
  return files.map(({ name, bytes }) => [name, Buffer.from(bytes).toString()])
}

describe('reading an archive', () => {
  test('names lose the top folder, marks and folders go', () => {
    const found = read([
      { name: 'c/', type: '5' },
      { name: 'c/Chart.yaml', content: '\ufeffname: c\n' },
      { name: './c/templates/a.yaml', content: 'a' },
    ])

    assert.deepEqual(found, [
      ['Chart.yaml', 'name: c\n'],
      ['templates/a.yaml', 'a'],
    ])
  })

  test('long names of both kinds are read', () => {
    const long = `c/${'d'.repeat(120)}/x`
    const record = ` path=${long}\n`
    const pax = `${record.length + 3}${record}`

    assert.deepEqual(read([{ name: 'h', content: pax, type: 'x' }, { name: 'short' }]), [[long.slice(2), '']])
    assert.deepEqual(read([{ name: 'h', content: `${long}\0`, type: 'L' }, { name: 'short' }]), [[long.slice(2), '']])
  })

  const refused: readonly (readonly [string, readonly TarEntry[], RegExp])[] = [
    ['a way out', [{ name: 'c/../../x' }], /illegally references parent directory/],
    ['an absolute name', [{ name: '/c/x' }], /illegally named files/],
    ['a file beside the folder', [{ name: 'x' }], /outside the base directory/],
    ['a link', [{ name: 'c/x', type: '2' }], /link or a device/],
    ['nothing', [], /no files in chart archive/],
    ['a large file', [{ name: 'c/x', content: Buffer.alloc(MAX_CHART_FILE_BYTES + 1) }], /larger than the maximum/],
    [
      'many files',
      Array.from({ length: MAX_CHART_FILES + 1 }, (_, index) => ({ name: `c/${index}` })),
      /more than 20000 files/,
    ],
  ]
  for (const [title, entries, message] of refused) {
    test(`${title} is refused`, () => assert.throws(() => read(entries), message))
  }

  test('what is no gzip, or unpacks to too much, is refused', () => {
    assert.throws(() => readArchive(Buffer.from('text'), 'id'), { code: 'bad-input' })
    assert.throws(() => readArchive(gzipSync(Buffer.alloc(MAX_ARCHIVE_BYTES + 1)), 'id'), { code: 'limit' })
  })

  test('an archive in charts/ is a subchart', () => {
    const archive = gzipSync(
      tarOf([
        { name: 's/Chart.yaml', content: 'apiVersion: v2\nname: s\nversion: 1.2.3\n' },
        { name: 's/templates/a.yaml', content: 'kind: {{ .Chart.Name }}\n' },
      ]),
    )
    const chart = 'apiVersion: v2\nname: c\nversion: 1.0.0\ndependencies: [{name: s, version: ^1}]\n'
    const text = renderChartText({
      files: [
        { name: 'Chart.yaml', id: '1', bytes: Buffer.from(chart) },
        { name: 'charts/s-1.2.3.tgz', id: '2', bytes: archive },
      ],
      values: {},
      releaseName: 'rel',
      namespace: 'ns',
      kubeVersion: '',
      apiVersions: [],
    })

    assert.equal(text, '---\n# Source: c/charts/s/templates/a.yaml\nkind: s\n')
  })
})
