import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { AppProject, ApplicationDestinationServiceAccount } from '../crds/app-project.ts'
import type { Application } from '../crds/application.ts'
import { actingAccount, serviceAccountFor } from './impersonation.ts'

const SERVER = 'https://dev'

function project(...destinationServiceAccounts: readonly ApplicationDestinationServiceAccount[]): AppProject {
  const metadata = { name: 'p' }
  return { apiVersion: 'argoproj.io/v1alpha1', kind: 'AppProject', metadata, spec: { destinationServiceAccounts } }
}

function application(namespace?: string): Application {
  const destination = { server: SERVER, ...(namespace === undefined ? {} : { namespace }) }
  return { metadata: { name: 'web', namespace: 'argocd' }, spec: { destination } } as unknown as Application
}

function account(
  server: string,
  namespace: string,
  defaultServiceAccount: string,
): ApplicationDestinationServiceAccount {
  return { server, namespace, defaultServiceAccount }
}

describe('the account of a destination', () => {
  const cases: readonly (readonly [
    says: string,
    accounts: readonly ApplicationDestinationServiceAccount[],
    namespace: string | undefined,
    user: string | undefined,
  ])[] = [
    ['an exact one', [account(SERVER, 'shop', 'sa')], 'shop', 'shop:sa'],
    ['globs', [account('https://*', 'sh*', 'sa')], 'shop', 'shop:sa'],
    ['alternatives', [account('{https://dev,https://prod}', '?hop', 'sa')], 'shop', 'shop:sa'],
    [
      'the first of several',
      [account('*', 'x', 'a'), account('*', '*', 'b'), account('*', 'shop', 'c')],
      'shop',
      'shop:b',
    ],
    ['one of another namespace', [account('*', 'shop', 'ops:sa')], 'shop', 'ops:sa'],
    ['another server', [account('https://prod', 'shop', 'sa')], 'shop', undefined],
    ['none at all', [], 'shop', undefined],
    ['no destination namespace: beside the application', [account('*', '*', 'sa')], undefined, 'argocd:sa'],
  ]
  for (const [says, accounts, namespace, user] of cases) {
    test(`${says}: ${user ?? 'none'}`, () => {
      const wanted = user === undefined ? undefined : `system:serviceaccount:${user}`
      assert.equal(serviceAccountFor(project(...accounts), application(namespace), SERVER), wanted)
    })
  }

  test('is refused where the pattern or the name is none', () => {
    const of = (one: ApplicationDestinationServiceAccount) => (): unknown =>
      serviceAccountFor(project(one), application('shop'), SERVER)
    assert.throws(of(account('*', '*', 'a*')), { message: `default service account contains invalid chars 'a*'` })
    assert.throws(of(account('*', '*', ' ')), { message: `default service account contains invalid chars ' '` })
    assert.throws(of(account('[a', '*', 'a')), /^CapstanError: invalid glob pattern for destination server: /)
    assert.throws(of(account('*', '{a', 'a')), /^CapstanError: invalid glob pattern for destination namespace: /)
  })
})

test('settings decide whether an account is used, and whether there must be one', () => {
  const [has, lacks, web] = [project(account('*', '*', 'sa')), project(), application('shop')]
  assert.equal(actingAccount({ enabled: false, enforced: true }, has, web, SERVER), undefined)
  assert.equal(actingAccount({ enabled: true, enforced: true }, has, web, SERVER), 'system:serviceaccount:shop:sa')
  assert.equal(actingAccount({ enabled: true, enforced: false }, lacks, web, SERVER), undefined)
  assert.throws(() => actingAccount({ enabled: true, enforced: true }, lacks, web, SERVER), {
    code: 'forbidden',
    message: 'no matching service account found for destination server https://dev and namespace shop',
  })
})
