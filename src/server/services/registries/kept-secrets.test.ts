// A secret that is left empty is kept only for where it was stored for.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Values } from '../repositories/registry.ts'
import { withKeptSecrets } from './kept-secrets.ts'

const AZURE = {
  url: 'team.azurecr.io',
  azureServicePrincipalClientId: 'client',
  azureServicePrincipalTenantId: 'tenant',
}
const STATIC = { url: 'registry.example.com', username: 'puller' }
const KEYS = { url: 'pull.example.com', awsRegion: 'eu-west-1', awsAccessKeyId: 'AKIAEXAMPLEEXAMPLE12' }

function kept(given: Values, held: Readonly<Record<string, string>>): Values {
  const metadata = { name: 'held', labels: { 'argocd.argoproj.io/secret-type': 'registry' } }
  const secret = { apiVersion: 'v1', kind: 'Secret', metadata, stringData: held }
  return withKeptSecrets(given, secret)
}

describe('a secret that is left empty', () => {
  const azure = { ...AZURE, azureServicePrincipalClientSecret: 'hunter2' }
  const password = { ...STATIC, password: 'hunter2' }
  const aws = { ...KEYS, awsSecretAccessKey: 'hunter2' }

  test('stays where only what says nothing of its way has changed', () => {
    assert.equal(kept({ ...AZURE, name: 'new' }, azure)['azureServicePrincipalClientSecret'], 'hunter2')
    assert.equal(kept({ ...STATIC, serviceAccounts: '*' }, password)['password'], 'hunter2')
    const declared = { ...password, insecure: 'false', tokenHosts: 'b.example.com, a.example.com' }
    assert.equal(kept({ ...STATIC, tokenHosts: 'a.example.com,b.example.com' }, declared)['password'], 'hunter2')
    assert.equal(kept({ ...KEYS, awsRoleArn: null }, aws)['awsSecretAccessKey'], 'hunter2')
    assert.equal(kept({ ...STATIC, password: 'other' }, password)['password'], 'other')
  })

  const moved: readonly (readonly [string, Values, Readonly<Record<string, string>>, RegExp])[] = [
    ['another authority', { ...AZURE, azureActiveDirectoryEndpoint: 'https://evil.example' }, azure, /^azureServicePrincipalClientSecret must/], // prettier-ignore
    ['another tenant', { ...AZURE, azureServicePrincipalTenantId: 'x' }, azure, /^azureServicePrincipalClientSecret must/], // prettier-ignore
    ['plain HTTP', { ...STATIC, insecure: 'true' }, password, /^password must be given again/],
    ['hosts of tokens', { ...STATIC, tokenHosts: 'evil.example' }, password, /^password must be given again/],
    ['another region', { ...KEYS, awsRegion: 'eu-west-2' }, aws, /^awsSecretAccessKey must/],
    ['a Secret that cannot be read', STATIC, { ...password, insecure: 'perhaps' }, /^password must/],
  ]
  for (const [what, given, held, message] of moved) {
    test(`must be given again with ${what}`, () => {
      assert.throws(() => kept(given, held), { code: 'bad-input', message })
    })
  }

  test('is forgotten for another user or another kind of login', () => {
    assert.equal(kept({ ...STATIC, username: 'other' }, password)['password'], undefined)
    assert.equal(kept({ url: STATIC.url, kind: 'google' }, { url: STATIC.url, password: 'x' })['password'], undefined)
    const federated = kept({ ...AZURE, useAzureWorkloadIdentity: 'true' }, azure)
    assert.equal(federated['azureServicePrincipalClientSecret'], undefined)
  })
})
