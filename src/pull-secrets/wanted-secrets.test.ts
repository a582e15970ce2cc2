// Which credentials the applications of a namespace need, and which their projects refuse.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Secret } from '../base/secret.ts'
import type { RegistryCredential } from '../settings/registry-credential.ts'
import { createMatcher } from './credential-match.ts'
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
