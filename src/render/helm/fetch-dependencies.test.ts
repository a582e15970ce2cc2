// Dependencies that a chart does not bring: where they come from, when the lock counts, what is said when they do not come.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { CapstanError } from '../../base/errors.ts'
import type { ChartFetcher } from '../contract.ts'
import { memoryTree } from '../../../test/support/memory-tree.ts'
import { simpleChart } from '../../../test/support/chart-repository.ts'
import { fetchDependencies, type FetchedDependencies } from './fetch-dependencies.ts'
import { readChartTree } from './chart-tree.ts'
import { chartPlace } from './renderer.ts'

interface Asked {
  readonly repository: string
  readonly name: string
  readonly version: string
}

function fetcher(asked: Asked[], refused: readonly string[] = []): ChartFetcher {
  return {
    async fetch(query) {
      asked.push(query)
      if (refused.includes(query.repository)) throw new CapstanError('unavailable', 'no answer')
      if (query.version.startsWith('9')) throw new CapstanError('not-found', 'no chart version found')
      return { version: '1.2.3', digest: 'd', bytes: simpleChart(query.name, '1.2.3') }
    },
    addressOf: (name) => (name === 'known' ? 'https://charts.example.com' : undefined),
    isPermitted: (repository) => !refused.includes(repository),
  }
}

async function build(
  files: Readonly<Record<string, string | Uint8Array>>,
  options: { readonly asked?: Asked[]; readonly refused?: readonly string[]; readonly ignoresLock?: boolean } = {},
): Promise<FetchedDependencies> {
  const tree = memoryTree(files, 'r')
  return fetchDependencies({
    place: chartPlace(tree, 'app'),
    files: await readChartTree(tree, 'app'),
    charts: fetcher(options.asked ?? [], options.refused),
    ignoresLock: options.ignoresLock === true,
  })
}

function chart(...dependencies: readonly string[]): string {
  const lines = dependencies.map((dependency) => `- ${dependency}\n`).join('')
  return `apiVersion: v2\nname: app\nversion: 1.0.0\ndependencies:\n${lines}`
}

const PART = '{name: part, version: ^1.0.0, repository: "https://charts.example.com"}'
/** What helm 4.2.1 `dependency update` wrote for PART at 1.2.3. */
const LOCK = [
  'dependencies:',
  '- name: part',
  '  repository: https://charts.example.com',
  '  version: 1.2.3',
  'digest: DIGEST',
  'generated: "2026-01-02T03:04:05Z"',
  '',
].join('\n')
const DIGEST = 'sha256:3b4d2f0da46b9c1ee8147f6529a3a92a9ec777376e81f2f9a47ebf5414c3922c'

describe('what is fetched', () => {
  test('nothing, where all charts are there by their names', async () => {
    const asked: Asked[] = []

    const { added } = await build(
      { 'app/Chart.yaml': chart(PART), 'app/charts/x/Chart.yaml': 'apiVersion: v2\nname: part\nversion: 1.0.0\n' },
      { asked },
    )

    assert.deepEqual([added, asked], [[], []])
  })

  test('the newest in range where there is no lock; archives that were there are outdated', async () => {
    const asked: Asked[] = []

    const { files, added } = await build(
      { 'app/Chart.yaml': chart(PART), 'app/charts/old-1.0.0.tgz': simpleChart('old', '1.0.0'), 'app/values.yaml': '' },
      { asked },
    )

    assert.deepEqual(asked, [{ repository: 'https://charts.example.com', name: 'part', version: '^1.0.0' }])
    assert.deepEqual(
      added.map(({ name }) => name),
      ['charts/part-1.2.3.tgz'],
    )
    assert.deepEqual(files, ['Chart.yaml', 'values.yaml'])
  })

  test('a repository by its registered name', async () => {
    const asked: Asked[] = []

    await build({ 'app/Chart.yaml': chart('{name: part, version: 1.x, repository: "@known"}') }, { asked })

    assert.equal(asked[0]?.repository, 'https://charts.example.com')
    await assert.rejects(
      build({ 'app/Chart.yaml': chart('{name: part, version: 1.x, repository: "alias:other"}') }),
      /no repository definition for alias:other/,
    )
  })

  test('a chart beside it, which must be in range', async () => {
    const beside = {
      'part/Chart.yaml': 'apiVersion: v2\nname: part\nversion: 0.4.0\n',
      'part/templates/a.yaml': 'a: 1',
    }

    const { added } = await build({
      ...beside,
      'app/Chart.yaml': chart('{name: part, version: 0.x, repository: "file://../part"}'),
    })

    assert.deepEqual(added.map(({ name }) => name).toSorted(), [
      'charts/part/Chart.yaml',
      'charts/part/templates/a.yaml',
    ])
    await assert.rejects(
      build({ ...beside, 'app/Chart.yaml': chart('{name: part, version: 1.x, repository: "file://../part"}') }),
      /error building helm chart dependencies: can't get a valid version for dependency part/,
    )
    await assert.rejects(
      build({ 'app/Chart.yaml': chart('{name: part, version: 1.x, repository: "file://../../../etc"}') }),
      /resolved to outside repository root/,
    )
  })
})

describe('the lock', () => {
  test('decides the version, unless it is to be ignored', async () => {
    const asked: Asked[] = []
    const files = { 'app/Chart.yaml': chart(PART), 'app/Chart.lock': LOCK.replace('DIGEST', DIGEST) }

    await build(files, { asked })
    await build(files, { asked, ignoresLock: true })

    assert.deepEqual(
      asked.map(({ version }) => version),
      ['1.2.3', '^1.0.0'],
    )
  })

  test('that was made for other dependencies is refused', async () => {
    await assert.rejects(
      build({
        'app/Chart.yaml': chart(PART.replace('1.0.0', '1.1.0')),
        'app/Chart.lock': LOCK.replace('DIGEST', DIGEST),
      }),
      /the lock file \(Chart\.lock\) is out of sync with the dependencies file \(Chart\.yaml\)/,
    )
  })
})

describe('what is said', () => {
  test('a version that is nowhere, with the repository', async () => {
    await assert.rejects(
      build({ 'app/Chart.yaml': chart('{name: part, version: 9.x, repository: "https://charts.example.com"}') }),
      /can't get a valid version for 1 subchart\(s\): "part" \(repository "https:\/\/charts\.example\.com", version "9\.x"\)/,
    )
  })

  test('a repository that the project may not use', async () => {
    const refused = ['https://charts.example.com']

    await assert.rejects(
      build({ 'app/Chart.yaml': chart(PART) }, { refused }),
      /helm repos https:\S+ are not permitted in project/,
    )
  })
})
