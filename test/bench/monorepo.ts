// A repository of 500 applications: what it costs to see that a commit touches one of them.
import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { systemClock } from '../../src/base/clock.ts'
import type { DesiredRequest, DesiredState } from '../../src/desired/contract.ts'
import { createDesired } from '../../src/desired/generate.ts'
import { createGitProvider } from '../../src/source/git/provider.ts'
import type { Application } from '../../src/crds/application.ts'
import { changeInGit, isDelivered, nameOf, startFleet, untilApplication, type Fleet } from './fleet.ts'
import { percentile, type BenchOptions, type Figure } from './measurement.ts'
import { cpuSeconds, processTree } from './process-cost.ts'
import { withFolder } from './program.ts'

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

const COUNT = 500
const QUICK_COUNT = 50
/** Issue 7: from the push to Synced. */
const PUSH_BUDGET_S = 1
const ROUNDS = 5
const FOLLOW_TIMEOUT_MS = 600_000
const FOLLOW_POLL_MS = 200

/** A running Capstan with 500 applications of one repository, and commits that nobody tells it of. */
export async function measureCommits({ isQuick }: BenchOptions): Promise<readonly Figure[]> {
  const count = isQuick ? QUICK_COUNT : COUNT
  return withFolder(async (folder) => {
    const fleet = await startFleet(folder, { count })
    try {
      return await measureCommit(fleet, count)
    } finally {
      await fleet.stop()
    }
  })
}

/** Commits to one application of many: until it is synced, and until the last of the others has the revision. */
export async function measureCommit(fleet: Fleet, count: number): Promise<readonly Figure[]> {
  const seconds: number[] = []
  let commit = ''
  const startCpu = cpuSeconds(processTree(fleet.program.pid))
  let startMs = 0
  for (let round = 0; round < ROUNDS; round++) {
    const name = nameOf(round)
    commit = changeInGit(fleet, name, `commit ${round}`)
    startMs = performance.now()
    await untilApplication(fleet, name, (application) => isDeliveredAt(application, commit))
    seconds.push((performance.now() - startMs) / 1000)
  }
  await untilFollowed(fleet, count, commit)
  const followed = (performance.now() - startMs) / 1000
  const cpu = cpuSeconds(processTree(fleet.program.pid)) - startCpu
  const note = `n = ${ROUNDS}, seen by watching the repository`
  return [
    {
      name: `commit to one of ${count} to Synced`,
      value: percentile(seconds, 0.5),
      unit: 's',
      ...(count === COUNT ? { budget: PUSH_BUDGET_S } : {}),
      note,
    },
    {
      name: `until all ${count} have the last revision`,
      value: followed,
      unit: 's',
      note: 'written one after the other',
    },
    { name: `CPU of ${ROUNDS} commits to one of ${count}`, value: cpu, unit: 's', note: 'all revisions written' },
  ]
}

/** Thousands take minutes, for they are written one after the other. */
async function untilFollowed({ applications }: Fleet, count: number, commit: string): Promise<void> {
  const endMs = performance.now() + FOLLOW_TIMEOUT_MS
  for (;;) {
    let reached = 0
    for (const { status } of applications.list()) if (status?.sync?.revision === commit) reached++
    if (reached === count) return
    if (performance.now() > endMs) throw new Error(`${reached} of ${count} applications have revision ${commit}`)
    await pause(FOLLOW_POLL_MS)
  }
}

function isDeliveredAt(application: Application, commit: string): boolean {
  return application.status?.operationState?.syncResult?.revision === commit && isDelivered(application)
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
