// What the kubelet says and waits for, pull by pull, on a clock that the test moves.
import assert from 'node:assert/strict'
import { describe, test, type TestContext } from 'node:test'
import { startOciRegistry, type OciRegistry } from '../../../../test/support/oci-registry.ts'
import { ManualClock } from '../../../base/clock.ts'
import type { PullSecret } from '../../../registry/keyring.ts'
import { invalidNameText, ImageManager, type ImageRequest, type ImageResult } from './image-manager.ts'
import { ImagePuller } from './image-puller.ts'
import { NodeImages } from './node-images.ts'
import { KUBELET_TIMING, PullBackoff } from './pull-backoff.ts'

interface Scene {
  readonly clock: ManualClock
  readonly registry: OciRegistry
  readonly events: string[]
  /** `reason retry` where it was refused, else the digest. */
  readonly ensure: (image: string, more?: Partial<ImageRequest>) => Promise<string>
  readonly last: () => ImageResult | undefined
}

async function scene(t: TestContext): Promise<Scene> {
  const clock = new ManualClock()
  const registry = await startOciRegistry(t, { login: 'basic', users: { ann: { password: 'p' } } })
  const puller = new ImagePuller({ clock })
  t.after(() => puller.close())
  const manager = new ImageManager({ clock, puller, images: new NodeImages() })
  const backoff = new PullBackoff()
  const events: string[] = []
  let last: ImageResult | undefined
  return {
    clock,
    registry,
    events,
    last: () => last,
    async ensure(image, more = {}) {
      const request: ImageRequest = {
        image,
        policy: 'Always',
        secrets: [],
        backoff,
        timing: KUBELET_TIMING,
        event: ({ type, reason }) => events.push(`${type} ${reason}`),
        signal: new AbortController().signal,
        ...more,
      }
      last = await manager.ensure(request)
      return last.ok ? last.image.repoDigest : `${last.reason} ${last.retryAfterMs}`
    },
  }
}

function secret(name: string, registry: string, password: string): PullSecret {
  const config = JSON.stringify({ auths: { [registry]: { username: 'ann', password } } })
  const data = { '.dockerconfigjson': Buffer.from(config).toString('base64') }
  return { uid: name, namespace: 'n', name, type: 'kubernetes.io/dockerconfigjson', data }
}

describe('the image manager', () => {
  test('backs off after a failure, and tries again when the wait is over', async (t) => {
    const { clock, registry, events, ensure } = await scene(t)
    const image = `${registry.host}/team/app:1`
    const results: string[] = []

    for (const waitMs of [0, 1000, 9000, 1000]) {
      clock.advance(waitMs)
      results.push(await ensure(image))
    }

    assert.deepEqual(results, [
      'ErrImagePull 1000',
      'ImagePullBackOff 9000',
      'ErrImagePull 1000',
      'ImagePullBackOff 19000',
    ])
    assert.deepEqual(events, [
      'Normal Pulling',
      'Warning Failed',
      'Normal BackOff',
      'Normal Pulling',
      'Warning Failed',
      'Normal BackOff',
    ])
  })

  test('tells all different failures of several credentials together', async (t) => {
    const { registry, ensure, last } = await scene(t)
    registry.users.set('bob', { password: 'b', mayPull: [] })
    const image = `${registry.host}/team/app:1`
    const secrets = [secret('a', registry.host, 'x'), secret('b', registry.host, 'y'), secret('c', registry.host, '')]

    await ensure(image, { secrets })

    const result = last()
    const message = result?.ok === false ? result.message : ''
    const start = `failed to pull and unpack image "${image}": failed to resolve reference "${image}": `
    assert.equal(
      message,
      `[${start}unexpected status from HEAD request to http://${registry.host}/v2/team/app/manifests/1: 401 Unauthorized, ` +
        `${start}pull access denied, repository does not exist or may require authorization: authorization failed: no basic auth credentials]`,
    )
  })

  test('reads what is behind a digest once, on whatever node', async (t) => {
    const { registry, ensure } = await scene(t)
    registry.addImage('team/app', '1')
    const secrets = [secret('a', registry.host, 'p')]
    await ensure(`${registry.host}/team/app:1`, { secrets })
    const first = registry.pulls('team/app')

    await ensure(`${registry.host}/team/app:1`, { secrets })

    // The tag is asked for by HEAD, the list and the platform's manifest by GET.
    assert.deepEqual([first, registry.pulls('team/app')], [3, 4])
  })

  const refusals: readonly [string, Partial<ImageRequest>, string, readonly string[]][] = [
    ['Team/App', {}, 'InvalidImageName 10000', ['Warning InspectFailed']],
    ['r.invalid/app:1', { policy: 'Never' }, 'ErrImageNeverPull 10000', ['Warning ErrImageNeverPull']],
    [
      'r.invalid/app:1',
      { secrets: [{ ...secret('a', 'r', 'p'), data: { '.dockerconfigjson': Buffer.from('[]').toString('base64') } }] },
      'json: cannot unmarshal array into Go value of type credentialprovider.DockerConfigJSON 10000',
      [],
    ],
  ]
  for (const [image, more, expected, told] of refusals) {
    test(`refuses without a pull: ${expected}`, async (t) => {
      const { events, ensure } = await scene(t)

      assert.equal(await ensure(image, more), expected)
      assert.deepEqual(events, told)
    })
  }

  test('stops in the middle of a pull', async (t) => {
    const { registry, ensure } = await scene(t)
    const reason = new Error('pod stopped')

    const pending = ensure(`${registry.host}/team/app:1`, { signal: AbortSignal.abort(reason) })

    await assert.rejects(pending, reason)
  })
})

test('a name that cannot be parsed is told without asking a registry', () => {
  assert.match(
    invalidNameText('alpine:ops!') ?? '',
    /couldn't parse image name "alpine:ops!": invalid reference format$/,
  )
  assert.equal(invalidNameText('registry.example:5000/team/app:1.2'), undefined)
})
