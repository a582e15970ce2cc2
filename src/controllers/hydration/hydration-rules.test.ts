import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { drySourceOf } from '../../desired/hydrated-source.ts'
import type { AppProject } from '../../crds/app-project.ts'
import type { Application, SourceHydrator } from '../../crds/application.ts'
import type { KubeObject } from '../../kube/object.ts'
import { hydratedFiles, manifestText } from './hydrated-files.ts'
import { failedStatus, hydratedStatus, hydratingStatus } from './hydration-status.ts'
import { type HydratedApplication, hydrationKeyOf, isHydrated, targetOf } from './hydrator-spec.ts'
import { FAILED_PAUSE_MS, HYDRATE_ANNOTATION, needOf } from './needs-hydration.ts'
import { renderCommands } from './render-commands.ts'
import { genericFault, validateApplications } from './validate.ts'

const REPO = 'https://example.com/team/dry'
const HYDRATOR: SourceHydrator = {
  drySource: { repoURL: REPO, targetRevision: 'main', path: 'app' },
  syncSource: { targetBranch: 'env/prod', path: 'web' },
}
const NOW_MS = Date.UTC(2026, 0, 1)

function application(
  hydrator: Partial<SourceHydrator> = {},
  more: Partial<Application> & { readonly name?: string; readonly project?: string } = {},
): HydratedApplication {
  const { name = 'web', project = 'default', ...rest } = more
  const made: Application = {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Application',
    metadata: { name, namespace: 'argocd' },
    spec: { project, destination: {}, sourceHydrator: { ...HYDRATOR, ...hydrator } },
    ...rest,
  }
  assert.ok(isHydrated(made))
  return made
}

describe('what a hydrator says', () => {
  test('manifests go to the sync branch, or the one before it; to another repository where one is named', () => {
    const { syncSource } = HYDRATOR
    assert.deepEqual(targetOf(HYDRATOR), { repoURL: REPO, branch: 'env/prod', path: 'web' })
    assert.deepEqual(
      targetOf({
        ...HYDRATOR,
        syncSource: { ...syncSource, repoURL: 'https://x/y' },
        hydrateTo: { targetBranch: 'next' },
      }),
      { repoURL: 'https://x/y', branch: 'next', path: 'web' },
    )
    const drySource = { ...HYDRATOR.drySource, helm: { releaseName: 'r' } }
    assert.deepEqual(drySourceOf({ ...HYDRATOR, drySource }), { ...HYDRATOR.drySource, helm: { releaseName: 'r' } })
  })

  test('those of one dry source and one branch are written together', () => {
    const key = hydrationKeyOf(application())
    const withDot = { ...HYDRATOR.drySource, repoURL: `${REPO}.git`, path: 'other' }
    assert.equal(hydrationKeyOf(application({ drySource: withDot }, { name: 'b' })), key)
    assert.notEqual(hydrationKeyOf(application({ hydrateTo: { targetBranch: 'next' } })), key)
    assert.notEqual(hydrationKeyOf(application({ drySource: { ...HYDRATOR.drySource, targetRevision: 'v1' } })), key)
  })
})

describe('whether to hydrate', () => {
  const done = hydratedStatus(application(), { drySHA: 'd', hydratedSHA: 'h', nowMs: NOW_MS })
  const failed = failedStatus(application(), { text: 'x', drySHA: 'd', nowMs: NOW_MS })
  const unbased = failedStatus(application(), { text: 'x', drySHA: '', nowMs: NOW_MS })
  const other = { syncSource: { targetBranch: 'env/test', path: 'web' } }
  const ask = (
    status: NonNullable<Application['status']>['sourceHydrator'],
    {
      requested,
      afterMs = 0,
      hydrator = {},
    }: { requested?: string; afterMs?: number; hydrator?: Partial<SourceHydrator> } = {},
  ): string => {
    const annotations = requested === undefined ? {} : { [HYDRATE_ANNOTATION]: requested }
    const metadata = { name: 'web', namespace: 'argocd', annotations }
    const one = application(hydrator, {
      metadata,
      ...(status === undefined ? {} : { status: { sourceHydrator: status } }),
    })
    const need = needOf(one, NOW_MS + afterMs)
    return need.kind === 'ask' ? 'ask' : `${need.kind}: ${need.reason}`
  }

  const cases: readonly (readonly [string, string])[] = [
    [ask(undefined), 'yes: no previous hydrate operation'],
    [ask({}), 'yes: no previous hydrate operation'],
    [ask(hydratingStatus(application(), NOW_MS), { requested: 'hard' }), 'no: hydration operation already in progress'],
    [ask(done, { requested: 'hard' }), 'yes: hard hydrate requested'],
    [ask(done, { requested: 'normal' }), 'ask'],
    [ask(done, { hydrator: other }), 'yes: spec.sourceHydrator differs'],
    [ask(done), 'ask'],
    [ask({ ...done, lastComparedDryRevision: '' }), 'yes: new revision may have changes'],
    [ask(failed), 'ask'],
    [ask(failed, { requested: 'normal' }), 'yes: retrying previous failed hydration'],
    [ask(failed, { afterMs: FAILED_PAUSE_MS + 1 }), 'yes: previous hydrate operation failed more than 2 minutes ago'],
    [ask(unbased), 'no: previous hydrate operation failed'],
    [ask(failed, { hydrator: other }), 'yes: spec.sourceHydrator differs'],
  ]
  for (const [index, [found, expected]] of cases.entries()) {
    test(`case ${index + 1}: ${expected}`, () => assert.equal(found, expected))
  }

  test('an operation keeps when it began, and what it was asked', () => {
    const begun = hydratingStatus(application(), NOW_MS)
    const one = application({}, { status: { sourceHydrator: begun } })

    assert.equal(hydratingStatus(one, NOW_MS + 5000), begun)
    const { currentOperation } = failedStatus(one, { text: 'no', drySHA: 'd', nowMs: NOW_MS + 5000 })
    assert.deepEqual(currentOperation, {
      startedAt: '2026-01-01T00:00:00Z',
      finishedAt: '2026-01-01T00:00:05Z',
      phase: 'Failed',
      message: 'Failed to hydrate: no',
      drySHA: 'd',
      sourceHydrator: HYDRATOR,
    })
  })
})

describe('what may not be hydrated', () => {
  const project = (name: string, sourceRepos: readonly string[]): AppProject => ({
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'AppProject',
    metadata: { name, namespace: 'argocd' },
    spec: { sourceRepos: [...sourceRepos] },
  })
  const projects = new Map([
    ['default', project('default', ['*'])],
    ['team', project('team', [REPO])],
  ])
  const faults = (...group: readonly HydratedApplication[]): Record<string, string> =>
    Object.fromEntries(validateApplications(group, (name) => projects.get(name), 'argocd'))
  const at = (path: string, more: object = {}): Partial<SourceHydrator> => ({
    syncSource: { targetBranch: 'env/prod', path, ...more },
  })

  test("each fault is told in upstream's words", () => {
    assert.deepEqual(faults(application()), {})
    for (const path of ['', '.', '/', './', '//']) {
      assert.match(
        faults(application(at(path)))['argocd/web'] ?? '',
        /hydrate to the repository root \(branch "env\/prod", path /,
      )
    }
    assert.match(faults(application(at('a/../../b')))['argocd/web'] ?? '', /leads outside/)
    assert.equal(
      faults(application({ drySource: { ...HYDRATOR.drySource, repoURL: 'https://x/y' } }, { project: 'team' }))[
        'argocd/web'
      ],
      "application repo https://x/y is not permitted in project 'team'",
    )
    assert.equal(
      faults(application(at('web', { repoURL: 'https://x/y' }), { project: 'team' }))['argocd/web'],
      "destination repo https://x/y is not permitted in project 'team'",
    )
    assert.match(faults(application({}, { project: 'gone' }))['argocd/web'] ?? '', /^failed to get project "gone"/)
    const elsewhere = application({}, { metadata: { name: 'web', namespace: 'other' } })
    assert.match(faults(elsewhere)['other/web'] ?? '', /is not permitted to use project 'default'/)
  })

  test('two of one place hold each other up, however it is written', () => {
    assert.deepEqual(faults(application(at('web')), application(at('./web/'), { name: 'b' })), {
      'argocd/b': `app argocd/web hydrator uses the same destination: repo=${REPO}, path=./web/`,
      'argocd/web': `app argocd/b hydrator uses the same destination: repo=${REPO}, path=./web/`,
    })
    assert.equal(
      genericFault(
        new Map([
          ['b', 'x'],
          ['a', 'y'],
        ]),
      ),
      'cannot hydrate because application a and 1 more have errors',
    )
  })
})

describe('the files of a commit', () => {
  const map: KubeObject & { data: object } = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'a' },
    data: { b: '1' },
  }
  const text = 'apiVersion: v1\ndata:\n  b: "1"\nkind: ConfigMap\nmetadata:\n  name: a\n'

  test('are those of paths whose manifests differ, and none where none does', async () => {
    assert.equal(manifestText([map, map]), `${text}---\n${text}`)
    assert.equal(manifestText([]), '')
    const paths = ['same', './new/'].map((path) => ({ path, manifests: [map], commands: [] }))
    const metadata = { repoURL: 'r', drySha: 's', subject: 'x' }
    const head = { hasText: async (path: string, wanted: string) => path === 'same/manifest.yaml' && wanted === text }
    const readme = (own: object): string => JSON.stringify(own)

    const files = await hydratedFiles(paths, metadata, { head, readme })
    assert.deepEqual(
      [...(files ?? [])].map(([path]) => path),
      ['new/manifest.yaml', 'new/hydrator.metadata', 'new/README.md', 'hydrator.metadata', '.gitattributes'],
    )
    assert.equal(files?.get('new/README.md'), '{"repoURL":"r","drySha":"s"}')
    assert.equal(await hydratedFiles(paths.slice(0, 1), metadata, { head, readme }), undefined)
  })

  test('commands are those a person would run', () => {
    const request = {
      application: { name: 'web', namespace: 'argocd', project: 'default', destinationNamespace: 'prod' },
      sources: [],
      freshness: 'latest' as const,
      cluster: { kubeVersion: '1.36.3', apiVersions: [] },
    }
    const helm = {
      parameters: [
        { name: 'a', value: "it's" },
        { name: 'b', value: '1', forceString: true },
      ],
      valueFiles: ['prod.yaml'],
      skipCrds: true,
    }
    const commands = (sourceType: 'Helm' | 'Kustomize' | 'Directory', source: object): readonly string[] =>
      renderCommands({ source: { repoURL: 'r', ...source }, revision: 's', sourceType }, request)

    assert.deepEqual(commands('Helm', { helm }), [
      String.raw`helm template . --name-template web --namespace prod --kube-version 1.36.3 --set 'a=it'\''s' --set-string b=1 --values prod.yaml`,
    ])
    assert.deepEqual(commands('Helm', {}), [
      'helm template . --name-template web --namespace prod --kube-version 1.36.3 --include-crds',
    ])
    assert.deepEqual([commands('Kustomize', {}), commands('Directory', {})], [['kustomize build .'], []])
  })
})
