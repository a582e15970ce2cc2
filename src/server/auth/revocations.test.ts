import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ManualClock } from '../../base/clock.ts'
import { KubeError } from '../../kube/client/client.ts'
import type { KubeObject } from '../../kube/object.ts'
import type { SettingsStore, StoredChange } from '../settings-store.ts'
import { createRevocations, MAX_REVOKED, REVOKED_SESSIONS } from './revocations.ts'

/** Keeps one Secret as the cluster would. */
class OneSecret implements Pick<SettingsStore, 'find' | 'change' | 'createSecret'> {
  data: Record<string, string> | undefined

  find(): KubeObject | undefined {
    if (this.data === undefined) return undefined
    const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: REVOKED_SESSIONS }, data: this.data }
    return secret
  }

  async change(_kind: string, _name: string, edit: (object: KubeObject) => StoredChange | undefined): Promise<void> {
    const secret = this.find()
    if (secret === undefined) throw new KubeError(404, 'NotFound', 'none')
    this.#write(edit(secret) ?? {})
  }

  async createSecret(_name: string, _type: string, change: StoredChange): Promise<void> {
    this.data = {}
    this.#write(change)
  }

  #write({ values = {} }: StoredChange): void {
    const next = { ...this.data }
    for (const [key, value] of Object.entries(values)) {
      if (value === null) delete next[key]
      else next[key] = Buffer.from(value).toString('base64')
    }
    this.data = next
  }
}

function setUp(secret = new OneSecret()): {
  secret: OneSecret
  clock: ManualClock
  revocations: ReturnType<typeof createRevocations>
} {
  const clock = new ManualClock()
  return { secret, clock, revocations: createRevocations(secret as unknown as SettingsStore, clock) } // only these three are called
}

test('a session that was ended stays ended for other servers and after a restart, under a key that does not tell its id', async () => {
  const first = setUp()
  const soon = first.clock.now() / 1000 + 1000
  await first.revocations.add('a/b+c', soon)
  await first.revocations.add('second', soon)

  const other = setUp(first.secret)

  assert.equal(other.revocations.has('a/b+c'), true)
  assert.equal(other.revocations.has('second'), true)
  assert.equal(other.revocations.has('third'), false)
  assert.match(Object.keys(first.secret.data ?? {}).join(), /^[0-9a-f]{64},[0-9a-f]{64}$/)
})

test('what is over anyway is dropped, and never more is kept than fits', async () => {
  const { secret, clock, revocations } = setUp()
  await revocations.add('short', clock.now() / 1000 + 10)
  clock.advance(60_000)
  await revocations.add('long', clock.now() / 1000 + 1000)
  assert.equal(Object.keys(secret.data ?? {}).length, 1)
  assert.equal(setUp(secret).revocations.has('short'), false)

  const many = Array.from({ length: MAX_REVOKED + 10 }, (_, index) => [`key-${index}`, Buffer.from(String(9e9 + index)).toString('base64')] as const) // prettier-ignore
  secret.data = Object.fromEntries(many)
  await revocations.add('last', Number.POSITIVE_INFINITY)
  assert.equal(Object.keys(secret.data).length, MAX_REVOKED)
  assert.equal(secret.data['key-0'], undefined)
  assert.equal(setUp(secret).revocations.has('last'), true)
})
