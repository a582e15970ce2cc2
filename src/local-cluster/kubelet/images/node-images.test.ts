// Who may use an image that is on the node already (Kubernetes 1.35 and later).
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Secret } from '../../../base/secret.ts'
import { parseImageReference } from '../../../registry/image-reference.ts'
import type { TrackedCredential } from '../../../registry/keyring.ts'
import { MAX_IMAGES, MAX_REMEMBERED_SECRETS, NodeImages } from './node-images.ts'

const app = parseImageReference('r.io/team/app:1')
const content = { digest: `sha256:${'1'.repeat(64)}`, id: `sha256:${'2'.repeat(64)}` }

function credential(name: string, hash: string): TrackedCredential {
  return {
    username: 'u',
    password: new Secret('p'),
    email: '',
    key: 'r.io',
    hash,
    source: { uid: `uid-of-${name}`, namespace: 'n', name },
  }
}

/** Whether a pod with these credentials must pull. */
function mustPull(images: NodeImages, credentials: readonly TrackedCredential[], reference = app): boolean {
  const image = images.find(reference)
  assert.ok(image)
  return images.mustPull(image, reference, () => credentials)
}

describe('an image on a node', () => {
  test('is found by its tag and by its digest', () => {
    const images = new NodeImages()
    images.pulled(app, content, undefined)

    assert.equal(images.find(app)?.name, 'r.io/team/app:1')
    assert.equal(images.find(parseImageReference(`r.io/team/app@${content.digest}`))?.id, content.id)
    assert.equal(images.find(parseImageReference('r.io/team/app:2')), undefined)
  })

  test('that was pulled without credentials is open to all', () => {
    const images = new NodeImages()
    images.pulled(app, content, undefined)

    assert.equal(mustPull(images, []), false)
  })

  const shown: readonly [string, readonly TrackedCredential[], boolean][] = [
    ['no credential', [], true],
    ['another credential', [credential('other', 'h2')], true],
    ['the same credential in another Secret', [credential('other', 'h1')], false],
    ['the same Secret with another content', [credential('s', 'h2')], false],
    ['the right one after a wrong one', [credential('other', 'h2'), credential('s', 'h1')], false],
  ]
  for (const [what, credentials, expected] of shown) {
    test(`that was pulled with a credential ${expected ? 'must be pulled by' : 'is open to'} a pod with ${what}`, () => {
      const images = new NodeImages()
      images.pulled(app, content, credential('s', 'h1'))

      assert.equal(mustPull(images, credentials), expected)
    })
  }

  test('remembers a Secret that matched, with its content', () => {
    const images = new NodeImages()
    images.pulled(app, content, credential('s', 'h1'))
    mustPull(images, [credential('s', 'h2')])

    assert.equal(mustPull(images, [credential('other', 'h2')]), false)
  })

  test('remembers no more Secrets than the kubelet does', () => {
    const images = new NodeImages()
    images.pulled(app, content, credential('s', 'h1'))
    for (let index = 0; index < MAX_REMEMBERED_SECRETS; index++) mustPull(images, [credential(`s${index}`, 'h1')])

    assert.equal(mustPull(images, [credential(`s${MAX_REMEMBERED_SECRETS}`, 'h1')]), false)
    assert.equal(mustPull(images, [credential(`s${MAX_REMEMBERED_SECRETS}`, 'new')]), true)
  })

  test('is another one under the name of another repository, though its content is the same', () => {
    const images = new NodeImages()
    const copy = parseImageReference('r.io/copy/app:1')
    images.pulled(copy, content, undefined)
    images.pulled(app, content, credential('s', 'h1'))

    assert.equal(mustPull(images, [], copy), false)
    assert.equal(mustPull(images, []), true)
  })

  const policies = [
    ['NeverVerify', false, false],
    ['NeverVerifyPreloadedImages', false, true],
    ['AlwaysVerify', true, true],
  ] as const
  for (const [policy, preloaded, pulled] of policies) {
    test(`is verified by the policy ${policy}`, () => {
      const images = new NodeImages(policy)
      const old = parseImageReference('r.io/preloaded:1')
      images.preload('r.io/preloaded:1', `sha256:${'3'.repeat(64)}`)
      images.pulled(app, content, credential('s', 'h1'))

      assert.deepEqual([mustPull(images, [], old), mustPull(images, [])], [preloaded, pulled])
    })
  }

  test('makes room for others where the node is full', () => {
    const images = new NodeImages()
    images.pulled(app, content, undefined)
    for (let index = 0; index < MAX_IMAGES; index++) {
      images.pulled(
        parseImageReference(`r.io/other:${index}`),
        { digest: `sha256:${index}`, id: String(index) },
        undefined,
      )
    }

    assert.equal(images.find(app), undefined)
  })
})
