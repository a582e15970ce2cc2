import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ManualClock } from '../../base/clock.ts'
import { CapstanError } from '../../base/errors.ts'
import { silentLog } from '../../base/log.ts'
import type { AppProject } from '../../crds/app-project.ts'
import type { DesiredState } from '../../desired/contract.ts'
import type { KubeObject } from '../../kube/object.ts'
import { parseHydratorSettings } from '../../settings/hydrator.ts'
import type { BranchChange } from '../../source/git/branch-writer.ts'
import type { HydratorDependencies } from './dependencies.ts'
import { type GroupOutcome, hydrateGroup } from './hydrate-group.ts'
import { hydratedStatus } from './hydration-status.ts'
import { type HydratedApplication, isHydrated } from './hydrator-spec.ts'
import { HydrationTemplates } from './templates.ts'

const HEAD = 'd'.repeat(40)
const OBJECT: KubeObject = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' } }

function application(name: string, more: object = {}): HydratedApplication {
  const sourceHydrator = {
    drySource: { repoURL: 'https://example.com/dry', targetRevision: 'main', path: name },
    syncSource: { targetBranch: 'env/prod', path: name },
  }
  const metadata = { name, namespace: 'argocd' }
  const spec = { project: 'default', destination: {}, sourceHydrator }
  const made = { apiVersion: 'argoproj.io/v1alpha1', kind: 'Application', metadata, spec, ...more }
  assert.ok(isHydrated(made))
  return made
}

interface Scene {
  readonly written: { readonly project: string; readonly change: BranchChange }[]
  readonly rendered: string[]
  readonly run: (group: readonly HydratedApplication[], isHard?: boolean) => Promise<GroupOutcome>
}

/** Sources that render as one object, or fail, by the application's name. */
function scene(states: Readonly<Record<string, Partial<DesiredState> | Error>> = {}): Scene {
  const written: Scene['written'] = []
  const rendered: string[] = []
  const project: AppProject = {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'AppProject',
    metadata: { name: 'default', namespace: 'argocd' },
    spec: { sourceRepos: ['*'] },
  }
  const clock = new ManualClock()
  const dependencies = {
    projects: { get: () => project },
    desired: {
      glance: async () => ({ revisions: [HEAD], rendering: undefined }),
      generate: async (request) => {
        const { name } = request.application
        rendered.push(`${name}@${request.revisions?.[0] ?? ''}`)
        const state = states[name] ?? {}
        if (state instanceof Error) throw state
        const [source] = request.sources
        assert.ok(source)
        const sources = [{ source, revision: HEAD, sourceType: 'Directory' as const }]
        return { sources, manifests: [OBJECT], warnings: [], unchanged: false, rendering: name, ...state }
      },
      revisionMetadata: async () => ({ author: 'Ada', date: '2026-01-01T00:00:00Z', message: 'Change', tags: [] }),
      onRefsMoved: () => () => {},
    },
    clusterOf: async () => ({ kubeVersion: '1.36.3', apiVersions: [] }),
    write: async (_url, projectName, change) => {
      written.push({ project: projectName, change })
      return { commit: 'h'.repeat(40), isNew: true }
    },
    settings: () => parseHydratorSettings(undefined),
    resyncMs: () => 1,
    gpgEnabled: true,
    clock,
    log: silentLog,
    namespace: 'argocd',
  } satisfies Omit<HydratorDependencies, 'client' | 'applications' | 'projects'> & { projects: object }
  return {
    written,
    rendered,
    run: (group, isHard = false) =>
      hydrateGroup(group, dependencies as unknown as HydratorDependencies, {
        templates: new HydrationTemplates(clock),
        isHard,
        signal: new AbortController().signal,
      }),
  }
}

test('all are rendered at one commit and written in one, with the project they share', async () => {
  const { run, written, rendered } = scene()

  const outcome = await run([application('a'), application('b')])

  assert.deepEqual([outcome.isDone, outcome.drySHA], [true, HEAD])
  assert.deepEqual(rendered, [`a@${HEAD}`, `b@${HEAD}`])
  const [{ project, change } = assert.fail()] = written
  assert.deepEqual(
    [written.length, project, change.branch, change.message.split('\n')[0]],
    [1, 'default', 'env/prod', 'ddddddd: Change'],
  )
  assert.deepEqual(
    [...((await change.filesOver({ hasText: async () => false })) ?? [])].map(([path]) => path),
    [
      'a/manifest.yaml',
      'a/hydrator.metadata',
      'a/README.md',
      'b/manifest.yaml',
      'b/hydrator.metadata',
      'b/README.md',
      'hydrator.metadata',
      '.gitattributes',
    ],
  )
})

test('what fails is told with the dry commit it failed at, though it is the first; nothing is written', async () => {
  const { run, written } = scene({ a: new CapstanError('bad-input', 'no chart') })

  const outcome = await run([application('a'), application('b')])

  assert.equal(outcome.drySHA, HEAD)
  assert.deepEqual(outcome.isDone ? {} : Object.fromEntries(outcome.faults), {
    'argocd/a': 'failed to get manifests: failed to get repo objects for app "argocd/a": no chart',
    'argocd/b': 'cannot hydrate because application argocd/a has an error',
  })
  assert.deepEqual(written, [])
})

test('decrypted files are not written to Git', async () => {
  const held: NonNullable<DesiredState['held']> = new Map([['placeholder', undefined as never]])
  const outcome = await scene({ a: { held } }).run([application('a')])

  assert.match(outcome.isDone ? '' : (outcome.faults.get('argocd/a') ?? ''), /must not be written to Git/)
})

test('a dry commit that all were written at already is neither rendered nor written, unless it is asked for', async () => {
  const done = (name: string, drySHA: string): HydratedApplication => {
    const sourceHydrator = hydratedStatus(application(name), { drySHA, hydratedSHA: 'h'.repeat(40), nowMs: 0 })
    return application(name, { status: { sourceHydrator } })
  }
  const same = scene()
  const outcome = await same.run([done('a', HEAD), done('b', HEAD)])
  assert.deepEqual([outcome.isDone, same.rendered, same.written], [true, [], []])

  const hard = scene()
  await hard.run([done('a', HEAD), done('b', HEAD)], true)
  const joined = scene()
  await joined.run([done('a', HEAD), application('new')])
  assert.deepEqual([hard.written.length, joined.written.length], [1, 1])
})
