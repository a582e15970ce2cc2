// What a pod's containers see, wait for and are probed with, on a clock that the test moves.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { ManualClock } from '../../base/clock.ts'
import type { KubeObject } from '../../kube/object.ts'
import type { EventRecord } from '../../reconcile/events.ts'
import type { Container, Pod } from '../workloads/kit/model.ts'
import { PodRun } from './pod-run.ts'

interface Scene {
  readonly clock: ManualClock
  readonly run: PodRun
  readonly events: EventRecord[]
  /** ConfigMaps and Secrets by `Kind/name`. */
  readonly objects: Map<string, KubeObject>
  readonly pod: Pod
  /** Moves time on, and lets what was read arrive. */
  readonly pass: (ms: number) => Promise<void>
  /** Runs a command inside the first container and gives what it prints. */
  readonly inside: (...command: readonly string[]) => Promise<string>
}

interface Over {
  readonly annotations?: Readonly<Record<string, string>>
  readonly spec?: object
  readonly status?: Pod['status']
}

/** Specs have fields that the model does not name. */
function scene(container: object, over: Over = {}): Scene {
  const clock = new ManualClock()
  const objects = new Map<string, KubeObject>()
  const events: EventRecord[] = []
  const pod: Pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { namespace: 'n', name: 'p', uid: 'u', labels: { app: 'web' }, annotations: over.annotations ?? {} },
    spec: { containers: [{ name: 'c', image: 'x', ...container }], ...over.spec },
    ...(over.status === undefined ? {} : { status: over.status }),
  }
  const run: PodRun = new PodRun(pod, {
    clock,
    hostIp: '172.18.0.2',
    podIp: '10.244.0.2',
    changed: () => undefined,
    event: (event) => events.push(event),
    inputs: {
      get: async (kind, _namespace, name) => objects.get(`${kind}/${name}`),
      token: async () => 'a.b.c',
    },
  })
  run.start()
  return {
    clock,
    run,
    events,
    objects,
    pod,
    async pass(ms) {
      clock.advance(ms)
      // What is read from memory takes a few turns, and then its timer.
      for (let turn = 0; turn < 3; turn++) {
        await new Promise((resolve) => setImmediate(resolve))
        clock.advance(0)
      }
    },
    async inside(...command) {
      const first = run.container('c')
      assert.ok(first)
      const program = await run.programs.beside(first, command, false)
      let text = ''
      for (let next = program?.next(); next !== undefined && next.done !== true; next = program?.next())
        if (next.value.kind === 'print') text += next.value.text
      return text
    },
  }
}

function object(kind: string, data: Readonly<Record<string, string>>): KubeObject {
  return { apiVersion: 'v1', kind, metadata: { name: 'x' }, data } as KubeObject
}

function waiting(run: PodRun): string {
  const { reason, message } = run.status().containerStatuses?.[0]?.state?.waiting ?? {}
  return [reason, message].filter((one) => one !== undefined).join(': ')
}

/** All that the first container has printed. */
function printed(run: PodRun): string {
  const query = { container: 'c', follow: false, previous: false, timestamps: false, signal: undefined }
  const all = { tailLines: undefined, sinceSeconds: undefined, sinceTime: undefined, limitBytes: undefined }
  return run.container('c')?.log.read({ ...query, ...all }, 0) ?? ''
}

function told(events: readonly EventRecord[], reason: string): readonly string[] {
  return events.filter((event) => event.reason === reason).map(({ message }) => message)
}

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
      const { run, objects, events, pass } = scene(container)
      for (const kind of ['Secret', 'ConfigMap']) objects.set(`${kind}/there`, object(kind, { other: 'eA==' }))
      await pass(20)
      const before = waiting(run)

      objects.set('ConfigMap/m', object('ConfigMap', { A: '1' }))
      objects.set('Secret/s', object('Secret', { A: 'MQ==' }))
      for (const kind of ['Secret', 'ConfigMap']) objects.set(`${kind}/there`, object(kind, { k: 'MQ==' }))
      await pass(2_000)

      assert.equal(before, `CreateContainerConfigError: ${message}`)
      assert.deepEqual(told(events, 'Failed'), [`Error: ${message}`])
      assert.equal(run.status().phase, 'Running')
    })
  }

  test('does not wait for what is optional', async () => {
    const { run, pass } = scene({
      envFrom: [{ configMapRef: { name: 'm', optional: true } }],
      env: [{ name: 'A', valueFrom: { secretKeyRef: { name: 's', key: 'k', optional: true } } }],
    })

    await pass(20)

    assert.equal(run.status().phase, 'Running')
  })

  test('sees variables of all kinds, in their order', async () => {
    const { objects, pass, inside } = scene({
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
    objects.set('ConfigMap/m', object('ConfigMap', { PORT: '80' }))
    objects.set('Secret/s', object('Secret', { p: Buffer.from('hüsh').toString('base64') }))
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
    const { objects, pass, inside } = scene({ volumeMounts }, { spec: { volumes } })
    objects.set('ConfigMap/m', object('ConfigMap', { a: 'first' }))
    objects.set('Secret/s', object('Secret', { k: Buffer.from('key').toString('base64') }))
    await pass(20)
    const before = await inside(
      'sh',
      '-c',
      'cat /etc/config/sub/one /secret.txt /all/token /all/labels; echo x > /work/f; echo x > /all/f; ls /all /work',
    )

    objects.set('ConfigMap/m', object('ConfigMap', { a: 'second' }))

    assert.equal(
      before,
      'firstkeya.b.capp="web"sh: can\'t create /all/f: Read-only file system\n/all:\nlabels\ntoken\n/work:\nf\n',
    )
    assert.equal(await inside('cat', '/etc/config/sub/one'), 'second')
  })

  test('that reads a mounted file with its own command finds it', async () => {
    const spec = { volumes: [{ name: 'v', configMap: { name: 'm' } }], restartPolicy: 'Never' }
    const { run, objects, pass } = scene(
      { command: ['cat', '/v/a'], volumeMounts: [{ name: 'v', mountPath: '/v' }] },
      { spec },
    )
    objects.set('ConfigMap/m', object('ConfigMap', { a: 'hello' }))

    await pass(20)
    await pass(5)

    assert.deepEqual([printed(run), run.status().phase], ['hello\n', 'Succeeded'])
  })
})

describe('a pod', () => {
  test('waits for its volumes, tells of it more and more rarely, and starts when they are there', async () => {
    const spec = {
      volumes: [{ name: 'v', secret: { secretName: 's', items: [{ key: 'k', path: 'k' }] } }],
    }
    const { run, objects, events, pass } = scene({}, { spec })
    await pass(20)
    await pass(500)
    objects.set('Secret/s', object('Secret', {}))
    await pass(1_000)
    const before = [waiting(run), run.status().conditions?.[0]?.status]

    objects.set('Secret/s', object('Secret', { k: '' }))
    await pass(2_000)

    const text = 'MountVolume.SetUp failed for volume "v" : '
    const unknown = `${text}secret "s" not found`
    assert.deepEqual(before, ['ContainerCreating', 'False'])
    assert.deepEqual(told(events, 'FailedMount'), [unknown, unknown, `${text}references non-existent secret key: k`])
    assert.equal(run.status().phase, 'Running')
  })

  test('fails when its deadline has passed', async () => {
    const { run, pass } = scene({}, { spec: { activeDeadlineSeconds: 5 } })
    await pass(4_999)
    const before = run.status().phase

    await pass(1)

    const { phase, reason, message } = run.status()
    assert.deepEqual(
      [before, phase, reason, message],
      ['Running', 'Failed', 'DeadlineExceeded', 'Pod was active on the node longer than the specified deadline'],
    )
  })

  test('is ready only with its readiness gates, and says what keeps them shut', async () => {
    const readinessGates = [{ conditionType: 'a/b' }, { conditionType: 'c/d' }]
    const conditions = [{ type: 'c/d', status: 'False' }] as const
    const { run, pod, pass } = scene({}, { spec: { readinessGates }, status: { conditions } })
    await pass(20)
    const ready = (): string | undefined => run.status().conditions?.find(({ type }) => type === 'Ready')?.message
    const before = ready()

    run.update({
      ...pod,
      status: { conditions: readinessGates.map(({ conditionType }) => ({ type: conditionType, status: 'True' })) },
    })

    assert.equal(
      before,
      'corresponding condition of pod readiness gate "a/b" does not exist., the status of pod readiness gate "c/d" is not "True", but False',
    )
    assert.equal(ready(), undefined)
  })

  test('takes an ephemeral container while it runs, which never restarts', async () => {
    const { run, pod, pass } = scene({})
    await pass(20)

    run.update({
      ...pod,
      spec: { ...pod.spec, ephemeralContainers: [{ name: 'debug', image: 'busybox', command: ['false'] }] },
    })
    await pass(60_000)

    const [debug] = run.status().ephemeralContainerStatuses ?? []
    assert.deepEqual([debug?.state?.terminated?.exitCode, debug?.restartCount, run.status().phase], [1, 0, 'Running'])
  })

  test('reports resources that were changed in place', async () => {
    const { run, pod, pass } = scene({ resources: { requests: { cpu: '1' } } })
    await pass(20)

    run.update({ ...pod, spec: { containers: [{ name: 'c', image: 'x', resources: { requests: { cpu: '2' } } }] } })

    const [status] = run.status().containerStatuses ?? []
    assert.deepEqual([status?.allocatedResources, status?.restartCount], [{ cpu: '2' }, 0])
  })
})

describe('log lines of an annotation', () => {
  test('come one at a time, again and again, at their interval', async () => {
    const annotations = { 'capstan.dev/logs': 'a\nb', 'capstan.dev/log-interval': '1s' }
    const { run, pass } = scene({}, { annotations })
    await pass(20)

    for (let second = 0; second < 3; second++) await pass(1_000)

    assert.equal(printed(run), 'a\nb\na\nb\n')
  })
})

describe('probes', () => {
  const probe = { periodSeconds: 1, failureThreshold: 2 }

  test('restart a container whose liveness probe fails as its annotation says', async () => {
    const { run, events, pass } = scene(
      { livenessProbe: probe },
      { annotations: { 'capstan.dev/liveness-probe': 'failure-after=5s' } },
    )
    await pass(4_900)
    const before = run.status().containerStatuses?.[0]?.restartCount

    for (let second = 0; second < 3; second++) await pass(1_000)

    const failed = 'Liveness probe failed: HTTP probe failed with statuscode: 500'
    assert.deepEqual([before, run.status().containerStatuses?.[0]?.restartCount], [0, 1])
    assert.deepEqual(told(events, 'Unhealthy'), [failed, failed])
    assert.deepEqual(told(events, 'Killing'), ['Container c failed liveness probe, will be restarted'])
  })

  test('that fail leave a container unready until they succeed', async () => {
    const { run, events, pass } = scene(
      { readinessProbe: probe },
      { annotations: { 'capstan.dev/readiness-probe': 'success-after=3s' } },
    )
    const ready = (): boolean | undefined => run.status().containerStatuses?.[0]?.ready
    await pass(2_000)
    const before = ready()

    await pass(2_000)

    assert.deepEqual([before, ready()], [false, true])
    assert.equal(told(events, 'Unhealthy').length, 3)
  })

  test('of start-up hold the others back', async () => {
    const container = { startupProbe: { ...probe, failureThreshold: 10 }, readinessProbe: probe }
    const { run, pass } = scene(container, { annotations: { 'capstan.dev/startup-probe': 'success-after=3s' } })
    const state = (): readonly (boolean | undefined)[] => {
      const [status] = run.status().containerStatuses ?? []
      return [status?.started, status?.ready]
    }
    await pass(2_000)
    const before = state()

    await pass(2_000)

    assert.deepEqual(
      [before, state()],
      [
        [false, false],
        [true, true],
      ],
    )
  })

  test('by command are run where the container itself is interpreted, and taken to succeed elsewhere', async () => {
    const livenessProbe = { ...probe, exec: { command: ['cat', '/tmp/healthy'] } }
    const interpreted = scene({
      command: ['sh', '-c', 'touch /tmp/healthy; sleep 3; rm /tmp/healthy; sleep 600'],
      livenessProbe,
    })
    const image = scene({ livenessProbe })

    for (const { pass } of [interpreted, image]) for (let half = 0; half < 20; half++) await pass(500)

    assert.deepEqual(
      [interpreted, image].map(({ run }) => run.status().containerStatuses?.[0]?.restartCount),
      [1, 0],
    )
    assert.match(
      told(interpreted.events, 'Unhealthy')[0] ?? '',
      /^Liveness probe failed: cat: can't open '\/tmp\/healthy'/,
    )
  })

  test('are those of the container that is named', async () => {
    const annotations = { 'capstan.dev/liveness-probe': 'failure', 'capstan.dev/probe-container': 'other' }
    const { events, pass } = scene({ livenessProbe: probe }, { annotations })

    await pass(10_000)

    assert.deepEqual(told(events, 'Unhealthy'), [])
  })
})

describe('stopping', () => {
  const stops: readonly [string, Partial<Container>, Over, number, number][] = [
    ['at once by itself', {}, {}, 0, 0],
    ['after its preStop sleep', { lifecycle: { preStop: { sleep: { seconds: 4 } } } }, {}, 4_000, 0],
    [
      'as long as its annotation says',
      { command: ['sleep', '1h'] },
      { annotations: { 'capstan.dev/stop-after': '3s' } },
      3_000,
      143,
    ],
    [
      'no longer than its grace period',
      {},
      { annotations: { 'capstan.dev/stop-after': '1h' }, spec: { terminationGracePeriodSeconds: 7 } },
      7_000,
      137,
    ],
  ]
  for (const [name, container, over, afterMs, exitCode] of stops) {
    test(`takes ${name}`, async () => {
      const { run, pass } = scene(container, over)
      await pass(1_000)
      let isOver = false
      run.terminate(() => (isOver = true))
      const before = afterMs > 0 && isOver
      await pass(Math.max(0, afterMs - 1))
      const justBefore = afterMs > 0 && isOver

      await pass(1)

      assert.deepEqual([before, justBefore, isOver], [false, false, true])
      assert.equal(run.status().containerStatuses?.[0]?.state?.terminated?.exitCode, exitCode)
    })
  }

  test('runs a preStop command of an interpreted container', async () => {
    const lifecycle = { preStop: { exec: { command: ['sleep', '2'] } } }
    const { run, pass } = scene({ command: ['sleep', '1h'], lifecycle })
    await pass(1_000)
    let isOver = false
    run.terminate(() => (isOver = true))
    await pass(0)

    await pass(1_000)
    const before = isOver
    await pass(1_100)
    await pass(10)

    assert.deepEqual([before, isOver], [false, true])
  })

  test('is over for everyone who asks, also for a pod that has failed before', async () => {
    const { run, pass } = scene(
      {},
      { spec: { activeDeadlineSeconds: 1 }, annotations: { 'capstan.dev/stop-after': '2s' } },
    )
    await pass(1_000)
    const over: string[] = []
    run.terminate(() => over.push('while it stops'))
    const before = [...over]

    await pass(2_000)
    run.terminate(() => over.push('afterwards'))

    assert.deepEqual([before, over], [[], ['while it stops', 'afterwards']])
  })

  test('ends sidecars last, in reverse order', async () => {
    const initContainers = ['one', 'two'].map((name) => ({ name, image: 'y', restartPolicy: 'Always' }))
    const { run, pass } = scene({}, { spec: { initContainers }, annotations: { 'capstan.dev/stop-after': '1s' } })
    await pass(1_000)
    run.terminate()
    const running = (): readonly string[] => {
      const { containerStatuses = [], initContainerStatuses = [] } = run.status()
      return [...initContainerStatuses, ...containerStatuses]
        .filter(({ state }) => state?.running)
        .map(({ name }) => name)
    }

    const seen = [running()]
    for (let second = 0; second < 3; second++) {
      await pass(1_000)
      seen.push(running())
    }

    assert.deepEqual(seen, [['one', 'two', 'c'], ['one', 'two'], ['one'], []])
  })

  test('a postStart command that fails ends its container', async () => {
    const lifecycle = { postStart: { exec: { command: ['false'] } } }
    const { run, events, pass } = scene({ command: ['sleep', '1h'], lifecycle }, { spec: { restartPolicy: 'Never' } })

    await pass(20)
    await pass(5)
    await pass(5)

    assert.deepEqual(told(events, 'FailedPostStartHook'), ['PostStartHook failed'])
    assert.equal(run.status().phase, 'Failed')
  })
})
