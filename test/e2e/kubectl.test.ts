// The real kubectl says the same of the embedded cluster as of a real kube-apiserver.
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { describe, test, type TestContext } from 'node:test'
import { kubectlFor, normalise, type Kubectl } from '../support/kubectl.ts'
import { temporaryFolder } from '../support/git.ts'
import { startCapstan } from '../support/processes.ts'
import { startRealCluster } from '../support/real-cluster.ts'
import { runOn } from '../support/story-cluster.ts'
import { walk } from './kubectl-walk.ts'

const TIMEOUT_MS = 240_000
/** What the editor of `kubectl edit` does. */
const EDIT = 's/color: red/color: edited/'

async function embedded(t: TestContext): Promise<Kubectl> {
  const folder = temporaryFolder(t)
  const file = join(folder, 'kubeconfig')
  const flags = ['--data-dir', join(folder, 'data'), '--port', '0', '--kubeconfig', file]
  await startCapstan(t, ['local-cluster', ...flags], /^ready /m)
  return kubectlFor(t, file, EDIT)
}

/** kube-apiserver and etcd, with the same controllers and nodes as the embedded cluster. */
async function real(t: TestContext): Promise<Kubectl> {
  const cluster = await startRealCluster()
  const running = await runOn(cluster.kubeconfig, { hasNodes: true }, { atEnd: () => cluster.stop() })
  t.after(() => running.close())
  return kubectlFor(t, cluster.kubeconfig, EDIT)
}

async function watch(kubectl: Kubectl): Promise<string> {
  await kubectl.run('create namespace watched')
  await kubectl.run('create configmap first -n watched --from-literal=a=1')
  const words = 'get configmaps -n watched --field-selector=metadata.name!=kube-root-ca.crt -w --output-watch-events'
  const watching = await kubectl.start(words, /first/)
  await kubectl.run('create configmap second -n watched --from-literal=a=1 --from-literal=b=2')
  await kubectl.run('delete configmap first -n watched')
  const endMs = Date.now() + 10_000
  while (!watching.output().includes('DELETED') && Date.now() < endMs) {
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  await watching.end()
  return normalise(watching.output())
}

describe('kubectl', { timeout: TIMEOUT_MS }, () => {
  test('create, get, describe, apply, diff, edit, scale, label, wait, rollout, delete: both answer alike', async (t) => {
    const ours = await walk(await embedded(t))
    const theirs = await walk(await real(t))

    const unexpected = theirs.filter((step) => step.includes(' (expected '))
    assert.deepEqual(unexpected, [])
    for (const [index, step] of theirs.entries()) {
      await t.test(step.split('\n', 1)[0] ?? '', () => assert.equal(ours[index], step))
    }
  })

  test('what a simulated node cannot do is refused in one sentence, and logs are those of the simulation', async (t) => {
    const kubectl = await embedded(t)
    await kubectl.run('create deployment web --image=nginx:1.29')
    await kubectl.run('rollout status deployment/web --timeout=30s')
    await kubectl.run("run hello --image=busybox --restart=Never -- sh -c 'echo hello'")
    await kubectl.run('wait --for=jsonpath={.status.phase}=Succeeded pod/hello --timeout=30s')

    for (const words of ['exec deployment/web -- ls', 'attach deployment/web', 'port-forward deployment/web :80']) {
      const { code, stderr } = await kubectl.run(words)
      assert.equal(code, 1, words)
      assert.match(stderr, /the nodes of this cluster are simulated: nothing runs in pod web-\S+ that \w+ could reach/)
    }
    const top = await kubectl.run('top nodes')
    assert.deepEqual([top.code, top.stderr], [1, 'error: Metrics API not available\n'])
    assert.equal((await kubectl.run('logs hello')).stdout, 'hello\n')
  })

  test('a watch sees objects come and go', async (t) => {
    const ours = await watch(await embedded(t))
    const theirs = await watch(await real(t))

    assert.match(theirs, /^EVENT NAME DATA AGE\nADDED first 1 AGE\nADDED second 2 AGE\nDELETED first 1 AGE\n$/)
    assert.equal(ours, theirs)
  })
})
