import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { AppProject, AppProjectSpec } from '../crds/app-project.ts'
import type { Application } from '../crds/application.ts'
import { describeViolations } from './application.ts'
import {
  isApplicationNamespacePermitted,
  isDestinationPermitted,
  isResourcePermitted,
  isSourcePermitted,
} from './project-rules.ts'

function project(spec: AppProjectSpec): AppProject {
  return { apiVersion: 'argoproj.io/v1alpha1', kind: 'AppProject', metadata: { name: 'p' }, spec }
}

describe('sources', () => {
  const cases: readonly (readonly [repos: readonly string[], url: string, permitted: boolean])[] = [
    [['*'], 'https://github.com/a/b.git', true],
    [[], 'https://github.com/a/b', false],
    [['https://github.com/a/b'], 'https://GitHub.com/a/b.git', true],
    [['https://github.com/a/*'], 'https://github.com/a/b', true],
    [['https://github.com/a/*'], 'https://github.com/a/b/c', false],
    [['https://github.com/**'], 'https://github.com/a/b/c', true],
    [['git@github.com:a/*'], 'ssh://git@github.com/a/b', true],
    [['*', '!https://github.com/a/b'], 'https://github.com/a/b', false],
    [['!https://github.com/a/b', '*'], 'https://github.com/a/b', false],
    [['*', '!https://github.com/a/b'], 'https://github.com/a/c', true],
    [['!https://github.com/a/b'], 'https://github.com/a/c', true],
  ]
  for (const [sourceRepos, repoURL, permitted] of cases) {
    test(`${sourceRepos.join(' ')} ${permitted ? 'permits' : 'forbids'} ${repoURL}`, () => {
      assert.equal(isSourcePermitted(project({ sourceRepos }), { repoURL }), permitted)
    })
  }
})

describe('destinations', () => {
  const dev = { server: 'https://dev', name: 'dev', namespace: 'team-a' }
  const cases: readonly (readonly [destinations: AppProjectSpec['destinations'], permitted: boolean])[] = [
    [[{ server: '*', namespace: '*' }], true],
    [[{ server: 'https://dev', namespace: 'team-*' }], true],
    [[{ name: 'dev', namespace: '*' }], true],
    [[{ server: 'https://prod', namespace: '*' }], false],
    [[{ server: 'https://dev', namespace: 'other' }], false],
    [
      [
        { server: '*', namespace: '*' },
        { server: '!https://dev', namespace: '*' },
      ],
      false,
    ],
    [
      [
        { server: '*', namespace: '*' },
        { server: '*', namespace: '!team-a' },
      ],
      false,
    ],
    [
      [
        { server: '*', namespace: '*' },
        { server: '*', namespace: '!kube-system' },
      ],
      true,
    ],
    [[{ namespace: '*' }], false],
    [[], false],
    // A denied name alone refuses; a denied server only where the namespace fits, a denied namespace only on that server.
    [
      [
        { server: '*', namespace: '*' },
        { name: '!dev', namespace: 'other' },
      ],
      false,
    ],
    [
      [
        { server: '*', namespace: '*' },
        { server: '!https://dev', namespace: 'other' },
      ],
      true,
    ],
    [
      [
        { server: '*', namespace: '*' },
        { server: 'https://prod', namespace: '!team-a' },
      ],
      true,
    ],
    [[{ server: '!https://prod', namespace: 'team-*' }], true],
  ]
  for (const [destinations, permitted] of cases) {
    test(`${JSON.stringify(destinations)} ${permitted ? 'permits' : 'forbids'} dev`, () => {
      assert.equal(isDestinationPermitted(project({ destinations: destinations ?? [] }), dev), permitted)
    })
  }

  test('only clusters of the project where it says so', () => {
    const scoped = project({ destinations: [{ server: '*', namespace: '*' }], permitOnlyProjectScopedClusters: true })

    assert.equal(isDestinationPermitted(scoped, dev), false)
    assert.equal(isDestinationPermitted(scoped, dev, [{ server: 'https://dev' }]), true)
  })
})

describe('kinds of resources', () => {
  const role = { group: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'x', isNamespaced: false }
  const pod = { group: '', kind: 'Pod', name: 'x', isNamespaced: true }
  const all = [{ group: '*', kind: '*' }]
  const cases: readonly (readonly [says: string, spec: AppProjectSpec, what: typeof pod, permitted: boolean])[] = [
    ['cluster scope without a whitelist', {}, role, false],
    ['cluster scope with one', { clusterResourceWhitelist: all }, role, true],
    ['a name in the whitelist', { clusterResourceWhitelist: [{ group: '*', kind: '*', name: 'x*' }] }, role, true],
    ['another name in it', { clusterResourceWhitelist: [{ group: '*', kind: '*', name: 'y' }] }, role, false],
    ['both lists', { clusterResourceWhitelist: all, clusterResourceBlacklist: all }, role, false],
    ['a class of names', { clusterResourceWhitelist: [{ group: '*', kind: '*', name: '[^x]*' }] }, role, false],
    ['a malformed pattern', { clusterResourceWhitelist: [{ group: '*', kind: '[*' }] }, role, false],
    [
      'alternatives, which filepath.Match has not',
      { clusterResourceWhitelist: [{ group: '*', kind: '{ClusterRole,x}' }] },
      role,
      false,
    ],
    [
      'a name in the blacklist',
      { clusterResourceWhitelist: all, clusterResourceBlacklist: [{ group: '*', kind: 'ClusterRole', name: 'x' }] },
      role,
      false,
    ],
    [
      'another name in it, where all are white,',
      { clusterResourceWhitelist: all, clusterResourceBlacklist: [{ group: '*', kind: 'ClusterRole', name: 'y*' }] },
      role,
      true,
    ],
    ['namespaced without a whitelist', {}, pod, true],
    ['namespaced with an empty one', { namespaceResourceWhitelist: [] }, pod, false],
    ['namespaced in the blacklist', { namespaceResourceBlacklist: [{ group: '', kind: 'Pod' }] }, pod, false],
  ]
  for (const [says, spec, what, permitted] of cases) {
    test(`${says} ${permitted ? 'permits' : 'forbids'}`, () => {
      assert.equal(isResourcePermitted(project(spec), what), permitted)
    })
  }
})

test('namespaces of applications are globs or expressions, the control plane’s own always fits', () => {
  const own = project({ sourceNamespaces: ['team-*', '/^x[0-9]+$/', '/(/'] })
  const permitted = ['argocd', 'team-a', 'x12', 'xx', '('].map((namespace) =>
    isApplicationNamespacePermitted(own, namespace, 'argocd'),
  )

  assert.deepEqual(permitted, [true, true, true, false, false])
  assert.equal(isApplicationNamespacePermitted(project({ sourceNamespaces: ['*'.repeat(257)] }), 'x', 'argocd'), false)
})

describe('violations of an application', () => {
  const free = project({ sourceRepos: ['https://git/*/*'], destinations: [{ server: '*', namespace: '*' }] })
  const source = { repoURL: 'https://git/a/b', path: '.' }
  const destination = { server: 'https://c', namespace: 'n' }
  const cases: readonly (readonly [spec: object, texts: readonly string[]])[] = [
    [{}, []],
    [
      { source: { repoURL: 'https://evil/a', path: '.' } },
      [`application repo https://evil/a is not permitted in project 'p'`],
    ],
    [{ source: undefined }, ['spec.source.repoURL and either spec.source.path or spec.source.chart are required']],
    [
      { source: { repoURL: 'https://git/a/b', chart: 'c' } },
      ['spec.source.targetRevision is required if the manifest source is a helm chart'],
    ],
    [
      { sources: [source, { repoURL: 'https://git/a/b' }] },
      [
        'spec.source.repoURL and either source.path, source.chart, or source.ref are required for source https://git/a/b',
      ],
    ],
    [{ sources: [source, { repoURL: 'https://git/a/b', ref: 'v' }] }, []],
    [
      {
        sources: [
          { ...source, name: 'n' },
          { ...source, name: 'n' },
        ],
      },
      ['application has multiple sources with the same name: n'],
    ],
    [{ destination: {} }, ['Destination server missing from app spec']],
    [
      { destination: { name: 'a', server: 'b' } },
      [`application destination can't have both name and server defined: a b`],
    ],
    [
      { destination: { server: 'https:.//kubernetes.default.svc' } },
      [
        'application destination server "https:.//kubernetes.default.svc" is no valid URL: write it as https://host or https://host:port',
      ],
    ],
  ]
  for (const [index, [spec, texts]] of cases.entries()) {
    const id = texts[0]?.includes('https:.//') === true ? '[002-06] ' : ''
    test(`${id}case ${index}: ${texts[0] ?? 'none'}`, () => {
      const application = { spec: { project: 'p', source, destination, ...spec } } as unknown as Application

      assert.deepEqual(describeViolations(application, free), texts)
    })
  }

  test('a destination outside the project is named with server and namespace', () => {
    const application = { spec: { project: 'p', source, destination } } as unknown as Application
    const narrow = project({ sourceRepos: ['*'], destinations: [] })

    assert.deepEqual(describeViolations(application, narrow), [
      `application destination server 'https://c' and namespace 'n' do not match any of the allowed destinations in project 'p'`,
    ])
  })

  test('the registered cluster counts by both names', () => {
    const application = {
      spec: { project: 'p', source, destination: { name: 'dev', namespace: 'n' } },
    } as unknown as Application
    const byServer = project({ sourceRepos: ['*'], destinations: [{ server: 'https://dev', namespace: 'n' }] })

    assert.equal(describeViolations(application, byServer).length, 1)
    assert.deepEqual(describeViolations(application, byServer, { cluster: { name: 'dev', server: 'https://dev' } }), [])
    // What was looked up in vain is told by whoever looked.
    assert.deepEqual(describeViolations(application, byServer, { isClusterMissing: true }), [])
  })

  test('a destination by name is named by it', () => {
    const spec = { project: 'p', source, destination: { name: 'dev', namespace: 'n' } }
    const narrow = project({ sourceRepos: ['*'] })
    const cluster = { name: 'dev', server: 'https://dev' }
    assert.deepEqual(describeViolations({ spec } as unknown as Application, narrow, { cluster }), [
      `application destination server 'dev' and namespace 'n' do not match any of the allowed destinations in project 'p'`,
    ])
  })

  test('of a hydrated application both repositories must be permitted', () => {
    const drySource = { repoURL: 'https://evil/dry', targetRevision: 'HEAD', path: '.' }
    const syncSource = { targetBranch: 'env', path: '.', repoURL: 'https://evil/wet' }
    const of = (sourceHydrator: object): readonly string[] =>
      describeViolations({ spec: { project: 'p', destination, sourceHydrator } } as unknown as Application, free)
    assert.deepEqual(of({ drySource, syncSource }), [
      `application repo https://evil/dry is not permitted in project 'p'`,
      `sync source repo https://evil/wet is not permitted in project 'p'`,
    ])
    assert.deepEqual(of({ drySource: {}, syncSource: {}, hydrateTo: {} }), [
      'spec.sourceHydrator.drySource.repoURL is required',
      'spec.sourceHydrator.syncSource.targetBranch is required',
      'when spec.sourceHydrator.hydrateTo is set, spec.sourceHydrator.hydrateTo.targetBranch is required',
    ])
  })
})
