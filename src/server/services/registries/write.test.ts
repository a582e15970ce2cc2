// What is stored logs in for nobody who may not change it.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { RegistryCredential } from '../../../settings/registry-credential.ts'
import type { Call } from '../../context.ts'
import type { Values } from '../repositories/registry.ts'
import { asRegistryValues, createRegistry } from './write.ts'

const STORED = {
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: 'stored', labels: { 'argocd.argoproj.io/secret-type': 'registry' } },
  stringData: { type: 'registry', url: 'registry.example.com', username: 'puller', password: 'hunter2' },
}
const GIVEN = asRegistryValues({ url: 'registry.example.com', username: 'puller', name: 'renamed' })

function callOf(actions: readonly string[]): {
  readonly call: Call
  readonly tested: string[]
  readonly kept: Values[]
} {
  const [tested, kept]: [string[], Values[]] = [[], []]
  const context = {
    isAllowed: (_identity: object, _resource: string, action: string) => actions.includes(action),
    registries: {
      async test({ login }: RegistryCredential) {
        tested.push(login.kind === 'static' ? login.password.reveal() : '')
      },
    },
    store: {
      secretsOfType: (type: string) => (type === 'registry' ? [STORED] : []),
      async createSecret(_name: string, _type: string, { values }: { readonly values: Values }) {
        kept.push(values)
      },
    },
  }
  const identity = { subject: 'dev', issuedAt: 0 }
  const call = { context, identity, signal: new AbortController().signal } as unknown as Call // what is called of it
  return { call, tested, kept }
}

test('a stored secret is tested for those alone who may update the registry', async () => {
  const creator = callOf(['create'])
  await assert.rejects(createRegistry(creator.call, GIVEN, true), {
    code: 'forbidden',
    message: /repositories, update/,
  })
  assert.deepEqual(creator.tested, [])
  await assert.rejects(createRegistry(creator.call, GIVEN, false), { code: 'bad-input', message: /has no password/ })

  const owner = callOf(['create', 'update'])
  await assert.rejects(createRegistry(owner.call, { ...GIVEN, insecure: 'true' }, true), {
    code: 'bad-input',
    message: 'password must be given again: where the login of registry.example.com goes has changed',
  })
  assert.deepEqual(owner.tested, [])
  await createRegistry(owner.call, GIVEN, true)
  assert.deepEqual([owner.tested, owner.kept[0]?.['password']], [['hunter2'], 'hunter2'])
})
