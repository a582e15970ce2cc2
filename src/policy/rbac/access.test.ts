import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { AppProject } from '../../crds/app-project.ts'
import type { KubeObject } from '../../kube/object.ts'
import { createAccessPolicy, describeRolePolicy, parseRbacSettings, type Subject } from './access.ts'
import { builtinPolicy } from './builtin-policy.ts'
import { parsePolicy } from './policy-lines.ts'

function configMap(data: Readonly<Record<string, string>>): KubeObject {
  const object = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'argocd-rbac-cm', namespace: 'argocd' },
    data,
  }
  return object
}

const team: AppProject = {
  apiVersion: 'argoproj.io/v1alpha1',
  kind: 'AppProject',
  metadata: { name: 'team' },
  spec: {
    roles: [
      {
        name: 'ci',
        groups: ['builders', 'x\np, evil, *, *, *, allow'],
        policies: ['p, proj:team:ci, applications, sync, team/*, allow', 'p, eve, applications, *, team/*, allow'],
      },
      { name: 'bad', policies: ['nonsense'] },
    ],
  },
}
const sound: AppProject = { ...team, spec: { roles: team.spec.roles?.slice(0, 1) ?? [] } }

const policy = `
p, alice, applications, *, team/*, allow
p, alice, applications, delete, team/prod, deny
p, role:ops, clusters, get, *, allow
g, ops-group, role:ops
g, bob, role:ops
p, role:guest, projects, get, *, allow
p, blocked, applications, sync, team/*, deny
g, blocked, proj:team:ci
`

interface Case {
  readonly who: Subject
  readonly ask: readonly [resource: string, action: string, object: string]
  readonly allowed: boolean
  readonly project?: AppProject
}

const nobody = { subject: 'nobody', groups: [] }
const cases: readonly Case[] = [
  { who: { subject: 'admin', groups: [] }, ask: ['applications', 'delete', 'any/app'], allowed: true },
  { who: { subject: 'admin', groups: [] }, ask: ['logs', 'get', 'any/ns/app'], allowed: true },
  { who: { subject: 'alice', groups: [] }, ask: ['applications', 'sync', 'team/dev'], allowed: true },
  { who: { subject: 'alice', groups: [] }, ask: ['applications', 'delete', 'team/prod'], allowed: false },
  { who: { subject: 'alice', groups: [] }, ask: ['applications', 'sync', 'other/dev'], allowed: false },
  { who: { subject: 'bob', groups: [] }, ask: ['clusters', 'get', 'https://x/y'], allowed: true },
  { who: { subject: 'x', groups: ['ops-group'] }, ask: ['clusters', 'get', 'https://x'], allowed: true },
  { who: { subject: 'x', groups: ['role:ops'] }, ask: ['clusters', 'get', 'https://x'], allowed: false },
  { who: nobody, ask: ['projects', 'get', 'team'], allowed: true },
  { who: nobody, ask: ['applications', 'get', 'team/dev'], allowed: false },
  { who: { subject: 'x', groups: ['builders'] }, ask: ['applications', 'sync', 'team/dev'], allowed: true },
  { who: { subject: 'proj:team:ci', groups: [] }, ask: ['applications', 'sync', 'team/dev'], allowed: true },
  { who: { subject: 'proj:team:ci', groups: [] }, ask: ['projects', 'get', 'team'], allowed: true },
  { who: { subject: 'proj:other:ci', groups: [] }, ask: ['applications', 'sync', 'team/dev'], allowed: false },
  { who: { subject: 'blocked', groups: [] }, ask: ['applications', 'sync', 'team/dev'], allowed: false },
  { who: { subject: 'evil', groups: [] }, ask: ['applications', 'sync', 'team/dev'], allowed: false },
  { who: { subject: 'eve', groups: [] }, ask: ['applications', 'sync', 'team/dev'], allowed: false },
  {
    who: { subject: 'x', groups: ['builders'] },
    ask: ['applications', 'sync', 'team/dev'],
    allowed: false,
    project: team,
  },
]

describe('access', () => {
  const settings = parseRbacSettings(configMap({ 'policy.csv': policy, 'policy.default': 'role:guest' }))
  for (const { who, ask, allowed, project } of cases) {
    const state = project === undefined ? '' : ' while a role of the project is broken'
    test(`${who.subject} ${who.groups.join()} ${allowed ? 'may' : 'may not'} ${ask.join(' ')}${state}`, () => {
      const access = createAccessPolicy(settings, (name) => (name === 'team' ? (project ?? sound) : undefined))
      const [resource, action, object] = ask

      assert.equal(access.isAllowed(who, { resource, action, object }), allowed)
    })
  }
})

test('the built-in policy has 10 lines for readers, 31 for admins and two roles', () => {
  const { rules, grants } = parsePolicy(builtinPolicy())

  assert.equal(rules.filter((rule) => rule.subject === 'role:readonly').length, 10)
  assert.equal(rules.filter((rule) => rule.subject === 'role:admin').length, 31)
  assert.equal(grants.length, 2)
})

test('further policies are appended in the order of their keys', () => {
  const settings = parseRbacSettings(
    configMap({ 'policy.z.csv': 'z', 'policy.csv': 'first', 'policy.a.csv': 'a', scopes: '[groups, email]' }),
  )

  assert.equal(settings.policy, 'first\na\nz')
  assert.deepEqual(settings.scopes, ['groups', 'email'])
  assert.deepEqual(parseRbacSettings(undefined).scopes, ['groups'])
  assert.throws(() => parseRbacSettings(configMap({ 'policy.matchMode': 'magic' })), { message: /write glob, regex/ })
  assert.throws(() => parseRbacSettings(configMap({ scopes: 'groups' })), { message: /is no list of claims/ })
})

test('expressions are not anchored in regex mode', () => {
  const settings = parseRbacSettings(
    configMap({
      'policy.matchMode': 'regex',
      'policy.csv': 'p, a, applications, (get|sync), ^team/.*$, allow\np, b, (, x, x, allow',
    }),
  )
  const access = createAccessPolicy(settings, () => undefined)
  const may = (subject: string, action: string): boolean =>
    access.isAllowed({ subject, groups: [] }, { resource: 'applications', action, object: 'team/x' })

  assert.deepEqual([may('a', 'get'), may('a', 'sync'), may('a', 'delete'), may('b', 'x')], [true, true, false, false])
})

test('a line that is no policy is named', () => {
  assert.throws(() => parsePolicy('p, a, b, c, d, allow\n\n# note\nq, x'), {
    code: 'bad-input',
    message: /^invalid RBAC policy: line 4: q, x: write p,/,
  })
  assert.throws(() => parsePolicy('\n'.repeat(200_001)), { code: 'limit' })
  assert.deepEqual(parsePolicy('g, "a, ""b""", role:x').grants, [{ member: 'a, "b"', role: 'role:x' }])
})

const lines: readonly (readonly [line: string, problem: RegExp | undefined])[] = [
  ['p, proj:team:ci, applications, get, team/*, allow', undefined],
  ['p, proj:team:ci, applications, get, team/*', /must be of the form/],
  ['p, proj:team:other, applications, get, team/*, allow', /policy subject must be: 'proj:team:ci'/],
  ['p, proj:team:ci, accounts, get, team/*, allow', /project resource must be one of/],
  ['p, proj:team:ci, applications, get, x/*, allow', /object must be of form 'team\/\*'/],
  ['p, proj:team:ci, applications, get, team/*, maybe', /effect must be/],
]

for (const [line, problem] of lines) {
  test(`the line of a role "${line}" is ${problem === undefined ? 'right' : problem.source}`, () => {
    const text = describeRolePolicy('team', 'ci', line)
    if (problem === undefined) assert.equal(text, undefined)
    else assert.match(text ?? '', problem)
  })
}
