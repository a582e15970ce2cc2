// Repositories are asked whether they answer at most once a minute, unless something has changed or somebody insists.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ManualClock } from '../../../base/clock.ts'
import { Secret } from '../../../base/secret.ts'
import type { RegistryCredential } from '../../../settings/registry-credential.ts'
import type { Repository } from '../../../settings/repositories.ts'
import { ConnectionStates, KEPT_MS, RegistryStates } from './connection-states.ts'

const REPOSITORY: Repository = { url: 'https://git.example.com/a.git', type: 'git', project: '', password: new Secret('one') } // prettier-ignore

test('asks once for all who want to know, again after a minute, with other credentials, or when told to', async () => {
  const clock = new ManualClock()
  const asked: string[] = []
  const states = new ConnectionStates({
    clock,
    async test({ url, password }) {
      asked.push(password?.reveal() ?? '')
      if (password?.reveal() !== 'one') throw new Error(`${url}: refused`)
    },
  })
  const { signal } = new AbortController()
  const of = async (repository = REPOSITORY, isFresh = false): Promise<string> =>
    (await states.of(repository, isFresh, signal)).status ?? ''

  assert.deepEqual(await Promise.all([of(), of(), of({ ...REPOSITORY })]), ['Successful', 'Successful', 'Successful'])
  assert.deepEqual(asked, ['one'])
  const changed = { ...REPOSITORY, password: new Secret('two') }
  const failed = await states.of(changed, false, signal)
  assert.deepEqual([failed.status, failed.message], ['Failed', 'Unable to connect to repository: https://git.example.com/a.git: refused']) // prettier-ignore
  await of(changed)
  assert.deepEqual(asked, ['one', 'two'])
  await of(REPOSITORY, true)
  assert.deepEqual(asked, ['one', 'two', 'one'])
  clock.advance(KEPT_MS - 1)
  await of()
  assert.equal(asked.length, 3)
  clock.advance(1)
  await of()
  assert.equal(asked.length, 4)
})

test('one who leaves is answered at once, and the others get what was asked', async () => {
  const answer = Promise.withResolvers<void>()
  const states = new ConnectionStates({ clock: new ManualClock(), test: () => answer.promise })
  const leaving = new AbortController()
  const left = states.of(REPOSITORY, false, leaving.signal)
  const stayed = states.of(REPOSITORY, false, new AbortController().signal)
  leaving.abort(new Error('gone'))
  await assert.rejects(left, /gone/)
  answer.resolve()
  assert.equal((await stayed).status, 'Successful')
})

test('a registry is logged in to once a minute for each version of its Secret', async () => {
  const clock = new ManualClock()
  const asked: string[] = []
  const states = new RegistryStates({
    clock,
    async test({ source }) {
      asked.push(source.resourceVersion)
    },
  })
  const registry = (resourceVersion: string): RegistryCredential => ({
    id: 'hub',
    address: 'docker.io',
    project: '',
    kind: 'static',
    login: { kind: 'static', username: 'puller', password: new Secret(resourceVersion) },
    isInsecure: false,
    tokenHosts: [],
    options: { isPropagated: true },
    source: { namespace: 'argocd', name: 'hub', uid: 'u', resourceVersion, isAdopted: false },
  })
  const { signal } = new AbortController()

  await states.of(registry('1'), false, signal)
  await states.of(registry('1'), false, signal)
  assert.deepEqual(asked, ['1'])
  await states.of(registry('2'), false, signal)
  await states.of(registry('2'), true, signal)
  assert.deepEqual(asked, ['1', '2', '2'])
  clock.advance(KEPT_MS)
  await states.of(registry('2'), false, signal)
  assert.equal(asked.length, 4)
})
