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

  test('top shows the figures of the simulated nodes', async (t) => {
    const kubectl = await embedded(t)

    const top = await kubectl.run('top nodes')

    assert.deepEqual([top.code, top.stderr], [0, ''])
    assert.match(top.stdout, /^NAME +CPU\(cores\) +CPU\(%\) +MEMORY\(bytes\) +MEMORY\(%\) *\nnode-1 +\d+m +\d+%/)
  })

  test('a watch sees objects come and go', async (t) => {
    const ours = await watch(await embedded(t))
    const theirs = await watch(await real(t))

    assert.match(theirs, /^EVENT NAME DATA AGE\nADDED first 1 AGE\nADDED second 2 AGE\nDELETED first 1 AGE\n$/)
    assert.equal(ours, theirs)
  })
})
