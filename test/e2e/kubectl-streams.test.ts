// The real kubectl in simulated pods: exec, attach, run, debug, port-forward, logs, cp.
import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test, type TestContext } from 'node:test'
import { temporaryFolder } from '../support/git.ts'
import { kubectlFor, type Kubectl } from '../support/kubectl.ts'
import { run, startCapstan, startProgram } from '../support/processes.ts'
import { peer } from '../support/real-cluster.ts'

const TIMEOUT_MS = 120_000
/** Puts a program on a terminal of its own. */
const SCRIPT = '/usr/bin/script'

const MANIFESTS = `
apiVersion: v1
kind: ConfigMap
metadata: {name: settings}
data: {color: red}
---
apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  containers:
  - name: main
    image: nginx
    env: [{name: COLOR, valueFrom: {configMapKeyRef: {name: settings, key: color}}}]
    volumeMounts: [{name: settings, mountPath: /etc/settings}]
  - {name: side, image: busybox}
  volumes: [{name: settings, configMap: {name: settings}}]
---
apiVersion: v1
kind: Pod
metadata: {name: ticks}
spec:
  restartPolicy: Never
  containers:
  - {name: main, image: busybox, command: [sh, -c, "for i in 1 2 3 4; do echo tick $i; sleep 0.5; done"]}
---
apiVersion: v1
kind: Pod
metadata: {name: crash}
spec:
  containers:
  - {name: main, image: busybox, command: [sh, -c, "echo boom; exit 1"]}
---
apiVersion: v1
kind: Pod
metadata: {name: held}
spec:
  containers:
  - {name: main, image: busybox, envFrom: [{secretRef: {name: missing}}]}
---
apiVersion: v1
kind: Pod
metadata: {name: mounting}
spec:
  containers:
  - {name: main, image: busybox}
  volumes: [{name: v, secret: {secretName: missing}}]
`

interface World {
  readonly kubectl: Kubectl
  readonly env: Readonly<Record<string, string>>
  readonly folder: string
}

async function start(t: TestContext): Promise<World> {
  const folder = temporaryFolder(t)
  const file = join(folder, 'kubeconfig')
  const flags = ['--data-dir', join(folder, 'data'), '--port', '0', '--kubeconfig', file]
  await startCapstan(t, ['local-cluster', ...flags], /^ready /m)
  const kubectl = kubectlFor(t, file, '')
  const applied = await kubectl.run('apply -f -', MANIFESTS)
  assert.equal(applied.code, 0, applied.stderr)
  const waited = await kubectl.run('wait --for=condition=Ready pod/web --timeout=30s')
  assert.equal(waited.code, 0, waited.stderr)
  return { kubectl, env: { HOME: folder, KUBECONFIG: file }, folder }
}

/** The local port in `Forwarding from 127.0.0.1:PORT -> 80`. */
function portOf(output: string): string {
  return /127\.0\.0\.1:(?<port>\d+)/.exec(output)?.groups?.['port'] ?? ''
}

describe('kubectl in simulated pods', { timeout: TIMEOUT_MS }, () => {
  test('exec: outputs, exit codes, input, variables, files, and what is refused', async (t) => {
    const { kubectl } = await start(t)
    const runtime =
      /OCI runtime exec failed: exec failed: unable to start container process: exec: "\w+": executable file not found in \$PATH: unknown\n$/
    const cases: readonly [string, string | undefined, number, string | RegExp, string | RegExp][] = [
      ['exec web -c main -- echo hello', undefined, 0, 'hello\n', ''],
      [
        "exec web -c main -- sh -c 'echo out; echo err >&2; exit 3'",
        undefined,
        3,
        'out\n',
        'err\ncommand terminated with exit code 3\n',
      ],
      ['exec -i web -c main -- cat', 'a\nb', 0, 'a\nb', ''],
      ['exec -i web -c main -- sh', 'echo $COLOR\nexit 4\n', 4, 'red\n', 'command terminated with exit code 4\n'],
      ['exec web -c main -- cat /etc/settings/color', undefined, 0, 'red', ''],
      [
        'exec web -c main -- ls /var/run/secrets/kubernetes.io/serviceaccount',
        undefined,
        0,
        'ca.crt\nnamespace\ntoken\n',
        '',
      ],
      ['exec web -- hostname', undefined, 0, 'web\n', 'Defaulted container "main" out of: main, side\n'],
      ['exec web -c main -- vi', undefined, 1, '', runtime],
      [
        'exec web -c none -- ls',
        undefined,
        1,
        '',
        'error: container none is not valid for pod web out of: main, side\n',
      ],
      ['exec none -- ls', undefined, 1, '', 'Error from server (NotFound): pods "none" not found\n'],
      ['exec held -- ls', undefined, 1, '', 'error: unable to upgrade connection: container not found ("main")\n'],
      // As in every image without tar.
      ['cp web:/etc/hosts /dev/null -c main', undefined, 1, '', runtime],
    ]

    for (const [words, input, code, stdout, stderr] of cases) {
      const found = await kubectl.run(words, input)
      assert.equal(found.code, code, words)
      for (const [text, wanted] of [
        [found.stdout, stdout],
        [found.stderr, stderr],
      ] as const) {
        if (typeof wanted === 'string') assert.equal(text, wanted, words)
        else assert.match(text, wanted, words)
      }
    }
  })

  test('exec and port-forward by SPDY, as clients before 1.31 do', async (t) => {
    const { env } = await start(t)
    const old = { ...env, KUBECTL_REMOTE_COMMAND_WEBSOCKETS: 'false', KUBECTL_PORT_FORWARD_WEBSOCKETS: 'false' }

    const command = ['exec', '-i', 'web', '-c', 'main', '--', 'sh', '-c', 'cat; echo err >&2; exit 5']
    const { code, stdout, stderr } = await run(peer('kubectl'), command, { env: old, input: 'in' })
    const forward = [peer('kubectl'), 'port-forward', 'pod/web', ':80']
    const forwarding = await startProgram(t, forward, /Forwarding from 127/, { env: old })
    const answer = await fetch(`http://127.0.0.1:${portOf(forwarding.output())}/spdy`)

    assert.deepEqual([code, stdout, stderr], [5, 'in', 'err\ncommand terminated with exit code 5\n'])
    assert.match(await answer.text(), /^request: GET \/spdy$/m)
    await forwarding.end()
  })

  test('exec -it: a prompt, an echo, a program that is not there, an exit code', async (t) => {
    if (!existsSync(SCRIPT)) {
      t.skip('no script(1) to make a terminal with')
      return
    }
    const { env } = await start(t)
    const command = `${peer('kubectl')} exec -it web -c main -- sh`

    const terminal = await run(SCRIPT, ['-qec', command, '/dev/null'], { env, input: 'pwd\rvi\rexit 6\r' })

    assert.equal(terminal.code, 6)
    const lines = terminal.stdout.replaceAll('\r', '')
    // What is typed ahead is echoed before the first answer.
    assert.match(lines, /\/ # pwd\n[^]*\n\/\n\/ # /)
    assert.match(lines, /sh: vi: not found\n/)
  })

  test('port-forward: HTTP gets a page, several connections side by side, a service goes to its pod', async (t) => {
    const { kubectl } = await start(t)
    await kubectl.run('create deployment shop --image=nginx --port=80')
    await kubectl.run('expose deployment shop --port=8080 --target-port=80')
    await kubectl.run('rollout status deployment/shop --timeout=30s')

    const pod = await kubectl.start('port-forward pod/web :5432', /Forwarding from 127/)
    const service = await kubectl.start('port-forward service/shop :8080', /Forwarding from 127/)
    const address = `http://127.0.0.1:${portOf(pod.output())}`
    const pages = await Promise.all([1, 2, 3].map(async (page) => (await fetch(`${address}/${page}`)).text()))
    const ofService = await (await fetch(`http://127.0.0.1:${portOf(service.output())}/`)).text()

    for (const [index, page] of pages.entries())
      assert.match(page, new RegExp(`pod: default/web\nnode: node-\\d\nport: 5432\nrequest: GET /${index + 1}\n`))
    assert.match(ofService, /pod: default\/shop-\S+\nnode: node-\d\nport: 80\n/)
    for (const forwarding of [pod, service]) await forwarding.end()
  })

  test('logs: followed to the end, of the run before, in part, and why there are none', async (t) => {
    const { kubectl } = await start(t)
    const followed = await kubectl.run('logs -f ticks')
    await kubectl.run('wait --for=jsonpath={.status.containerStatuses[0].restartCount}=1 pod/crash --timeout=30s')
    const waiting = 'Error from server (BadRequest): container "main" in pod'
    const cases: readonly [string, number, string | RegExp][] = [
      ['logs ticks --tail=1', 0, 'tick 4\n'],
      ['logs ticks --limit-bytes=6', 0, 'tick 1'],
      ['logs ticks --tail=1 --timestamps', 0, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z tick 4\n$/],
      ['logs ticks --since=1h', 0, 'tick 1\ntick 2\ntick 3\ntick 4\n'],
      ['logs ticks --since-time=2000-01-01T00:00:00Z --tail=2', 0, 'tick 3\ntick 4\n'],
      ['logs crash --previous', 0, 'boom\n'],
      [
        'logs ticks --previous',
        1,
        'Error from server (BadRequest): previous terminated container "main" in pod "ticks" not found\n',
      ],
      ['logs held', 1, `${waiting} "held" is waiting to start: CreateContainerConfigError\n`],
      ['logs mounting', 1, `${waiting} "mounting" is waiting to start: ContainerCreating\n`],
      ['logs ticks -c none', 1, 'error: container none is not valid for pod ticks out of: main\n'],
      ['logs web --all-containers --prefix', 0, ''],
      [
        'get --raw /api/v1/namespaces/default/pods/web/log',
        1,
        'Error from server (BadRequest): a container name must be specified for pod web, choose one of: [main side]\n',
      ],
      [
        'get --raw /api/v1/namespaces/default/pods/ticks/log?sinceSeconds=0',
        1,
        /sinceSeconds: Invalid value: 0: must be greater than 0/,
      ],
    ]

    assert.deepEqual([followed.code, followed.stdout], [0, 'tick 1\ntick 2\ntick 3\ntick 4\n'])
    for (const [words, code, wanted] of cases) {
      const found = await kubectl.run(words)
      const text = code === 0 ? found.stdout : found.stderr
      assert.equal(found.code, code, words)
      if (typeof wanted === 'string') assert.equal(text, wanted, words)
      else assert.match(text, wanted, words)
    }
  })

  test('run -i, attach and debug: a program that reads, one that prints, one beside it', async (t) => {
    const { kubectl } = await start(t)

    const hello = await kubectl.run('run hello -i --rm --restart=Never --image=busybox --quiet -- cat', 'over there\n')
    await kubectl.run("run loop --image=busybox -- sh -c 'while true; do echo on; sleep 0.2; done'")
    await kubectl.run('wait --for=condition=Ready pod/loop --timeout=30s')
    const attached = await kubectl.start('attach loop', /on\non\n/)
    const debug = await kubectl.run('debug web --image=busybox --target=main -c look -- hostname')
    await kubectl.run(
      'wait --for=jsonpath={.status.ephemeralContainerStatuses[0].state.terminated.exitCode}=0 pod/web --timeout=30s',
    )
    const looked = await kubectl.run('logs web -c look')

    assert.match(hello.stdout, /^over there\n/)
    assert.equal(debug.code, 0, debug.stderr)
    assert.equal(looked.stdout, 'web\n')
    await attached.end()
  })
})
