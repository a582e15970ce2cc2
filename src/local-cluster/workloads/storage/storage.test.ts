// Claims and volumes on the embedded cluster: bound now or with their pod, kept while they are used, grown, reclaimed, lost.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { KubeError, type ResourceRef } from '../../../kube/client/client.ts'
import { pod, startScene, type ClusterScene, type Loose } from '../../../../test/support/cluster-scene.ts'

function claim(name: string, spec: Readonly<Record<string, unknown>> = {}): Loose {
  const asked = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } }
  return { apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name }, spec: { ...asked, ...spec } }
}

function volume(name: string, spec: Readonly<Record<string, unknown>> = {}): Loose {
  const given = { accessModes: ['ReadWriteOnce'], capacity: { storage: '1Gi' }, hostPath: { path: `/tmp/${name}` } }
  return { apiVersion: 'v1', kind: 'PersistentVolume', metadata: { name }, spec: { ...given, ...spec } }
}

async function storageClass(
  scene: ClusterScene,
  name: string,
  fields: Readonly<Record<string, unknown>>,
): Promise<void> {
  const object = { apiVersion: 'storage.k8s.io/v1', kind: 'StorageClass', metadata: { name }, ...fields }
  await scene.create(object as Loose)
}

const inPhase =
  (phase: string) =>
  (object: Loose | undefined): boolean =>
    object?.status?.['phase'] === phase
const isGone = (object: Loose | undefined): boolean => object === undefined
const LOCAL = { provisioner: 'kubernetes.io/no-provisioner', volumeBindingMode: 'WaitForFirstConsumer' }
const WAITING = { provisioner: 'capstan.dev/simulated', volumeBindingMode: 'WaitForFirstConsumer' }

function claimRef(scene: ClusterScene, name: string): Promise<ResourceRef> {
  return scene.ref('', 'PersistentVolumeClaim', name)
}

function volumeRef(scene: ClusterScene, name: string): Promise<ResourceRef> {
  return scene.ref('', 'PersistentVolume', name)
}

const uses = (...names: readonly string[]): { readonly spec: object } => ({
  spec: {
    terminationGracePeriodSeconds: 0,
    volumes: names.map((claimName) => ({ name: claimName, persistentVolumeClaim: { claimName } })),
  },
})

describe('storage', () => {
  test('gives a claim without a class the default one and a volume of its size', async (t) => {
    const scene = await startScene(t)

    const made = await scene.create(claim('data'))
    const bound = await scene.until(await claimRef(scene, 'data'), inPhase('Bound'))
    const found = await scene.get('', 'PersistentVolume', String(bound?.spec?.['volumeName']))

    assert.equal(made.spec?.['storageClassName'], 'standard')
    assert.equal(found?.metadata.name, `pvc-${made.metadata.uid}`)
    assert.deepEqual(found?.spec?.['capacity'], { storage: '1Gi' })
    await scene.untilEvent('data', 'ProvisioningSucceeded')
  })

  test('binds a claim of a class that waits once a pod is scheduled', async (t) => {
    const scene = await startScene(t)
    await storageClass(scene, 'waiting', WAITING)

    await scene.create(claim('data', { storageClassName: 'waiting' }))
    await scene.untilEvent('data', 'WaitForFirstConsumer')
    assert.equal((await scene.get('', 'PersistentVolumeClaim', 'data'))?.status?.['phase'], 'Pending')
    await scene.create(pod('user', {}, uses('data')))
    const bound = await scene.until(await claimRef(scene, 'data'), inPhase('Bound'))
    const user = await scene.until(await scene.ref('', 'Pod', 'user'), (one) => one?.spec?.['nodeName'] !== undefined)

    const node = bound?.metadata.annotations?.['volume.kubernetes.io/selected-node']
    assert.equal(node, user?.spec?.['nodeName'])
  })

  test('never provisions for a class without a provisioner, and takes the volume its node reaches', async (t) => {
    const scene = await startScene(t)
    await storageClass(scene, 'local', LOCAL)
    const names = (await scene.list('', 'Node')).map(({ metadata }) => metadata.name ?? '')
    const last = names.at(-1) ?? ''

    await scene.create(claim('data', { storageClassName: 'local' }))
    await scene.create(pod('user', {}, uses('data')))
    await scene.untilEvent('user', 'FailedScheduling')
    const waiting = await scene.until(await scene.ref('', 'Pod', 'user'), (one) => JSON.stringify(one?.status).includes('persistent volumes to bind')) // prettier-ignore
    assert.match(
      JSON.stringify(waiting?.status),
      new RegExp(`0/${names.length} nodes are available: ${names.length} node\\(s\\) didn't find available persistent volumes to bind\\.`), // prettier-ignore
    )
    const matchExpressions = [{ key: 'kubernetes.io/hostname', operator: 'In', values: [last] }]
    const nodeAffinity = { required: { nodeSelectorTerms: [{ matchExpressions }] } }
    await scene.create(volume('disk', { storageClassName: 'local', nodeAffinity }))

    const user = await scene.until(await scene.ref('', 'Pod', 'user'), (one) => one?.spec?.['nodeName'] !== undefined)
    assert.equal(user?.spec?.['nodeName'], last)
    await scene.until(await volumeRef(scene, 'disk'), inPhase('Bound'))
  })

  test('keeps a claim that a pod uses until the pod is gone', async (t) => {
    const scene = await startScene(t)
    await scene.create(claim('data'))
    await scene.create(pod('user', {}, uses('data')))
    await scene.until(await scene.ref('', 'Pod', 'user'), inPhase('Running'))
    const ref = await claimRef(scene, 'data')

    await scene.client.delete(ref)
    await scene.until(ref, (one) => one?.metadata.deletionTimestamp !== undefined)
    await scene.client.delete(await scene.ref('', 'Pod', 'user'))

    await scene.until(ref, isGone)
  })

  test('reclaims volumes by their policy', async (t) => {
    const scene = await startScene(t)
    const cases = [
      ['retained', { persistentVolumeReclaimPolicy: 'Retain' }, 'Released'],
      ['failed', { persistentVolumeReclaimPolicy: 'Delete', hostPath: { path: '/srv/x' } }, 'Failed'],
      ['recycled', { persistentVolumeReclaimPolicy: 'Recycle' }, 'Available'],
      ['deleted', { persistentVolumeReclaimPolicy: 'Delete' }, undefined],
    ] as const
    for (const [name, spec] of cases) {
      await scene.create(volume(name, { ...spec, storageClassName: name }))
      await scene.create(claim(name, { storageClassName: name }))
      await scene.until(await claimRef(scene, name), inPhase('Bound'))
    }

    for (const [name] of cases) await scene.client.delete(await claimRef(scene, name))

    for (const [name, , phase] of cases) {
      await scene.until(await volumeRef(scene, name), phase === undefined ? isGone : inPhase(phase))
    }
  })

  test('grows a claim where its class allows it, and refuses it elsewhere', async (t) => {
    const scene = await startScene(t)
    await storageClass(scene, 'fixed', { provisioner: 'capstan.dev/simulated' })
    for (const name of ['standard', 'fixed']) {
      await scene.create(claim(name, { storageClassName: name }))
      await scene.until(await claimRef(scene, name), inPhase('Bound'))
    }
    const larger = { spec: { resources: { requests: { storage: '3Gi' } } } }

    await scene.client.patch(await claimRef(scene, 'standard'), 'merge', larger)
    const grown = await scene.until(await claimRef(scene, 'standard'), (one) => JSON.stringify(one?.status).includes('3Gi')) // prettier-ignore
    const behind = await scene.get('', 'PersistentVolume', String(grown?.spec?.['volumeName']))
    const refused = scene.client.patch(await claimRef(scene, 'fixed'), 'merge', larger)

    assert.deepEqual(behind?.spec?.['capacity'], { storage: '3Gi' })
    await assert.rejects(refused, (error: unknown) => {
      assert.ok(error instanceof KubeError)
      const why =
        'only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize'
      assert.deepEqual([error.status, error.message], [403, `persistentvolumeclaims "fixed" is forbidden: ${why}`])
      return true
    })
  })

  test('makes the claims of ephemeral volumes, which go with their pod', async (t) => {
    const scene = await startScene(t)
    const { spec } = claim('')
    const volumes = [
      { name: 'scratch', ephemeral: { volumeClaimTemplate: { metadata: { labels: { a: 'b' } }, spec } } },
    ]

    await scene.create(pod('user', {}, { spec: { volumes, terminationGracePeriodSeconds: 0 } }))
    const made = await scene.until(await claimRef(scene, 'user-scratch'), inPhase('Bound'))
    await scene.until(await scene.ref('', 'Pod', 'user'), inPhase('Running'))
    await scene.client.delete(await scene.ref('', 'Pod', 'user'))

    assert.deepEqual(made?.metadata.labels, { a: 'b' })
    await scene.until(await claimRef(scene, 'user-scratch'), isGone)
  })

  test('tells a pod whose ephemeral volume has a claim of somebody else', async (t) => {
    const scene = await startScene(t)
    await scene.create(claim('user-scratch'))
    const volumes = [{ name: 'scratch', ephemeral: { volumeClaimTemplate: { spec: claim('').spec } } }]

    await scene.create(pod('user', {}, { spec: { volumes } }))

    await scene.untilEvent('user', 'FailedBinding')
  })

  test('tells a claim whose volume is gone that its data is lost', async (t) => {
    const scene = await startScene(t)
    await scene.create(volume('disk', { storageClassName: 'by-hand' }))
    await scene.create(claim('data', { storageClassName: 'by-hand' }))
    await scene.until(await claimRef(scene, 'data'), inPhase('Bound'))
    const ref = await volumeRef(scene, 'disk')

    await scene.client.delete(ref)
    await scene.client.patch(ref, 'merge', { metadata: { finalizers: null } })

    await scene.until(await claimRef(scene, 'data'), inPhase('Lost'))
    await scene.untilEvent('data', 'ClaimLost')
  })
})
