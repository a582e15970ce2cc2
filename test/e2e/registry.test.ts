// Debian's docker-registry behind Basic and token login: our client, our nodes and skopeo agree on who may pull.
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test, type TestContext } from 'node:test'
import { systemClock } from '../../src/base/clock.ts'
import { Secret } from '../../src/base/secret.ts'
import { dockerConfigJson } from '../../src/registry/docker-config.ts'
import { parseImageReference } from '../../src/registry/image-reference.ts'
import { RegistryClient, type Access } from '../../src/registry/registry-client.ts'
import { startHtpasswdRegistry, startTokenRegistry, type DockerRegistry } from '../support/docker-registry.ts'
import { temporaryFolder } from '../support/git.ts'
import { kubectlFor } from '../support/kubectl.ts'
import { run, startCapstan } from '../support/processes.ts'
import { eventually, isReady, isWaiting, startPullScene, statusOf } from '../support/pull-scene.ts'

const LINUX = { os: 'linux', architecture: 'amd64' }

interface Pushed {
  readonly registry: DockerRegistry
  readonly image: string
  readonly digest: string
}

const registries = [
  ['Basic', startHtpasswdRegistry, /no basic auth credentials$/],
  ['token', startTokenRegistry, /server message: insufficient_scope: authorization failed$/],
] as const

async function pushed(t: TestContext, start: (t: TestContext) => Promise<DockerRegistry>): Promise<Pushed> {
  const registry = await start(t)
  registry.setPassword('ann', 'pä:ss')
  const digest = await registry.push({ user: 'ann', password: 'pä:ss' }, 'team/app', '1.0')
  return { registry, digest, image: `${registry.host}/team/app:1.0` }
}

function as(password: string): Access {
  return { credential: { username: 'ann', password: new Secret(password) } }
}

/** Whether skopeo, with a decoded pull secret alone, reads the image. */
async function skopeoReads(t: TestContext, image: string, config: Secret): Promise<boolean> {
  const file = join(temporaryFolder(t), 'auth.json')
  writeFileSync(file, config.reveal(), { mode: 0o600 })
  const args = ['inspect', '--raw', '--tls-verify=false', '--authfile', file, `docker://${image}`]
  return (await run('skopeo', args)).code === 0
}

for (const [name, start, refusal] of registries) {
  describe(`docker-registry behind ${name} login`, () => {
    test('answers the client as it should', async (t) => {
      const { registry, image, digest } = await pushed(t, start)
      const client = new RegistryClient({ clock: systemClock })
      t.after(() => client.close())
      const reference = parseImageReference(image)
      const right = as('pä:ss')

      const { digest: resolved } = await client.resolve(reference, right)
      const { sizeBytes, id } = await client.details(reference, digest, { ...right, platform: LINUX })

      assert.equal(resolved, digest)
      assert.ok(sizeBytes > 100)
      assert.match(id ?? '', /^sha256:/)
      assert.deepEqual(await client.tags(reference, right), ['1.0'])
      assert.notEqual((await client.probe(registry.host, right)).scheme, 'none')
      await assert.rejects(client.resolve(reference), refusal)
      await assert.rejects(client.resolve(reference, as('wrong')), /401 Unauthorized$/)
      await assert.rejects(client.probe(registry.host, as('wrong')), /401 Unauthorized$/)
      await assert.rejects(client.resolve(parseImageReference(`${registry.host}/team/app:2`), right), /: not found$/)
    })

    test('[000-10][003-18] lets pods pull until the password changes, and again when the Secret does; skopeo agrees', async (t) => {
      const { registry, image, digest } = await pushed(t, start)
      const scene = await startPullScene(t, {})
      const login = (password: string): { registry: string; username: string; password: string } => ({
        registry: registry.host,
        username: 'ann',
        password,
      })
      const config = (password: string): Secret =>
        dockerConfigJson(registry.host, { username: 'ann', password: new Secret(password), email: '' })
      await scene.pullSecret('registry', login('pä:ss'))
      await scene.patch('ServiceAccount', 'default', { imagePullSecrets: [{ name: 'registry' }] })
      await scene.pod('before', { image, policy: 'Always' })
      const before = await scene.until('before', isReady)
      const skopeoBefore = await skopeoReads(t, image, config('pä:ss'))

      registry.setPassword('ann', 'new')
      await scene.pod('after', { image, policy: 'Always' })
      await scene.until('after', isWaiting('ImagePullBackOff'))
      const skopeoAfter = await skopeoReads(t, image, config('pä:ss'))
      await scene.changeSecret('registry', login('new'))
      const after = await scene.until('after', isReady)

      assert.equal(statusOf(before)?.imageID, `${registry.host}/team/app@${digest}`)
      assert.equal(statusOf(after)?.imageID, statusOf(before)?.imageID)
      assert.deepEqual([skopeoBefore, skopeoAfter], [true, false])
      assert.equal(await skopeoReads(t, image, config('new')), true)
    })
  })
}

test('kubectl tells of an image that --verify-images could not pull as it would of a real node', async (t) => {
  const { registry, image } = await pushed(t, startHtpasswdRegistry)
  const folder = temporaryFolder(t)
  const file = join(folder, 'kubeconfig')
  const flags = ['--data-dir', join(folder, 'data'), '--port', '0', '--kubeconfig', file, '--verify-images']
  await startCapstan(t, ['local-cluster', ...flags], /^ready /m)
  const kubectl = kubectlFor(t, file, '')
  await kubectl.run(`run app --image=${image}`)

  const described = await eventually(
    async () => (await kubectl.run('describe pod app')).stdout,
    (text) => /Reason: +ImagePullBackOff/.test(text) && text.includes('Error: ImagePullBackOff'),
  )
  const login = `--docker-server=${registry.host} --docker-username=ann --docker-password=pä:ss`
  await kubectl.run(`create secret docker-registry registry ${login}`)
  const healed = `{"spec":{"imagePullSecrets":[{"name":"registry"}]}}`
  await kubectl.run(`run healed --image=${image} '--overrides=${healed}'`)
  const waited = await kubectl.run('wait pod/healed --for=condition=Ready --timeout=20s')

  assert.match(
    described,
    /Warning +Failed +\S+ +kubelet +spec\.containers\{app\}: Failed to pull image "127\.0\.0\.1:\d+\/team\/app:1\.0": failed to pull and unpack image/,
  )
  assert.match(described, /Normal +BackOff .*Back-off pulling image/)
  assert.equal(waited.stdout, 'pod/healed condition met\n')
})
