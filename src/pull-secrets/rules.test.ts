import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Secret } from '../base/secret.ts'
import type { JsonValue, KubeObject } from '../kube/object.ts'
import { applyJsonPatch } from '../kube/patch/json-patch.ts'
import type { RegistryCredential } from '../settings/registry-credential.ts'
import { type AccountView, entryChange, entryPatch, propagatedIn } from './account-entries.ts'
import { parseAccountSelection } from './account-selection.ts'
import { isOwn, pullSecretAuthor } from './authorship.ts'
import { createMatcher } from './credential-match.ts'
import { LATEST_MS, renewAtMs, timeLeft } from './renewal.ts'
import {
  fingerprintOf,
  isOwnPullSecret,
  isPullSecret,
  loginIn,
  managerOf,
  pullSecretName,
  pullSecretObject,
  readPullSecret,
  sealedLoginIn,
} from './secret-object.ts'
import { usageConfigMap, usageOf } from './usage.ts'
import { wantedIn } from './wanted-secrets.ts'

function credentialAt(address: string, id: string, more: Partial<RegistryCredential> = {}): RegistryCredential {
  return {
    id,
    address,
    project: '',
    kind: 'static',
    login: { kind: 'static', username: 'user', password: new Secret('old') },
    isInsecure: false,
    tokenHosts: [],
    options: { isPropagated: true },
    source: { namespace: 'argocd', name: id, uid: 'u', resourceVersion: '1', isAdopted: false },
    ...more,
  }
}

function project(name: string, sourceRepos: readonly string[] = []): Parameters<typeof wantedIn>[0][number]['project'] {
  return { metadata: { name }, spec: { sourceRepos } } as Parameters<typeof wantedIn>[0][number]['project']
}

describe('the credentials a namespace needs', () => {
  const credentials = [
    credentialAt('r.io', 'host'),
    credentialAt('r.io/team', 'path'),
    credentialAt('x.io', 'own', { project: 'a' }),
  ]
  const match = createMatcher(credentials)

  test('are those of the images in use, each with its applications', () => {
    const { wanted, refusals } = wantedIn(
      [
        { application: 'argocd/b', project: project('default'), images: ['r.io/app', 'nginx'] },
        { application: 'argocd/a', project: project('default'), images: ['r.io/team/app', 'r.io/app'] },
      ],
      match,
      { openTo: [] },
    )

    assert.deepEqual(
      [...wanted.values()].map(({ credential, applications }) => [credential.id, applications]),
      [
        ['host', ['argocd/a', 'argocd/b']],
        ['path', ['argocd/a']],
      ],
    )
    assert.deepEqual(refusals, [])
  })

  test('are none that the project may not have; each is told once', () => {
    const images = ['r.io/app', 'r.io/other', 'x.io/app']
    const { wanted, refusals } = wantedIn([{ application: 'argocd/a', project: project('team'), images }], match, {
      openTo: [],
    })

    assert.equal(wanted.size, 0)
    assert.deepEqual(
      refusals.map(({ credential, image }) => [credential, image]),
      [
        ['host', 'r.io/app'],
        ['own', 'x.io/app'],
      ],
    )
  })

  test('leave the refused one unsaid where another fits', () => {
    const own = [credentialAt('r.io', 'shared'), credentialAt('r.io', 'mine', { project: 'team' })]
    const { wanted, refusals } = wantedIn(
      [{ application: 'argocd/a', project: project('team'), images: ['r.io/app'] }],
      createMatcher(own),
      { openTo: [] },
    )

    assert.deepEqual([...wanted.keys()], ['mine'])
    assert.deepEqual(refusals, [])
  })
})

describe('the entries of a ServiceAccount', () => {
  const account = (...names: readonly string[]): AccountView => ({
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: { name: 'default', resourceVersion: '7' },
    imagePullSecrets: names.map((name) => ({ name })),
  })
  const apply = (
    before: AccountView,
    add: readonly string[],
    remove: readonly string[] = [],
  ): JsonValue | undefined => {
    const patch = entryPatch(before, entryChange(before, add, remove))
    if (patch === undefined) return undefined
    // Both are JSON as they came.
    const after = applyJsonPatch(before as unknown as JsonValue, patch) as unknown as AccountView
    return (after.imagePullSecrets ?? []).map(({ name = '' }) => name)
  }

  test('[000-09] are added to those that stand there, each once', () => {
    assert.deepEqual(apply(account('user'), ['ours', 'ours', 'more']), ['user', 'ours', 'more'])
    assert.equal(apply(account('user', 'ours'), ['ours']), undefined)
    const { imagePullSecrets: _none, ...bare } = account()
    assert.deepEqual(apply(bare, ['ours']), ['ours'])
  })

  test('[000-17] are taken out by name, wherever and however often they stand', () => {
    assert.deepEqual(apply(account('ours', 'user', 'ours', 'old'), ['new'], ['ours', 'old', 'absent']), ['user', 'new'])
    assert.equal(apply(account('user'), [], ['ours']), undefined)
  })

  test('change only in the state they were seen in', () => {
    const patch = entryPatch(account('user'), { add: ['ours'], remove: [] })
    assert.deepEqual(patch?.[0], { op: 'test', path: '/metadata/resourceVersion', value: '7' })
    assert.deepEqual(propagatedIn(account('user', 'argocd-image-pull-secret-1')), ['argocd-image-pull-secret-1'])
  })
})

describe('the ServiceAccounts that get entries', () => {
  const selects = (text: string, name: string, labels = {}): boolean =>
    parseAccountSelection(text).selects({ metadata: { name, labels } })
  test('[000-14] are default alone, those named, all, or those a selector fits', () => {
    assert.ok(selects('default', 'default'))
    assert.ok(!selects('default', 'builder'))
    assert.ok(selects('default, builder', 'builder'))
    assert.ok(selects('*', 'any'))
    assert.ok(selects('selector: team in (a,b)', 'x', { team: 'b' }))
    assert.ok(!selects('selector:team=a', 'default'))
    assert.ok(selects('', 'default'))
    const broken = parseAccountSelection('selector:a=(')
    assert.match(broken.fault ?? '', /^the selector of ServiceAccounts/)
    assert.ok(broken.selects({ metadata: { name: 'default' } }))
  })
})

describe('a login that expires', () => {
  const at = (lifeMs: number, random = 0): number =>
    renewAtMs({ issuedAt: new Date(0), expiresAt: new Date(lifeMs) }, random, 60_000)
  const HOUR = 3_600_000

  test('[003-09] is renewed at half its life, and ten minutes before its end where that is earlier', () => {
    assert.equal(at(12 * HOUR), 6 * HOUR)
    assert.equal(at(15 * 60_000), 5 * 60_000)
    assert.equal(at(10_000), 5000)
    for (const lifeMs of [1_200_000, HOUR, 3 * HOUR, 12 * HOUR]) {
      for (const random of [0, 0.5, 0.999]) assert.ok(at(lifeMs, random) <= lifeMs - LATEST_MS)
    }
    assert.ok(at(12 * HOUR, 1) >= 5.3 * HOUR)
  })

  test('is not asked for without pause where clocks make it end before it began', () => {
    assert.equal(at(-5 * 60_000), 60_000)
    assert.equal(at(0), 60_000)
  })

  test('says how long it lasts', () => {
    assert.equal(timeLeft(new Date(42 * 60_000), 0), 'in 42 minutes')
    assert.equal(timeLeft(new Date(6 * HOUR), 0), 'in 6 hours')
    assert.equal(timeLeft(new Date(0), 3 * 60_000), '3 minutes ago')
  })
})

describe('a propagated Secret', () => {
  const login = { username: 'AWS', password: new Secret('t:ö"\n'), issuedAt: new Date(0), expiresAt: new Date(5000) }
  const author = pullSecretAuthor({ id: '', home: 'uid-1', key: new Secret('key of the server') })
  const wish = {
    credential: credentialAt('r.io/team', 'reg'),
    namespace: 'web',
    login,
    applications: ['argocd/a'],
    author,
  }

  test('[000-07] [000-08] has a name that rotation keeps, and a docker config of the registry', () => {
    const object = pullSecretObject(wish)
    assert.match(object.metadata.name ?? '', /^argocd-image-pull-secret-[0-9a-f]{16}$/)
    const rotated = {
      ...wish.credential,
      login: { kind: 'static', username: 'other', password: new Secret('new') } as const,
    }
    assert.equal(pullSecretName(rotated), object.metadata.name)
    assert.notEqual(pullSecretName(credentialAt('r.io/team', 'another')), object.metadata.name)
    assert.ok(isPullSecret(object))
    const { data } = object as unknown as { data: Record<string, string> }
    const { auths } = JSON.parse(Buffer.from(data['.dockerconfigjson'] ?? '', 'base64').toString())
    assert.deepEqual(Object.keys(auths), ['r.io/team'])
    assert.equal(Buffer.from(auths['r.io/team'].auth, 'base64').toString(), 'AWS:t:ö"\n')
  })

  test('is read again: owners, times, and the login itself', () => {
    const object = pullSecretObject(wish)
    const read = readPullSecret(object)
    assert.deepEqual([read.credential, read.applications, read.expiresAt], ['reg', ['argocd/a'], new Date(5000)])
    const again = loginIn(object)
    assert.equal(again?.password.reveal(), 't:ö"\n')
    assert.equal(pullSecretObject(wish).metadata.name, object.metadata.name)
    assert.equal(fingerprintOf(pullSecretObject(wish)), read.fingerprint)
    const spoiled = { ...object, data: { '.dockerconfigjson': 'e30=' } } as KubeObject
    assert.equal(loginIn(spoiled), undefined)
    assert.notEqual(fingerprintOf(spoiled), read.fingerprint)
  })

  test('is of the control plane that wrote it, and its login adopted only where that one has sealed it', () => {
    const object = pullSecretObject(wish)
    const other = pullSecretAuthor({ id: '', home: 'uid-2', key: new Secret('another key') })
    assert.ok(isOwnPullSecret(object, author))
    assert.equal(isOwnPullSecret(object, other), false)
    assert.notEqual(managerOf(author), managerOf(other))
    assert.ok(isOwn('uid-1', pullSecretAuthor({ id: 'given later', home: 'uid-1', key: undefined })))
    assert.equal(isOwn('', author), false)

    const changed = (annotations: Record<string, string>, more: object = {}): KubeObject => ({
      ...object,
      ...more,
      metadata: { ...object.metadata, annotations: { ...object.metadata.annotations, ...annotations } },
    })
    const forged = pullSecretObject({ ...wish, login: { ...login, password: new Secret('poison') } })
    assert.equal(sealedLoginIn(object, author)?.password.reveal(), 't:ö"\n')
    const poisoned = [
      changed({ 'capstan.dev/issued-at': '2030-01-01T00:00:00.000Z' }),
      changed({ 'capstan.dev/expires-at': '2030-01-01T00:00:00.000Z' }),
      changed({ 'capstan.dev/registry-credential': 'another' }),
      changed({ 'capstan.dev/registry-configuration': 'another' }),
      changed({ 'capstan.dev/login-seal': '' }),
      changed({ 'capstan.dev/login-seal': 'é'.repeat(64) }),
      changed({}, { data: forged['data'] }),
      pullSecretObject({ ...wish, author: pullSecretAuthor({ id: '', home: 'uid-1', key: new Secret('guessed') }) }),
    ]
    for (const secret of poisoned) assert.equal(sealedLoginIn(secret, author), undefined)
    const keyless = pullSecretAuthor({ id: '', home: 'uid-1', key: undefined })
    assert.equal(sealedLoginIn(pullSecretObject({ ...wish, author: keyless }), keyless), undefined)
  })

  test('shows its password nowhere but in its data', () => {
    const { data: _data, ...rest } = pullSecretObject(wish)
    assert.doesNotMatch(
      JSON.stringify([rest, readPullSecret(pullSecretObject(wish)), loginIn(pullSecretObject(wish))]),
      /t:/,
    )
  })
})

describe('the usage of credentials', () => {
  const one = {
    applications: ['argocd/a'],
    namespaces: [{ cluster: 'https://c', namespace: 'web' }],
    clusters: ['https://c'],
    applicationCount: 1,
    namespaceCount: 1,
    expiresAt: '2026-01-01T12:00:00.000Z',
    errors: [],
  }

  test('is written into a ConfigMap and read again, that of several controllers together', () => {
    const maps = [
      usageConfigMap(new Map([['reg', one]]), 'argocd', '0'),
      usageConfigMap(new Map([['reg', { ...one, applications: ['argocd/b'] }]]), 'argocd', '1'),
    ]
    const usage = usageOf(maps).get('reg')
    assert.deepEqual(usage?.applications, ['argocd/a', 'argocd/b'])
    assert.equal(usage?.applicationCount, 2)
    assert.deepEqual(
      maps.map(({ metadata }) => metadata.name),
      ['argocd-registry-usage-0', 'argocd-registry-usage-1'],
    )
  })

  test('is that of maps with the label, and of entries that can be read', () => {
    const map = usageConfigMap(new Map([['reg', one]]), 'argocd', '')
    const { labels: _labels, ...metadata } = map.metadata
    assert.equal(usageOf([{ ...map, metadata } as KubeObject]).size, 0)
    assert.equal(usageOf([{ ...map, data: { reg: '{', other: '[]' } } as KubeObject]).size, 0)
  })
})
