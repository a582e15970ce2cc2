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

test('tells the kind by the host', () => {
  const cases = [
    ['123456789012.dkr.ecr.eu-west-1.amazonaws.com', 'ecr'],
    ['europe-docker.pkg.dev/project', 'google'],
    ['https://team.azurecr.io', 'azure'],
    ['ghcr.io', undefined],
  ] as const
  for (const [address, kind] of cases) assert.equal(kindOfAddress(address), kind, address)
})
