// Tests the form of a registry credential.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { emptyRegistry, formOfRegistry, kindOfAddress, registryFaults, toRegistry } from './registry.ts'

test('[000-01] address, user name and password make a registry; the password is sent as it is', () => {
  const form = { ...emptyRegistry, address: ' my-private-registry.io ', username: 'my-user', password: ' p ' }

  assert.deepEqual(toRegistry(form), {
    address: 'my-private-registry.io',
    username: 'my-user',
    password: ' p ',
    kind: 'static',
  })
  assert.deepEqual(registryFaults(form, true), {})
})

test('sends the fields of its kind alone', () => {
  const form = {
    ...emptyRegistry,
    kind: 'ecr' as const,
    address: 'public.ecr.aws',
    awsRegion: 'us-east-1',
    password: 'x',
  }

  assert.deepEqual(toRegistry(form), { address: 'public.ecr.aws', awsRegion: 'us-east-1', kind: 'ecr-public' })
})

test('a stored one needs no secret again, half a key is a fault of a new one', () => {
  const stored = formOfRegistry({ id: 'a', address: 'r.io', kind: 'static', username: 'u' })

  assert.deepEqual(registryFaults(stored, false), {})
  assert.deepEqual(registryFaults(stored, true), { password: 'required' })
  assert.deepEqual(registryFaults({ ...emptyRegistry, kind: 'ecr', address: 'a', awsAccessKeyId: 'AKIA' }, true), {
    awsSecretAccessKey: 'required',
  })
})

test('a changed one names the key its secret is kept for, and the hosts of its tokens', () => {
  const ecr = { id: 'a', address: 'r.io', kind: 'ecr', region: 'eu-west-1', username: 'AKIA' } as const
  const azure = {
    id: 'b',
    address: 'a.azurecr.io',
    kind: 'azure',
    identity: 'service-principal',
    username: 'c',
  } as const
  const hosts = { id: 'c', address: 'r.io', username: 'u', tokenHosts: ['t.io'] }

  assert.deepEqual(toRegistry(formOfRegistry(ecr)), {
    address: 'r.io',
    kind: 'ecr',
    awsRegion: 'eu-west-1',
    awsAccessKeyId: 'AKIA',
  })
  assert.partialDeepStrictEqual(toRegistry(formOfRegistry(azure)), { azureServicePrincipalClientId: 'c' })
  assert.partialDeepStrictEqual(toRegistry(formOfRegistry(hosts)), { tokenHosts: ['t.io'] })
})

test('tells the kind by the host', () => {
  const cases = [
    ['123456789012.dkr.ecr.eu-west-1.amazonaws.com', 'ecr'],
    ['europe-docker.pkg.dev/project', 'google'],
    ['https://team.azurecr.io', 'azure'],
    ['ghcr.io', undefined],
  ] as const
  for (const [address, kind] of cases) assert.equal(kindOfAddress(address), kind, address)
})
