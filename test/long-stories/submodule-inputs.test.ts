// The commit that a submodule is pinned to is an input of a rendering, by the files that are read of it.
import assert from 'node:assert/strict'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { systemClock } from '../../src/base/clock.ts'
import type { DesiredRequest, DesiredState } from '../../src/desired/contract.ts'
import { createDesired } from '../../src/desired/generate.ts'
import { createGitProvider } from '../../src/source/git/provider.ts'
import { createRepository, git, serveGitOverHttp, temporaryFolder } from '../support/git.ts'
import type { TestRepository } from '../support/git.ts'

/** Pins another repository's commit at a path, as `git submodule add` and later `git add` of it do. */
function pin(repository: TestRepository, path: string, commit: string, url: string): void {
  mkdirSync(join(repository.folder, path), { recursive: true })
  git(repository.folder, 'config', '--file', '.gitmodules', `submodule.${path}.path`, path)
  git(repository.folder, 'config', '--file', '.gitmodules', `submodule.${path}.url`, url)
  git(repository.folder, 'add', '.gitmodules')
  git(repository.folder, 'update-index', '--add', '--cacheinfo', `160000,${commit},${path}`)
  git(repository.folder, 'commit', '--quiet', '--message', `Pin ${path}`)
}

test('the commit of a submodule counts by what is read of it', async (t) => {
  const root = temporaryFolder(t)
  const base = await serveGitOverHttp(t, { root })
  const configMap = (name: string): string => `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}}\n`
  const library = createRepository(join(root, 'library'))
  const app = createRepository(join(root, 'app'))
  const first = library.commit({ 'base/kustomization.yaml': 'resources: [a.yaml]\n', 'base/a.yaml': configMap('a') })
  app.commit({ 'web/kustomization.yaml': 'resources: [../library/base]\n' })
  pin(app, 'library', first, '../../library/.git')
  const rules = { isRegistered: () => true, isPermitted: () => true }
  const desired = createDesired({
    sources: createGitProvider({
      cacheFolder: join(root, 'cache'),
      clock: systemClock,
      accessFor: async () => ({}),
      submodules: { areWanted: true, ...rules },
    }),
  })
  t.after(() => desired.close())
  const request: DesiredRequest = {
    application: { name: 'web', namespace: 'argocd', project: 'default', destinationNamespace: 'web' },
    sources: [{ repoURL: `${base}/app/.git`, targetRevision: 'main', path: 'web' }],
    freshness: 'latest',
    cluster: { kubeVersion: '1.36.3', apiVersions: ['v1'] },
  }
  const names = ({ manifests }: DesiredState): unknown[] => manifests.map(({ metadata }) => metadata.name)

  const before = await desired.generate(request)
  const elsewhere = library.commit({ 'README.md': 'read by nobody' })
  pin(app, 'library', elsewhere, '../../library/.git')
  const other = await desired.generate(request)
  pin(app, 'library', library.commit({ 'base/a.yaml': configMap('b') }), '../../library/.git')
  const after = await desired.generate(request)

  assert.deepEqual([before, other, after].map(names), [['a'], ['a'], ['b']])
  assert.deepEqual([before.unchanged, other.unchanged, after.unchanged], [false, true, false])
})
