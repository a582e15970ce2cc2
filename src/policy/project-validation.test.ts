import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { AppProjectSpec, ProjectRole } from '../crds/app-project.ts'
import { findProjectFault, requireValidProject } from './project-validation.ts'
import { normalizePolicy } from './role-validation.ts'

function faultOf(spec: AppProjectSpec): string | undefined {
  const project = { apiVersion: 'argoproj.io/v1alpha1', kind: 'AppProject', metadata: { name: 'p' }, spec }
  const fault = findProjectFault(project)
  if (fault !== undefined) assert.throws(() => requireValidProject(project), { message: fault.message })
  return fault === undefined ? undefined : `${fault.code}: ${fault.message}`
}

function role(more: Partial<ProjectRole> = {}): AppProjectSpec {
  return { roles: [{ name: 'ci', ...more }] }
}

const allow = 'p, proj:p:ci, applications, sync, p/*, allow'
const window = { kind: 'allow', schedule: '0 1 * * *', duration: '1h', applications: ['*'] } as const
const account = { server: 'https://a', namespace: 'x', defaultServiceAccount: 'deployer' }

describe('a project', () => {
  const cases: readonly (readonly [spec: AppProjectSpec, fault: string | undefined])[] = [
    [{}, undefined],
    [{ destinations: [{ server: '*', namespace: '*' }] }, undefined],
    [{ destinations: [{ name: '!*' }] }, `InvalidArgument: name has an invalid format, '!*'`],
    [{ destinations: [{ server: '!*' }] }, `InvalidArgument: server has an invalid format, '!*'`],
    [{ destinations: [{ namespace: '!*' }] }, `InvalidArgument: namespace has an invalid format, '!*'`],
    [
      {
        destinations: [
          { server: 'https://a', namespace: 'x' },
          { server: 'https://a', name: 'a', namespace: 'x' },
        ],
      },
      `InvalidArgument: destination 'https://a/x' already added`,
    ],
    [
      {
        destinations: [
          { name: 'a', namespace: 'x' },
          { name: 'a', namespace: 'x' },
        ],
      },
      `InvalidArgument: destination 'a/x' already added`,
    ],
    [{ sourceNamespaces: ['a', 'a'] }, `InvalidArgument: source namespace 'a' already added`],
    [{ sourceRepos: ['a', '!*'] }, `InvalidArgument: source repository has an invalid format, '!*'`],
    [{ sourceRepos: ['a', 'a', '!*'] }, `InvalidArgument: source repository 'a' already added`],
    [{ roles: [{ name: 'a' }, { name: 'a' }] }, `AlreadyExists: role 'a' already exists`],
    [
      { roles: [{ name: '-a' }] },
      `InvalidArgument: invalid role name '-a'. Must consist of alphanumeric characters, '-' or '_', and must start and end with an alphanumeric character`,
    ],
    [role({ policies: [allow] }), undefined],
    [role({ policies: [allow, allow] }), `AlreadyExists: policy '${allow}' already exists for role 'ci'`],
    [
      role({ policies: ['p, a, b'] }),
      `InvalidArgument: invalid policy rule 'p, a, b': must be of the form: 'p, sub, res, act, obj, eft'`,
    ],
    [role({ groups: ['a', 'a'] }), `AlreadyExists: group 'a' already exists for role 'ci'`],
    [role({ groups: ['a,b'] }), `InvalidArgument: group 'a,b' must be quoted`],
    [role({ groups: ['"a,b"'] }), undefined],
    [role({ groups: [''] }), `InvalidArgument: group '' is empty`],
    [role({ groups: ['a"b'] }), `InvalidArgument: group 'a"b' contains invalid characters`],
    [role({ groups: [' a'] }), `InvalidArgument: group 'a' contains a leading space`],
    [role({ groups: ['a '] }), `InvalidArgument: group 'a' contains a trailing space`],
    [{ syncWindows: [window] }, undefined],
    [
      { syncWindows: [window, { ...window, manualSync: true, description: 'again' }] },
      `AlreadyExists: sync window with kind 'allow', schedule '0 1 * * *', and duration '1h' already exists`,
    ],
    [{ syncWindows: [window, { ...window, timeZone: 'Asia/Seoul' }] }, undefined],
    [
      { syncWindows: [{ ...window, applications: [] }] },
      `OutOfRange: window 'allow':'0 1 * * *':'1h' requires one of application, cluster or namespace`,
    ],
    [
      { syncWindows: [{ ...window, description: 'x'.repeat(256) }] },
      'Unknown: description must not exceed 255 characters',
    ],
    [
      { syncWindows: [{ schedule: '* * * * *', duration: '1h' }] },
      `Unknown: kind '' mismatch: can only be allow or deny`,
    ],
    [{ destinationServiceAccounts: [account] }, undefined],
    [
      { destinationServiceAccounts: [account, { ...account, defaultServiceAccount: 'ns:other' }] },
      `InvalidArgument: destinationServiceAccount 'https://a/x' already added`,
    ],
    [
      { destinationServiceAccounts: [{ ...account, server: '!a' }] },
      `InvalidArgument: server has an invalid format, '!a'`,
    ],
    [
      { destinationServiceAccounts: [{ ...account, namespace: '[a' }] },
      `InvalidArgument: namespace has an invalid format, '[a'`,
    ],
    [
      { destinationServiceAccounts: [{ ...account, defaultServiceAccount: ' ' }] },
      `InvalidArgument: defaultServiceAccount has an invalid format, ' '`,
    ],
    ...['a*', 'a!', 'a/b', 'a\\b', '[a]', '{a}'].map(
      (name) =>
        [
          { destinationServiceAccounts: [{ ...account, defaultServiceAccount: name }] },
          `InvalidArgument: defaultServiceAccount has an invalid format, '${name}'`,
        ] as const,
    ),
  ]
  for (const [spec, fault] of cases) {
    test(`${JSON.stringify(spec).slice(0, 90)}: ${fault ?? 'is good'}`, () => assert.equal(faultOf(spec), fault))
  }
})

describe('a policy line', () => {
  const of = (change: Readonly<Record<number, string>>): string =>
    allow
      .split(', ')
      .map((part, index) => change[index] ?? part)
      .join(', ')
  const cases: readonly (readonly [line: string, fault: string | undefined])[] = [
    [of({ 2: 'applicationsets' }), undefined],
    [of({ 3: 'action/apps/Deployment/*' }), undefined],
    [of({ 4: 'p/ns/web' }), undefined],
    [of({ 4: 'p/web-*.x' }), undefined],
    [of({ 0: 'g' }), `must be of the form: 'p, sub, res, act, obj, eft'`],
    [of({ 1: 'proj:q:ci' }), `policy subject must be: 'proj:p:ci', not 'proj:q:ci'`],
    [
      of({ 2: 'projects' }),
      `project resource must be: 'applications', 'applicationsets', 'repositories', 'exec', 'logs' or 'clusters', not 'projects'`,
    ],
    [of({ 3: 'destroy' }), `invalid action 'destroy'`],
    [of({ 4: '*/*' }), `object must be of form 'p/*', 'p[/<NAMESPACE>]/<APPNAME>' or 'p/<APPNAME>', not '*/*'`],
    [of({ 4: 'p/a/b/c' }), `object must be of form 'p/*', 'p[/<NAMESPACE>]/<APPNAME>' or 'p/<APPNAME>', not 'p/a/b/c'`],
    [of({ 5: 'maybe' }), `effect must be: 'allow' or 'deny'`],
  ]
  for (const [line, fault] of cases) {
    test(`${line}: ${fault ?? 'is good'}`, () => {
      const expected = fault === undefined ? undefined : `InvalidArgument: invalid policy rule '${line}': ${fault}`
      assert.equal(faultOf(role({ policies: [line] })), expected)
    })
  }

  test('is stored with a blank after each comma', () => {
    assert.equal(normalizePolicy('p,a,  b ,c, d,allow'), 'p, a, b, c, d, allow')
  })

  test('of hostile length is refused without being told whole', () => {
    const fault = faultOf(role({ policies: [`p, ${'x,'.repeat(100_000)}`] }))
    assert.ok((fault ?? '').length < 11_000)
  })
})
