// Applications from a real Git repository, through the provider and the workers, as the program runs them.
import assert from 'node:assert/strict'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { test } from 'node:test'
import { createRepository, temporaryFolder } from '../support/git.ts'
import type { TestRepository } from '../support/git.ts'
import { systemClock } from '../../src/base/clock.ts'
import type { ApplicationSource } from '../../src/crds/application.ts'
import { createGitProvider } from '../../src/source/git/provider.ts'
import type { Desired, DesiredRequest } from '../../src/desired/contract.ts'
import { createDesired } from '../../src/desired/generate.ts'
import { RenderWorkerPool } from '../../src/desired/worker-pool.ts'

const manifest = (name: string): string => `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\n`

function desiredFor(t: TestContext): { desired: Desired; repository: TestRepository } {
  const folder = temporaryFolder(t)
  const repository = createRepository(join(folder, 'repository'))
  const sources = createGitProvider({
    cacheFolder: join(folder, 'cache'),
    clock: systemClock,
    accessFor: () => Promise.resolve({}),
  })
  const entry = new URL('../../src/main/render-worker.js', import.meta.url)
  const desired = createDesired({ sources, workers: new RenderWorkerPool({ entry, clock: systemClock }) })
  t.after(() => desired.close())
  return { desired, repository }
}

function requestFor(source: ApplicationSource): DesiredRequest {
  return {
    application: { name: 'web', namespace: 'argocd', project: 'default', destinationNamespace: 'web' },
    sources: [source],
    freshness: 'latest',
    cluster: { kubeVersion: '1.36.3', apiVersions: [] },
  }
}

test('a commit that moves no used path is recognised in a monorepo', async (t) => {
  const { desired, repository } = desiredFor(t)
  repository.commit({ 'apps/web/a.yaml': manifest('a'), 'apps/api/b.yaml': manifest('b') })
  const request = requestFor({ repoURL: repository.url, path: 'apps/web', targetRevision: 'main' })
  const first = await desired.generate(request)
  const elsewhere = repository.commit({ 'apps/api/b.yaml': manifest('b2') })

  const second = await desired.generate(request)
  repository.commit({ 'apps/web/a.yaml': manifest('a2') })
  const third = await desired.generate(request)

  assert.deepEqual([first.unchanged, second.unchanged, third.unchanged], [false, true, false])
  assert.equal(second.sources[0]?.revision, elsewhere)
  assert.equal(third.manifests[0]?.metadata.name, 'a2')
})

test('a large directory is rendered by a worker with the same result', async (t) => {
  const { desired, repository } = desiredFor(t)
  const names = Array.from({ length: 3000 }, (_, i) => `name-${i}`)
  repository.commit({ 'all.yaml': names.map(manifest).join('---\n') })

  const state = await desired.generate(requestFor({ repoURL: repository.url, path: '.' }))

  assert.deepEqual(
    state.manifests.map((item) => item.metadata.name),
    names,
  )
})
