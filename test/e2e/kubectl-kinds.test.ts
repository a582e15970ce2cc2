// The real kubectl says the same of every kind, of rights and of changes on the embedded cluster as on a real kube-apiserver.
import assert from 'node:assert/strict'
import { describe, test, type TestContext } from 'node:test'
import { kubectlFor } from '../support/kubectl.ts'
import { startEmbedded, startReal } from '../support/two-clusters.ts'
import { CHANGES_WALK } from './changes-walk.ts'
import { KINDS_WALK } from './kinds-walk.ts'
import { walk, type Step } from './kubectl-walk.ts'

const TIMEOUT_MS = 150_000

async function compare(t: TestContext, steps: readonly Step[]): Promise<void> {
  const go = async (kubeconfig: Promise<string>): Promise<readonly string[]> =>
    walk(kubectlFor(t, await kubeconfig, 's/a/a/'), steps)
  const [ours, theirs] = await Promise.all([go(startEmbedded(t)), go(startReal(t))])

  const unexpected = theirs.filter((step) => step.includes(' (expected '))
  const different = theirs.flatMap((step, index) => (ours[index] === step ? [] : [{ theirs: step, ours: ours[index] }]))
  assert.deepEqual(unexpected, [])
  assert.deepEqual(different, [])
}

describe('kubectl on every kind', { timeout: 2 * TIMEOUT_MS }, () => {
  test('tables, yaml, descriptions and explanations of all kinds: both answer alike', { timeout: TIMEOUT_MS }, (t) =>
    compare(t, KINDS_WALK),
  )

  test('rights, tokens, writes of every form, rollouts, deletes: both answer alike', { timeout: TIMEOUT_MS }, (t) =>
    compare(t, CHANGES_WALK),
  )
})
