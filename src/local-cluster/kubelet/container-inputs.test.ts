// What a pod's containers see of ConfigMaps, Secrets and the pod itself, and wait for.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { dataObject, podScene, printed, told, waiting } from '../../../test/support/pod-scene.ts'

describe('a container', () => {
  const missing: readonly [string, Record<string, unknown>, string][] = [
    ['envFrom a ConfigMap', { envFrom: [{ configMapRef: { name: 'm' } }] }, 'configmap "m" not found'],
    ['envFrom a Secret', { envFrom: [{ secretRef: { name: 's' } }] }, 'secret "s" not found'],
    [
      'a key of a Secret',
      { env: [{ name: 'A', valueFrom: { secretKeyRef: { name: 'there', key: 'k' } } }] },
      "couldn't find key k in Secret n/there",
    ],
    [
      'a key of a ConfigMap',
      { env: [{ name: 'A', valueFrom: { configMapKeyRef: { name: 'there', key: 'k' } } }] },
      "couldn't find key k in ConfigMap n/there",
    ],
  ]
  for (const [name, container, message] of missing) {
    test(`waits for ${name}, says what is missing, and starts when it comes`, async () => {
      const { run, objects, events, pass } = podScene(container)
      for (const kind of ['Secret', 'ConfigMap']) objects.set(`${kind}/there`, dataObject(kind, { other: 'eA==' }))
      await pass(20)
      const before = waiting(run)

      objects.set('ConfigMap/m', dataObject('ConfigMap', { A: '1' }))
      objects.set('Secret/s', dataObject('Secret', { A: 'MQ==' }))
      for (const kind of ['Secret', 'ConfigMap']) objects.set(`${kind}/there`, dataObject(kind, { k: 'MQ==' }))
      await pass(2_000)

      assert.equal(before, `CreateContainerConfigError: ${message}`)
      assert.deepEqual(told(events, 'Failed'), [`Error: ${message}`])
      assert.equal(run.status().phase, 'Running')
    })
  }

  test('starts though the failure it is to simulate comes and goes the moment before', async () => {
    const { run, clock, pod, objects, pass } = podScene({ envFrom: [{ configMapRef: { name: 'm' } }] })
    const failing = { ...pod.metadata, annotations: { 'capstan.dev/simulate-failure': 'Error' } }
    objects.set('ConfigMap/m', dataObject('ConfigMap', { A: '1' }))
    clock.advance(20)
    // What is read arrives, but no time passes: the container is about to start.
    for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve))
    const before = waiting(run)

    run.update({ ...pod, metadata: failing })
    run.update(pod)
    await pass(0)

    assert.deepEqual([before, run.status().phase], ['ContainerCreating', 'Running'])
  })

  test('does not start once its pod is gone, though what it reads has arrived', async () => {
    const { run, clock, objects, events, pass } = podScene({ envFrom: [{ configMapRef: { name: 'm' } }] })
    objects.set('ConfigMap/m', dataObject('ConfigMap', { A: '1' }))
    clock.advance(20)
    for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve))

    run.terminate()
    await pass(0)

    assert.deepEqual(told(events, 'Started'), [])
  })

  test('does not wait for what is optional', async () => {
    const { run, pass } = podScene({
      envFrom: [{ configMapRef: { name: 'm', optional: true } }],
      env: [{ name: 'A', valueFrom: { secretKeyRef: { name: 's', key: 'k', optional: true } } }],
    })

    await pass(20)

    assert.equal(run.status().phase, 'Running')
  })

  test('sees variables of all kinds, in their order', async () => {
    const { objects, pass, inside } = podScene({
      envFrom: [{ prefix: 'P_', configMapRef: { name: 'm' } }],
      env: [
        { name: 'POD', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
        { name: 'APP', valueFrom: { fieldRef: { fieldPath: "metadata.labels['app']" } } },
        { name: 'CPU', valueFrom: { resourceFieldRef: { resource: 'limits.cpu', divisor: '1m' } } },
        { name: 'PASSWORD', valueFrom: { secretKeyRef: { name: 's', key: 'p' } } },
        { name: 'URL', value: 'http://$(POD):$(P_PORT)/$$(x)' },
      ],
      resources: { limits: { cpu: '1500m' } },
    })
    objects.set('ConfigMap/m', dataObject('ConfigMap', { PORT: '80' }))
    objects.set('Secret/s', dataObject('Secret', { p: Buffer.from('hüsh').toString('base64') }))
    await pass(20)

    const text = await inside('printenv', 'POD', 'APP', 'CPU', 'PASSWORD', 'URL', 'HOSTNAME')

    assert.equal(Buffer.from(text, 'latin1').toString(), 'p\nweb\n1500\nhüsh\nhttp://p:80/$(x)\np\n')
  })

  test('sees the files of its volumes as they are now', async () => {
    const volumes = [
      { name: 'config', configMap: { name: 'm', items: [{ key: 'a', path: 'sub/one' }] } },
      { name: 'secret', secret: { secretName: 's' } },
      {
        name: 'all',
        projected: {
          sources: [
            { serviceAccountToken: { path: 'token' } },
            { downwardAPI: { items: [{ path: 'labels', fieldRef: { fieldPath: 'metadata.labels' } }] } },
          ],
        },
      },
      { name: 'work', emptyDir: {} },
    ]
    const volumeMounts = [
      { name: 'config', mountPath: '/etc/config/' },
      { name: 'secret', mountPath: '/secret.txt', subPath: 'k' },
      { name: 'all', mountPath: '/all' },
      { name: 'work', mountPath: '/work' },
    ]
    const { objects, pass, inside } = podScene({ volumeMounts }, { spec: { volumes } })
    objects.set('ConfigMap/m', dataObject('ConfigMap', { a: 'first' }))
    objects.set('Secret/s', dataObject('Secret', { k: Buffer.from('key').toString('base64') }))
    await pass(20)
    const before = await inside(
      'sh',
      '-c',
      'cat /etc/config/sub/one /secret.txt /all/token /all/labels; echo x > /work/f; echo x > /all/f; ls /all /work',
    )

    objects.set('ConfigMap/m', dataObject('ConfigMap', { a: 'second' }))

    assert.equal(
      before,
      'firstkeya.b.capp="web"sh: can\'t create /all/f: Read-only file system\n/all:\nlabels\ntoken\n/work:\nf\n',
    )
    assert.equal(await inside('cat', '/etc/config/sub/one'), 'second')
  })

  test('that reads a mounted file with its own command finds it', async () => {
    const spec = { volumes: [{ name: 'v', configMap: { name: 'm' } }], restartPolicy: 'Never' }
    const { run, objects, pass } = podScene(
      { command: ['cat', '/v/a'], volumeMounts: [{ name: 'v', mountPath: '/v' }] },
      { spec },
    )
    objects.set('ConfigMap/m', dataObject('ConfigMap', { a: 'hello' }))

    await pass(20)
    await pass(5)

    assert.deepEqual([printed(run), run.status().phase], ['hello\n', 'Succeeded'])
  })
})
