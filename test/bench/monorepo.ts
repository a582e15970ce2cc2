// A repository of 500 applications: what it costs to see that a commit touches one of them.
import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { systemClock } from '../../src/base/clock.ts'
import type { DesiredRequest, DesiredState } from '../../src/desired/contract.ts'
import { createDesired } from '../../src/desired/generate.ts'
import { createGitProvider } from '../../src/source/git/provider.ts'
import type { Figure } from './measurement.ts'

const APPLICATIONS = 500
/** Issue 6: from fetched to the decision. */
const DECISION_BUDGET_MS = 50

/** Makes the repository in the folder, renders all, commits to one, and asks for all again. */
export async function measureMonorepo(folder: string): Promise<readonly Figure[]> {
  const repository = join(folder, 'monorepo')
  writeApplications(repository)
  const sources = createGitProvider({
    cacheFolder: join(folder, 'cache'),
    clock: systemClock,
    accessFor: () => Promise.resolve({}),
  })
  const desired = createDesired({ sources, maxCacheBytes: 256 * 1024 * 1024 })
  try {
    const generate = (freshness: DesiredRequest['freshness'], revision: string): Promise<DesiredState[]> =>
      Promise.all(requests(repository, freshness, revision).map((request) => desired.generate(request)))
    const first = git(repository, 'rev-parse', 'HEAD')
    const rendering = await timed(() => generate('latest', first))
    writeFileSync(join(repository, 'apps/app-7/a.yaml'), configMap('changed'))
    git(repository, 'commit', '--quiet', '--all', '--message', 'Change one')
    const commit = git(repository, 'rev-parse', 'HEAD')
    // What has been fetched is at hand: its objects are read before the clock starts.
    await sources.open({ repoURL: repository }, { project: 'default', freshness: 'latest', revision: commit })
    const glances = requests(repository, 'cached', commit).map((request) => () => desired.glance(request))
    const deciding = await timed(() => Promise.all(glances.map((glance) => glance())))
    const unchanged = deciding.result.filter(({ rendering }) => rendering !== undefined).length
    const renderingAgain = await timed(() => generate('cached', commit))
    const rendered = renderingAgain.result.filter((state) => !state.unchanged).length
    if (rendered !== 1) throw new Error(`${rendered} applications were rendered`)
    if (unchanged !== APPLICATIONS - 1) throw new Error(`${unchanged} of ${APPLICATIONS} applications are unchanged`)
    return [
      { name: `monorepo: ${APPLICATIONS} overlays rendered the first time`, value: rendering.ms, unit: 'ms' },
      {
        name: 'monorepo: a commit to one, decided for all',
        value: deciding.ms,
        unit: 'ms',
        budget: DECISION_BUDGET_MS,
        note: `${unchanged} are unchanged`,
      },
      { name: 'monorepo: decided again, and rendered for one', value: renderingAgain.ms, unit: 'ms' },
    ]
  } finally {
    await desired.close()
  }
}

async function timed<T>(run: () => Promise<T>): Promise<{ readonly ms: number; readonly result: T }> {
  const startMs = performance.now()
  const result = await run()
  return { ms: performance.now() - startMs, result }
}

function requests(repository: string, freshness: DesiredRequest['freshness'], revision: string): DesiredRequest[] {
  return Array.from({ length: APPLICATIONS }, (_, i) => ({
    application: { name: `app-${i}`, namespace: 'argocd', project: 'default', destinationNamespace: 'default' },
    sources: [{ repoURL: repository, path: `apps/app-${i}`, targetRevision: 'main' }],
    revisions: [revision],
    freshness,
    cluster: { kubeVersion: '1.36.3', apiVersions: ['v1'] },
  }))
}

function configMap(name: string): string {
  return `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}}\ndata: {level: info}\n`
}

function writeApplications(repository: string): void {
  for (let i = 0; i < APPLICATIONS; i++) {
    const folder = join(repository, `apps/app-${i}`)
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, 'kustomization.yaml'), `resources: [a.yaml, ../../base]\nnamePrefix: app-${i}-\n`)
    writeFileSync(join(folder, 'a.yaml'), configMap(`own-${i}`))
  }
  mkdirSync(join(repository, 'base'))
  writeFileSync(join(repository, 'base/kustomization.yaml'), 'resources: [b.yaml]\n')
  writeFileSync(join(repository, 'base/b.yaml'), configMap('shared'))
  git(repository, 'init', '--quiet', '--initial-branch=main')
  git(repository, 'add', '--all')
  git(repository, 'commit', '--quiet', '--message', 'Begin')
}

function git(folder: string, ...args: readonly string[]): string {
  const identity = ['-c', 'user.name=Bench', '-c', 'user.email=bench@example.com', '-c', 'commit.gpgsign=false']
  return execFileSync('git', [...identity, ...args], { cwd: folder, encoding: 'utf8' }).trim()
}
