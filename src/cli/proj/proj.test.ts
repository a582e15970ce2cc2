// Projects: what flags make of a spec, lists an item at a time, tables.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { AppProject } from '../../crds/app-project.ts'
import type { CliContext } from '../context.ts'
import { formatProject, formatProjects } from './describe.ts'
import { changedList } from './integrity.ts'
import { listKinds } from './list-kinds.ts'
import { changeList } from './resources.ts'
import { formatRole } from './roles.ts'
import { specOfFlags, type ProjectFlags } from './spec-flags.ts'
import { formatWindows } from './windows.ts'

const NO_FLAGS = {} as ProjectFlags

test('flags set their fields of the spec alone', () => {
  assert.deepEqual(specOfFlags(NO_FLAGS), {})
  assert.deepEqual(
    specOfFlags({
      ...NO_FLAGS,
      dest: ['https://c,web'],
      src: ['*'],
      allowClusterResource: ['Namespace', 'apps/Deployment', '/Namespace/web-*', 'a/b/c/d'],
      denyNamespacedResource: ['/Secret'],
      destServiceAccounts: ['s,n,a'],
      orphanedResourcesWarn: false,
    }),
    {
      destinations: [{ server: 'https://c', namespace: 'web' }],
      sourceRepos: ['*'],
      clusterResourceWhitelist: [
        { group: '', kind: 'Namespace' },
        { group: 'apps', kind: 'Deployment' },
        { group: '', kind: 'Namespace', name: 'web-*' },
      ],
      namespaceResourceBlacklist: [{ group: '', kind: 'Secret' }],
      destinationServiceAccounts: [{ server: 's', namespace: 'n', defaultServiceAccount: 'a' }],
      orphanedResources: { warn: false },
    },
  )
  assert.deepEqual(specOfFlags({ ...NO_FLAGS, orphanedResources: false }), { orphanedResources: undefined })
  assert.throws(() => specOfFlags({ ...NO_FLAGS, dest: ['c'] }), /server,namespace/)
  assert.throws(() => specOfFlags({ ...NO_FLAGS, signatureKeys: ['zz'] }), /'zz' is not a valid GnuPG key ID/)
})

describe('lists of a project', () => {
  const context = { isSameRepository: async (a: string, b: string) => a.replace(/\.git$/, '') === b.replace(/\.git$/, '') } as unknown as CliContext // prettier-ignore
  const kind = (noun: string): (typeof listKinds)[number] => {
    const found = listKinds.find((one) => one.noun === noun)
    assert.ok(found !== undefined)
    return found
  }

  test('take an item in and give it away again', () => {
    const cases: readonly (readonly [
      noun: string,
      args: readonly string[],
      flags: object,
      field: string,
      item: unknown,
    ])[] = [
      ['destination', ['s', 'n'], {}, 'destinations', { server: 's', namespace: 'n' }],
      ['destination', ['s', 'n'], { name: true }, 'destinations', { name: 's', namespace: 'n' }],
      ['source', ['https://g/a'], {}, 'sourceRepos', 'https://g/a'],
      ['source-namespace', ['team'], {}, 'sourceNamespaces', 'team'],
      ['signature-key', ['4AEE18F83AFDEB23'], {}, 'signatureKeys', { keyID: '4AEE18F83AFDEB23' }],
      ['orphaned-ignore', ['', 'ConfigMap'], { name: 'x*' }, 'ignore', { group: '', kind: 'ConfigMap', name: 'x*' }],
      ['destination-service-account', ['s', 'n', 'a'], { serviceAccountNamespace: 'q' }, 'destinationServiceAccounts', { server: 's', namespace: 'n', defaultServiceAccount: 'q:a' }], // prettier-ignore
    ]
    for (const [noun, args, flags, field, item] of cases) {
      const spec = kind(noun)
        .begin({}, args, { ...flags })
        .item.added()
      const items: unknown = field === 'ignore' ? spec.orphanedResources?.ignore : Reflect.get(spec, field)
      assert.deepEqual(items, [item], noun)
      assert.equal(
        kind(noun)
          .begin({}, args, { ...flags })
          .item.removed(),
        undefined,
      )
    }
  })

  test('know an item that is there already', async () => {
    const { items, item } = kind('source').begin({ sourceRepos: ['https://g/a.git'] }, ['https://g/a'], {})

    assert.equal(await item.isKnown(items[0], context), true)
    assert.equal(item.knownText(items[0]), "Source repository 'https://g/a.git' already allowed in project")
    assert.equal(item.removed(), undefined)
  })
})

test('allowing a kind adds it to the allow list or takes it from the deny list', () => {
  const item = { group: 'apps', kind: 'Deployment' }
  const allow = { isAllowing: true, isClusterWide: false }

  assert.deepEqual(changeList({ namespaceResourceBlacklist: [item] }, item, allow, false), {
    spec: { namespaceResourceBlacklist: [] },
    text: "Group 'apps' and kind 'Deployment' is removed from denied namespaced resources",
  })
  assert.deepEqual(changeList({}, item, { isAllowing: true, isClusterWide: true }, true), {
    spec: { clusterResourceWhitelist: [item] },
    text: "Group 'apps', kind 'Deployment', and name '' is added to allowed cluster resources",
  })
  assert.equal(changeList({}, item, allow, false), undefined)
})

test('keys and repositories of a policy are set, added or taken away', () => {
  const nothing = { set: undefined, add: undefined, remove: undefined, name: 'gpg-key' }
  assert.deepEqual(changedList(['a', 'b'], { ...nothing, add: ['b', 'c', 'c'], remove: ['a'] }), ['b', 'c'])
  assert.deepEqual(changedList(['a'], { ...nothing, set: ['z'] }), ['z'])
  assert.throws(() => changedList([], { ...nothing, set: ['z'], add: ['a'] }), /cannot be combined/)
})

const PROJECT = {
  apiVersion: 'argoproj.io/v1alpha1',
  kind: 'AppProject',
  metadata: { name: 'web' },
  spec: {
    description: 'shop',
    sourceRepos: ['https://g/a', 'https://g/b'],
    destinations: [{ server: 's', namespace: 'n' }],
    orphanedResources: { warn: true, ignore: [{ kind: 'Secret' }] },
    roles: [{ name: 'ci', groups: ['team'], policies: ['p, proj:web:ci, applications, sync, web/*, allow'] }],
  },
} as unknown as AppProject

test('tables and lines are upstream’s', () => {
  assert.equal(
    formatProjects([PROJECT]).split('\n')[1],
    'web   shop         s,n           2 repos  <none>                      <none>                        <none>          enabled (warn=true, ignored 1)  <none>',
  )
  const lines = formatProject({ project: PROJECT }).split('\n')
  assert.equal(lines[3], 'Repositories:                https://g/a')
  assert.equal(lines[4], '                             https://g/b')
  assert.equal(
    formatRole(PROJECT, { name: 'ci', groups: ['team'] }, 0),
    'Role Name:     ci\nDescription:   \nPolicies:\np, proj:web:ci, projects, get, web, allow\np, proj:web:ci, applications, sync, web/*, allow\ng, team, proj:web:ci\nGroups:\n  - team\nJWT Tokens:\nID  ISSUED-AT  EXPIRES-AT\n',
  )
  const window = {
    kind: 'allow',
    schedule: '* * * * *',
    duration: '1h',
    applications: ['a', 'b'],
    timeZone: 'UTC',
  } as const
  assert.match(formatWindows([window], [window]), /\n0 {3}Active {2}allow {2}\* \* \* \* \* {2}1h {8}a,b {11}- /)
})
