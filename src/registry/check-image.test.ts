// What is said of an image: the Secrets of a ServiceAccount, what is tried in which order, and how it ends.
import assert from 'node:assert/strict'
import { describe, test, type TestContext } from 'node:test'
import { registryScene } from '../../test/support/registry-scene.ts'
import type { KubeObject } from '../kube/object.ts'
import { checkImage, type ImageCheck } from './check-image.ts'

type Configs = Readonly<Record<string, object | string>>

/** Secrets by name, in the ServiceAccount's order; a text is the content as it is. */
async function check(
  t: TestContext,
  image: (host: string) => string,
  configs: (host: string) => Configs,
): Promise<ImageCheck> {
  const { registry, client } = await registryScene(t, { login: 'basic' })
  registry.addImage('team/app', '1')
  const held = configs(registry.host)
  const data = (content: object | string): Record<string, string> => {
    const text = typeof content === 'string' ? content : JSON.stringify({ auths: content })
    return { '.dockerconfigjson': Buffer.from(text).toString('base64') }
  }
  const names = [...Object.keys(held), 'gone']
  const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default' }, imagePullSecrets: names.map((name) => ({ name })) } // prettier-ignore
  return checkImage(
    { image: image(registry.host), server: '', namespace: 'shop', serviceAccount: 'default' },
    {
      client,
      signal: new AbortController().signal,
      cluster: {
        serviceAccount: async (_namespace, name) => (name === 'default' ? (account as KubeObject) : undefined),
        async secret(namespace, name) {
          const content = held[name]
          if (content === undefined) return undefined
          const type = content === 'opaque' ? 'Opaque' : 'kubernetes.io/dockerconfigjson'
          return { apiVersion: 'v1', kind: 'Secret', type, metadata: { name, namespace, uid: name }, data: data(content) } as KubeObject // prettier-ignore
        },
      },
    },
  )
}

const GOOD = { username: 'ann', password: 'pä:ss' }
const BAD = { username: 'ann', password: 'hunter2' }
const app = (host: string): string => `${host}/team/app:1`

describe('a checked image', () => {
  test('[000-16] is pulled with the first login that the registry takes, the closer path before the host', async (t) => {
    const checked = await check(t, app, (host) => ({
      plain: { [host]: GOOD },
      team: { [`${host}/team`]: BAD },
      other: { 'other.example': GOOD },
      opaque: 'opaque',
    }))

    assert.equal(checked.result, 'Pulled')
    assert.deepEqual(
      checked.credentials.map(({ secret, result }) => [secret, result]),
      [
        ['team', 'Refused'],
        ['plain', 'Accepted'],
      ],
    )
    assert.deepEqual(
      checked.secrets.map(({ name, state }) => [name, state]),
      [
        ['plain', 'Used'],
        ['team', 'Used'],
        ['other', 'NoMatch'],
        ['opaque', 'WrongType'],
        ['gone', 'Missing'],
      ],
    )
    assert.doesNotMatch(JSON.stringify(checked), /hunter2|pä:ss/)
  })

  test('is pulled with none where one Secret cannot be read', async (t) => {
    const checked = await check(t, app, (host) => ({ good: { [host]: GOOD }, broken: '{' }))

    assert.equal(checked.result, 'Broken')
    assert.match(checked.message, /^the Secret broken cannot be read, and the kubelet then pulls with none/)
  })

  test('is refused where no login is good, or none is for it', async (t) => {
    const wrong = await check(t, app, (host) => ({ one: { [host]: BAD } }))
    const none = await check(t, app, () => ({ one: { 'other.example': GOOD } }))

    assert.deepEqual([wrong.result, none.result], ['Refused', 'Refused'])
    assert.match(none.message, /^no pull secret is for 127\.0\.0\.1:\d+\/team\/app, and without one: /)
  })

  test('brings no password to a host that a Secret names by a pattern alone', async (t) => {
    const checked = await check(t, app, (host) => ({ wide: { [host.replace('127', '*')]: GOOD } }))

    assert.match(checked.credentials[0]?.message ?? '', /^not tried: .* stands for many hosts$/)
  })

  test('is warned of where the kubelet takes a likeness for a folder', async (t) => {
    const checked = await check(t, app, (host) => ({ short: { [`${host}/te`]: GOOD } }))

    assert.match(checked.warnings[0] ?? '', /is the beginning of .* as a text, but no folder of it$/)
  })

  test('is none where its name is none', async (t) => {
    await assert.rejects(check(t, () => 'Nope', () => ({})), /must be lowercase/) // prettier-ignore
    await assert.rejects(check(t, () => '', () => ({})), /an image is missing/) // prettier-ignore
  })
})
