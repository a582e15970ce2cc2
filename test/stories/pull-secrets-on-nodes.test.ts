// Nodes that ask registries for images: what runs, what does not and why, and what makes it run.
import assert from 'node:assert/strict'
import { describe, test, type TestContext } from 'node:test'
import { startOciRegistry, type OciRegistry, type OciRegistryOptions } from '../support/oci-registry.ts'
import { eventually, isReady, isWaiting, startPullScene, statusOf, type PullScene } from '../support/pull-scene.ts'

interface Story extends PullScene {
  readonly registry: OciRegistry
  /** Of the private repository `team/app`. */
  readonly image: string
  readonly digest: string
  /** Ann's login at the registry. */
  readonly login: (password?: string) => {
    readonly registry: string
    readonly username: string
    readonly password: string
  }
}

async function story(t: TestContext, options: OciRegistryOptions = {}): Promise<Story> {
  const registry = await startOciRegistry(t, {
    login: 'token',
    users: { ann: { password: 'right' } },
    publicRepositories: ['library/'],
    ...options,
  })
  const digest = registry.addImage('team/app', '1.0')
  const scene = await startPullScene(t, {})
  return Object.assign(scene, {
    registry,
    digest,
    image: `${registry.host}/team/app:1.0`,
    login: (password = 'right') => ({ registry: registry.host, username: 'ann', password }),
  })
}

describe('an image', () => {
  test('that is public runs without a secret, and its digest is told', async (t) => {
    const scene = await story(t)
    const digest = scene.registry.addImage('library/web', '1')
    const image = `${scene.registry.host}/library/web:1`
    await scene.pod('web', { image })

    const pod = await scene.until('web', isReady)

    assert.equal(statusOf(pod)?.image, image)
    assert.equal(statusOf(pod)?.imageID, `${scene.registry.host}/library/web@${digest}`)
    const pulled = await scene.untilEvent('web', /^Pulled/)
    assert.match(
      pulled,
      /^Pulled Successfully pulled image "\S+" in [\dms.]+ \([\dms.]+ including waiting\)\. Image size: \d+ bytes\.$/,
    )
  })

  test('[003-18] that is private and has no secret ends in ErrImagePull, then ImagePullBackOff, with the real words', async (t) => {
    const scene = await story(t)
    const { image } = scene
    await scene.pod('app', { image })

    const pod = await scene.until('app', isWaiting('ImagePullBackOff'))

    const why =
      `failed to pull and unpack image "${image}": failed to resolve reference "${image}": pull access denied, ` +
      'repository does not exist or may require authorization: server message: insufficient_scope: authorization failed'
    assert.equal(statusOf(pod)?.state?.waiting?.message, `Back-off pulling image "${image}": ErrImagePull: ${why}`)
    assert.equal(pod.status?.phase, 'Pending')
    await scene.untilEvent('app', /^Failed Error: ImagePullBackOff$/)
    const events = await scene.events('app')
    for (const event of [
      `Pulling Pulling image "${image}"`,
      `Failed Failed to pull image "${image}": ${why}`,
      'Failed Error: ErrImagePull',
      `BackOff Back-off pulling image "${image}"`,
    ]) {
      assert.ok(events.includes(event), event)
    }
  })

  test('[003-18] that could not be pulled runs once the right secret is there', async (t) => {
    const scene = await story(t)
    await scene.pod('app', { image: scene.image, pullSecrets: ['registry'] })
    await scene.until('app', isWaiting('ImagePullBackOff'))
    const missing = await scene.untilEvent('app', /^FailedToRetrieveImagePullSecret/)

    await scene.pullSecret('registry', scene.login())
    const pod = await scene.until('app', isReady)

    assert.equal(statusOf(pod)?.restartCount, 0)
    assert.equal(
      missing,
      'FailedToRetrieveImagePullSecret Unable to retrieve some image pull secrets (registry); attempting to pull the image may not succeed.',
    )
  })

  test('[003-18] whose password is wrong runs once it is changed in place', async (t) => {
    const scene = await story(t)
    await scene.pullSecret('registry', scene.login('expired'))
    await scene.pod('app', { image: scene.image, pullSecrets: ['registry'] })
    const failed = await scene.until('app', isWaiting('ImagePullBackOff'))

    await scene.changeSecret('registry', scene.login())
    await scene.until('app', isReady)

    assert.match(
      statusOf(failed)?.state?.waiting?.message ?? '',
      /failed to authorize: failed to fetch oauth token: unexpected status from GET request to http:\/\/\S+\/token\?scope=repository%3Ateam%2Fapp%3Apull&service=\S+: 401 Unauthorized$/,
    )
    assert.ok(!(await scene.events('app')).some((event) => event.includes('expired')))
  })

  test('[000-16] runs with the secrets that its pod names, tried one after the other', async (t) => {
    const scene = await story(t)
    await scene.pullSecret('wrong', scene.login('wrong'))
    await scene.pullSecret('right', scene.login())
    await scene.pod('app', { image: scene.image, pullSecrets: ['wrong', 'right'] })

    await scene.until('app', isReady)

    const logins = scene.registry.requests.filter(({ url }) => url.startsWith('/token'))
    assert.equal(new Set(logins.map(({ authorization }) => authorization)).size, 2)
  })

  test('is not pulled where one secret cannot be read, though another is right', async (t) => {
    const scene = await story(t)
    const broken = JSON.stringify({
      auths: { 'other.example.com': { auth: Buffer.from('nocolon').toString('base64') } },
    })
    await scene.pullSecret('right', scene.login())
    await scene.pullSecret('broken', broken)
    await scene.pod('app', { image: scene.image, pullSecrets: ['right', 'broken'] })
    const why = 'unable to parse auth field, must be formatted as base64(username:password)'
    await scene.until('app', isWaiting(why))
    await scene.untilEvent('app', /^Failed Error: unable to parse auth field/)
    const before = scene.registry.requests.length

    await scene.changeSecret('broken', '{"auths":{}}')
    await scene.until('app', isReady)

    assert.equal(before, 0)
  })

  test('of a registry that is not there, or a tag that is none, says so', async (t) => {
    const scene = await story(t)
    const absent = `${scene.registry.host}/library/absent:2`
    await scene.pod('unreachable', { image: '127.0.0.1:1/app:1' })
    await scene.pod('absent', { image: absent })

    const unreachable = await scene.until('unreachable', isWaiting('ImagePullBackOff'))
    const notFound = await scene.until('absent', isWaiting('ImagePullBackOff'))

    assert.match(
      statusOf(unreachable)?.state?.waiting?.message ?? '',
      /dial tcp 127\.0\.0\.1:1: connect: connection refused$/,
    )
    assert.equal(
      statusOf(notFound)?.state?.waiting?.message,
      `Back-off pulling image "${absent}": ErrImagePull: rpc error: code = NotFound desc = failed to pull and unpack image "${absent}": failed to resolve reference "${absent}": ${absent}: not found`,
    )
  })

  test('whose name is none is refused by name', async (t) => {
    const scene = await story(t)
    await scene.pod('bad', { image: 'Team/App:1' })

    const pod = await scene.until('bad', isWaiting('InvalidImageName'))

    assert.equal(
      statusOf(pod)?.state?.waiting?.message,
      'Failed to apply default image tag "Team/App:1": couldn\'t parse image name "Team/App:1": invalid reference format: repository name (App) must be lowercase',
    )
    await scene.untilEvent('bad', /^InspectFailed Failed to apply default image tag/)
  })
})

describe('a service account', () => {
  test('[000-10] gives its pull secrets to every workload whose pods name none', async (t) => {
    const scene = await story(t)
    await scene.pullSecret('registry', scene.login())
    await scene.patch('ServiceAccount', 'default', { imagePullSecrets: [{ name: 'registry' }] })
    const template = (app: string, more = {}): object => ({
      metadata: { labels: { app } },
      spec: { containers: [{ name: 'main', image: scene.image }], ...more },
    })
    const workload = (name: string): { name: string; spec: object } => ({
      name,
      spec: { selector: { matchLabels: { app: name } }, template: template(name) },
    })
    const jobSpec = (name: string): object => ({ template: template(name, { restartPolicy: 'Never' }) })

    await scene.create('apps/v1', 'Deployment', workload('deployment'))
    await scene.create('apps/v1', 'StatefulSet', workload('statefulset'))
    await scene.create('apps/v1', 'DaemonSet', workload('daemonset'))
    await scene.create('batch/v1', 'Job', { name: 'job', spec: jobSpec('job') })
    await scene.pod('pod', { image: scene.image })

    await scene.until('pod', isReady)
    for (const app of ['deployment', 'statefulset', 'daemonset', 'job']) {
      const pods = await eventually(
        () => scene.podsOf(app),
        (found) => found.length > 0 && found.every((pod) => (statusOf(pod)?.imageID ?? '') !== ''),
      )
      assert.ok(
        pods.every((pod) => statusOf(pod)?.imageID === `${scene.registry.host}/team/app@${scene.digest}`),
        app,
      )
    }
  })
})

describe('the images of one pod', () => {
  test('are all pulled with its secrets: init, sidecar, ephemeral, and those of volumes', async (t) => {
    const scene = await story(t)
    for (const part of ['init', 'sidecar', 'data', 'debug']) scene.registry.addImage(`team/${part}`, '1')
    const of = (part: string): string => `${scene.registry.host}/team/${part}:1`
    await scene.pullSecret('registry', scene.login())
    const containers = [{ name: 'main', image: scene.image, volumeMounts: [{ name: 'data', mountPath: '/data' }] }]
    await scene.pod('app', {
      image: scene.image,
      pullSecrets: ['registry'],
      spec: {
        containers,
        initContainers: [
          { name: 'init', image: of('init'), command: ['true'] },
          { name: 'sidecar', image: of('sidecar'), restartPolicy: 'Always' },
        ],
        volumes: [{ name: 'data', image: { reference: of('data') } }],
      },
    })
    await scene.until('app', isReady)

    const type = await scene.client.resourceOf({ group: '', kind: 'Pod' })
    assert.ok(type)
    const ref = { type, namespace: scene.namespace, name: 'app', subresource: 'ephemeralcontainers' }
    const debug = { name: 'debug', image: of('debug') }
    await scene.client.patch(ref, 'strategic', { spec: { ephemeralContainers: [debug] } })
    await eventually(
      () => Promise.resolve(scene.registry.pulls('team/debug')),
      (pulls) => pulls > 0,
    )

    for (const part of ['app', 'init', 'sidecar', 'data']) assert.ok(scene.registry.pulls(`team/${part}`) > 0, part)
  })

  test('that belong to a volume keep its container waiting', async (t) => {
    const scene = await story(t)
    scene.registry.addImage('library/web', '1')
    const container = { name: 'main', image: `${scene.registry.host}/library/web:1` }
    const containers = [{ ...container, volumeMounts: [{ name: 'data', mountPath: '/data' }] }]
    const volumes = [{ name: 'data', image: { reference: scene.image } }]
    await scene.pod('app', { image: '', spec: { containers, volumes } })

    const pod = await scene.until('app', isWaiting('ImagePullBackOff'))

    assert.match(statusOf(pod)?.state?.waiting?.message ?? '', /team\/app:1\.0": ErrImagePull: .*pull access denied/)
  })
})

describe('an image that is on the node', () => {
  const onNode = { nodeName: 'node-1' }

  test('and private is open only to pods that show a credential (1.35 and later)', async (t) => {
    const scene = await story(t)
    await scene.pullSecret('registry', scene.login())
    await scene.pullSecret('same', scene.login())
    const wish = { image: scene.image, policy: 'IfNotPresent', spec: onNode }
    await scene.pod('first', { ...wish, pullSecrets: ['registry'] })
    await scene.until('first', isReady)
    const pulls = scene.registry.pulls('team/app')

    await scene.pod('again', { ...wish, pullSecrets: ['registry'] })
    await scene.pod('equal', { ...wish, pullSecrets: ['same'] })
    await scene.pod('stranger', wish)
    await scene.until('again', isReady)
    await scene.until('equal', isReady)
    await scene.until('stranger', isWaiting('ImagePullBackOff'))

    assert.equal(scene.registry.pulls('team/app'), pulls)
    await scene.untilEvent(
      'again',
      /^Pulled Container image "\S+" already present on machine and can be accessed by the pod$/,
    )
  })

  test('is asked for again where the policy is Always, and never where it is Never', async (t) => {
    const scene = await story(t)
    scene.registry.addImage('library/web', '1')
    const image = `${scene.registry.host}/library/web:1`
    await scene.pod('never-before', { image, policy: 'Never', spec: onNode })
    const refused = await scene.until('never-before', isWaiting('ErrImageNeverPull'))
    await scene.pod('first', { image, policy: 'Always', spec: onNode })
    await scene.until('first', isReady)
    const pulls = scene.registry.pulls('library/web')

    await scene.pod('second', { image, policy: 'Always', spec: onNode })
    await scene.pod('never', { image, policy: 'Never', spec: onNode })
    await scene.until('second', isReady)
    await scene.until('never', isReady)
    await scene.until('never-before', isReady)

    // One HEAD: what is behind the digest is known.
    assert.equal(scene.registry.pulls('library/web'), pulls + 1)
    assert.equal(
      statusOf(refused)?.state?.waiting?.message,
      `Container image "${image}" is not present with pull policy of Never`,
    )
  })
})

test('nodes that verify nothing ask no registry', async (t) => {
  const registry = await startOciRegistry(t)
  const scene = await startPullScene(t)
  await scene.pod('app', { image: `${registry.host}/team/app:1` })

  await scene.until('app', isReady)

  assert.equal(registry.requests.length, 0)
})
