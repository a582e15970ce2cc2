// The stories again, word for word, on a real kube-apiserver with etcd.
import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { run } from '../support/processes.ts'
import { startRealCluster, type RealCluster } from '../support/real-cluster.ts'

const ROOT = join(import.meta.dirname, '../..')
/** Only files with these words choose their cluster; the others are about the embedded one itself, or about none. */
const CHOOSES = /startStoryPlane|startDeliveryCluster|startPullScene|startRegistryDelivery|openStoryCluster/
const FLAGS = ['--test', '--test-isolation=none', '--test-force-exit', '--test-timeout=120000', '--test-reporter=tap']
const TIMEOUT_MS = 480_000

describe('on a real kube-apiserver', () => {
  let cluster: RealCluster
  before(async () => {
    cluster = await startRealCluster()
  })
  after(() => cluster.stop())

  for (const file of storyFiles()) {
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
  return globSync(['test/stories/*.test.ts', 'test/long-stories/*.test.ts'], { cwd: ROOT })
    .filter((file) => CHOOSES.test(readFileSync(join(ROOT, file), 'utf8')))
    .toSorted()
}
