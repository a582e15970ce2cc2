import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { AppProject, AppProjectSpec } from '../crds/app-project.ts'
import { effectiveProject, globalProjectsOf, type ProjectAdditions } from './effective-project.ts'

const NOTHING: ProjectAdditions = { globalProjects: [], projectOf: () => undefined, repositories: [], clusters: [] }

function project(name: string, spec: AppProjectSpec = {}, labels: Readonly<Record<string, string>> = {}): AppProject {
  return { apiVersion: 'argoproj.io/v1alpha1', kind: 'AppProject', metadata: { name, labels }, spec }
}

function among(...projects: readonly AppProject[]): (name: string) => AppProject | undefined {
  return (name) => projects.find(({ metadata }) => metadata.name === name)
}

test('a project that nothing is added to stays the same object', () => {
  const own = project('team')
  assert.equal(effectiveProject(own, NOTHING), own)
})

test('repositories and clusters registered for a project are permitted by that', () => {
  const clusters = [
    { server: 'https://a', namespaces: [] },
    { server: 'https://b', namespaces: ['x', 'y'] },
  ]

  const { spec } = effectiveProject(project('team', { sourceRepos: ['https://own'] }), {
    ...NOTHING,
    repositories: ['https://git/x'],
    clusters,
  })

  assert.deepEqual(spec.sourceRepos, ['https://own', 'https://git/x'])
  assert.deepEqual(spec.destinations, [
    { server: 'https://a', namespace: '*' },
    { server: 'https://b', namespace: 'x' },
    { server: 'https://b', namespace: 'y' },
  ])
})

describe('global projects', () => {
  const base = project('base', {
    sourceRepos: ['https://base'],
    clusterResourceBlacklist: [{ group: '', kind: 'Node' }],
    namespaceResourceBlacklist: [{ group: '', kind: 'ResourceQuota' }],
    syncWindows: [{ kind: 'deny', schedule: '0 0 * * *', duration: '1h', applications: ['*'] }],
    destinationServiceAccounts: [{ server: '*', namespace: '*', defaultServiceAccount: 'base' }],
    roles: [{ name: 'not-merged' }],
  })
  const strict = project('strict', { namespaceResourceWhitelist: [{ group: 'apps', kind: '*' }] })
  const team = project('team', { sourceRepos: ['https://team'] }, { tier: 'prod' })
  const projectOf = among(base, strict, team)
  const prod = { matchLabels: { tier: 'prod' } }

  test("put their lists behind the project's own", () => {
    const globalProjects = [{ projectName: 'base', labelSelector: prod }]

    const { spec } = effectiveProject(team, { ...NOTHING, globalProjects, projectOf })

    assert.deepEqual(spec.sourceRepos, ['https://team', 'https://base'])
    assert.deepEqual(spec.clusterResourceBlacklist, base.spec.clusterResourceBlacklist)
    assert.deepEqual(spec.namespaceResourceBlacklist, base.spec.namespaceResourceBlacklist)
    assert.deepEqual(spec.syncWindows, base.spec.syncWindows)
    assert.deepEqual(spec.destinationServiceAccounts, base.spec.destinationServiceAccounts)
    assert.equal(spec.roles, undefined)
    // Absent on both sides stays absent: an empty list would forbid everything.
    assert.equal(Object.hasOwn(spec, 'namespaceResourceWhitelist'), false)
  })

  test('may bring the first whitelist', () => {
    const globalProjects = [{ projectName: 'strict', labelSelector: {} }]
    const { spec } = effectiveProject(team, { ...NOTHING, globalProjects, projectOf })
    assert.deepEqual(spec.namespaceResourceWhitelist, strict.spec.namespaceResourceWhitelist)
  })

  const wrong = { matchExpressions: [{ key: 'tier', operator: 'Near', values: ['prod'] }] }
  const cases: readonly (readonly [says: string, selectors: readonly object[], names: readonly string[]])[] = [
    ['labels that fit', [prod], ['base']],
    ['labels that do not', [{ matchLabels: { tier: 'dev' } }], []],
    ['an expression', [{ matchExpressions: [{ key: 'tier', operator: 'In', values: ['prod', 'dev'] }] }], ['base']],
    ['no selector', [{}], ['base']],
    ['a wrong selector before a good one', [wrong, prod], []],
    ['a wrong selector after a good one', [prod, wrong], ['base']],
  ]
  for (const [says, selectors, names] of cases) {
    test(`${says}: ${names.join(' ') || 'none'}`, () => {
      const globalProjects = selectors.map((labelSelector, index) => ({
        projectName: index === 0 || selectors[0] === wrong ? 'base' : 'strict',
        labelSelector,
      }))
      const found = globalProjectsOf(team, { globalProjects, projectOf })
      assert.deepEqual(
        found.map(({ metadata }) => metadata.name),
        names,
      )
    })
  }

  test('a project is not its own global project, and one that is missing ends the list', () => {
    const all = ['team', 'base', 'gone', 'strict'].map((projectName) => ({ projectName, labelSelector: {} }))
    const found = globalProjectsOf(team, { globalProjects: all, projectOf })
    assert.deepEqual(
      found.map(({ metadata }) => metadata.name),
      ['base'],
    )
  })
})
