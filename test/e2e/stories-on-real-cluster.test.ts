// The stories again, word for word, on a real kube-apiserver with etcd.
import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { run } from '../support/processes.ts'
import { startRealCluster, type RealCluster } from '../support/real-cluster.ts'

const ROOT = join(import.meta.dirname, '../..')
/** Only files with these words choose their cluster; the others are about the embedded one itself, or about none. */
const CHOOSES = /startStoryPlane|startDeliveryCluster|startPullScene/
/** Told on the embedded cluster alone, each for a fault that is to be mended. */
const LEFT_OUT: ReadonlyMap<string, string> = new Map([
  ['secrets-in-git', 'its keys and repositories stay behind in the cluster that all stories share'],
  ['secrets-in-vault', 'the keys of the stories of Git stay behind in the cluster that all stories share'],
])
const FLAGS = ['--test', '--test-isolation=none', '--test-force-exit', '--test-timeout=120000', '--test-reporter=tap']
const TIMEOUT_MS = 240_000

describe('on a real kube-apiserver', () => {
  let cluster: RealCluster
  before(async () => {
    cluster = await startRealCluster()
  })
  after(() => cluster.stop())

  test('stories that are left out are there, and told why', (t) => {
    const known = new Set(storyFiles().map(storyOf))
    for (const [story, reason] of LEFT_OUT) {
      assert.ok(known.has(story), `${story} is no story that chooses its cluster`)
      t.diagnostic(`left out: ${story}: ${reason}`)
    }
  })

  for (const file of storyFiles().filter((one) => !LEFT_OUT.has(storyOf(one)))) {
    test(`the stories of ${storyOf(file)} hold`, async (t) => {
      const env = { CAPSTAN_TEST_CLUSTER: 'real', CAPSTAN_TEST_KUBECONFIG: cluster.kubeconfig }

      const finished = await run(process.execPath, [...FLAGS, file], { cwd: ROOT, env, timeoutMs: TIMEOUT_MS })

      const { stdout, stderr, code } = finished
      const [tests, failed, cancelled, skipped] = ['tests', 'fail', 'cancelled', 'skipped'].map((name) =>
        Number(new RegExp(`^# ${name} (?<count>\\d+)$`, 'm').exec(stdout)?.groups?.['count']),
      )
      const wanted = { failed: 0, cancelled: 0, skipped: 0, code: 0 }
      assert.deepEqual({ failed, cancelled, skipped, code }, wanted, stdout + stderr)
      assert.ok(tests !== undefined && tests > 0, 'no story was told')
      t.diagnostic(`${tests} stories`)
    })
  }
})

function storyOf(file: string): string {
  return basename(file, '.test.ts')
}

function storyFiles(): readonly string[] {
  return globSync('test/stories/*.test.ts', { cwd: ROOT })
    .filter((file) => CHOOSES.test(readFileSync(join(ROOT, file), 'utf8')))
    .toSorted()
}
