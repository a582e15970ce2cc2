// Applications into manifests: several sources, override files, and recognising what cannot have changed.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { ApplicationSource } from '../crds/application.ts'
import type { MemoryFile } from '../../test/support/memory-tree.ts'
import { memoryTree } from '../../test/support/memory-tree.ts'
import type { Rendered } from '../render/contract.ts'
import type { OpenOptions, SourceProvider } from '../source/provider.ts'
import type { Desired, DesiredRequest, DesiredState } from './contract.ts'
import { createDesired } from './generate.ts'
import type { PoolJob } from './worker-pool.ts'

type Files = Record<string, MemoryFile>

const manifest = (name: string): string => `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\n`

/** A provider over repositories by URL, whose only revision is a number that moves with every change. */
class Repositories implements SourceProvider {
  readonly opened: OpenOptions[] = []
  readonly files: Record<string, Files>
  revision = 1

  constructor(files: Record<string, Files>) {
    this.files = files
  }

  change(repoURL: string, files: Files): void {
    this.files[repoURL] = { ...this.files[repoURL], ...files }
    this.revision++
  }

  open(source: ApplicationSource, options: OpenOptions): ReturnType<SourceProvider['open']> {
    this.opened.push(options)
    const revision = options.revision ?? `r${this.revision}`
    return Promise.resolve({ tree: memoryTree(this.files[source.repoURL] ?? {}, revision), revision })
  }

  revisionMetadata(): ReturnType<SourceProvider['revisionMetadata']> {
    return Promise.resolve({ author: 'Ada <ada@example.com>', date: '2026-01-01T00:00:00Z', message: 'Add', tags: [] })
  }

  onRefsMoved(): () => void {
    return () => {}
  }

  close(): Promise<void> {
    return Promise.resolve()
  }
}

function requestFor(sources: readonly ApplicationSource[], more: Partial<DesiredRequest> = {}): DesiredRequest {
  return {
    application: { name: 'web', namespace: 'argocd', project: 'default', destinationNamespace: 'web' },
    sources,
    freshness: 'latest',
    cluster: { kubeVersion: '1.36.3', apiVersions: ['v1'] },
    ...more,
  }
}

const REPO = 'https://git.example.com/a'
const source: ApplicationSource = { repoURL: REPO, path: 'app', targetRevision: 'main' }

function namesOf(state: DesiredState): (string | undefined)[] {
  return state.manifests.map((item) => item.metadata.name)
}

describe('recognising an unchanged application', () => {
  const cases: readonly (readonly [string, Files, boolean])[] = [
    ['a commit elsewhere in the repository changes nothing', { 'other/x.yaml': 'x: 1', 'README.md': 'hi' }, true],
    ['a new directory beside the files is looked at', { 'app/deep/x.yaml': 'x: 1' }, false],
    ['a manifest that changes is rendered', { 'app/a.yaml': manifest('b') }, false],
    ['a new file is rendered', { 'app/b.yaml': manifest('b') }, false],
    [
      'an override file that was looked for in vain',
      { 'app/.argocd-source-web.yaml': 'directory: {recurse: true}' },
      false,
    ],
    ['a file that makes it another type', { 'app/b/kustomization.yaml': 'x: 1' }, false],
  ]
  for (const [title, change, unchanged] of cases) {
    test(title, async () => {
      const repositories = new Repositories({ [REPO]: { 'app/a.yaml': manifest('a') } })
      const desired = createDesired({ sources: repositories })
      const first = await desired.generate(requestFor([source]))
      repositories.change(REPO, change)

      const second = await desired.generate(requestFor([source]))

      assert.equal(first.unchanged, false)
      assert.equal(second.unchanged, unchanged)
      assert.equal(second.sources[0]?.revision, 'r2')
      if (unchanged) assert.equal(second.manifests, first.manifests)
    })
  }

  test('a revision counts where the source, or an override file, substitutes it', async () => {
    const override = 'directory: {jsonnet: {tlas: [{name: rev, value: $ARGOCD_APP_REVISION}]}}\n'
    const files: Files = { 'app/a.yaml': manifest('a'), 'app/.argocd-source.yaml': override }
    const repositories = new Repositories({ [REPO]: files })
    const desired = createDesired({ sources: repositories })
    await desired.generate(requestFor([source]))

    const sameRevision = await desired.generate(requestFor([source]))
    repositories.change(REPO, { 'README.md': 'x' })
    const nextRevision = await desired.generate(requestFor([source]))

    assert.deepEqual([sameRevision.unchanged, nextRevision.unchanged], [true, false])
  })

  test('another cluster version, another source or a hard refresh renders anew', async () => {
    const desired = createDesired({ sources: new Repositories({ [REPO]: { 'app/a.yaml': manifest('a') } }) })
    const unchanged = async (request: DesiredRequest): Promise<boolean> => (await desired.generate(request)).unchanged
    const request = requestFor([source])

    assert.equal(await unchanged(request), false)
    assert.equal(await unchanged(request), true)
    assert.equal(await unchanged({ ...request, freshness: 'hard' }), false)
    assert.equal(await unchanged({ ...request, cluster: { kubeVersion: '1.37.0', apiVersions: [] } }), false)
    assert.equal(await unchanged(requestFor([{ ...source, directory: { recurse: true } }])), false)
    assert.equal(await unchanged(requestFor([{ ...source, directory: { recurse: true }, targetRevision: 'v1' }])), true)
  })
})

describe('several sources', () => {
  test('their manifests are joined in order, and sources that only lend files render nothing', async () => {
    const repositories = new Repositories({
      [REPO]: { 'app/a.yaml': manifest('a') },
      [`${REPO}2`]: { 'b.yaml': manifest('b') },
    })
    const sources: ApplicationSource[] = [
      { repoURL: `${REPO}2`, ref: 'values' },
      { repoURL: `${REPO}2`, path: '.' },
      source,
    ]

    const state = await createDesired({ sources: repositories }).generate(requestFor(sources, { revisions: ['x', ''] }))

    assert.deepEqual(namesOf(state), ['b', 'a'])
    assert.deepEqual(
      state.sources.map(({ revision, sourceType }) => [revision, sourceType]),
      [
        ['x', 'Directory'],
        ['r1', 'Directory'],
        ['r1', 'Directory'],
      ],
    )
  })

  test('an error says which of the sources failed', async () => {
    const desired = createDesired({ sources: new Repositories({ [REPO]: { 'app/a.yaml': manifest('a') } }) })
    const sources: ApplicationSource[] = [source, { repoURL: REPO, path: 'nowhere' }]

    await assert.rejects(desired.generate(requestFor(sources)), {
      name: 'SourceError',
      code: 'not-found',
      message: 'nowhere: app path does not exist',
      sourceNumber: 2,
      sourceCount: 2,
    })
  })

  test('an application without sources is an error', async () => {
    const desired = createDesired({ sources: new Repositories({}) })

    await assert.rejects(desired.generate(requestFor([])), { code: 'bad-input' })
  })
})

describe('override files', () => {
  test("the application's own comes after the common one; repoURL and path stay", async () => {
    const files: Files = {
      'app/.argocd-source.yaml':
        'repoURL: https://evil.example.com\npath: other\ndirectory: {recurse: true, exclude: x*}\n',
      'app/.argocd-source-web.yaml': 'directory: {exclude: null, include: "deep/*"}\n',
      'app/a.yaml': manifest('a'),
      'app/deep/x.yaml': manifest('x'),
      'other/o.yaml': manifest('o'),
    }
    const desired = createDesired({ sources: new Repositories({ [REPO]: files }) })

    assert.deepEqual(namesOf(await desired.generate(requestFor([source]))), ['x'])
  })

  test('one that cannot be read is named', async () => {
    const desired = createDesired({ sources: new Repositories({ [REPO]: { 'app/.argocd-source.yaml': 'a: {' } }) })

    await assert.rejects(desired.generate(requestFor([source])), /^SourceError: .argocd-source.yaml: error converting/)
  })
})

describe('where a rendering is evaluated', () => {
  async function jobsFor(files: Files): Promise<number> {
    const jobs: PoolJob[] = []
    const rendered: Rendered = { sourceType: 'Directory', manifests: [], warnings: [] }
    const workers = {
      render: (job: PoolJob) => Promise.resolve(rendered).finally(() => jobs.push(job)),
      close: () => Promise.resolve(),
    }
    const desired: Desired = createDesired({ sources: new Repositories({ [REPO]: files }), workers })
    await desired.generate(requestFor([source]))
    await desired.close()
    return jobs.length
  }

  test('small directories here, large ones in a worker', async () => {
    assert.equal(await jobsFor({ 'app/a.yaml': manifest('a') }), 0)
    assert.equal(await jobsFor({ 'app/a.yaml': `${manifest('a')}${'# padding\n'.repeat(20_000)}` }), 1)
  })

  test('a program in a worker, however small: it may run without end', async () => {
    assert.equal(await jobsFor({ 'app/a.jsonnet': '[]' }), 1)
  })
})

test('facts about a revision come from the provider', async () => {
  const desired = createDesired({ sources: new Repositories({}) })

  const facts = await desired.revisionMetadata(source, 'default', 'abc')

  assert.equal(facts.author, 'Ada <ada@example.com>')
})
