// The stories again, word for word, on a real kube-apiserver with etcd.
import assert from 'node:assert/strict'
import { globSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { run } from '../support/processes.ts'
import { startRealCluster } from '../support/real-cluster.ts'

const ROOT = join(import.meta.dirname, '../..')
/** Stories about the embedded cluster itself, or about no cluster at all. */
const ELSEWHERE = new Set([
  'local-cluster.test.ts',
  'manifests-from-git.test.ts',
  'start-refused.test.ts',
  'kill-and-go-on.test.ts',
])
const FLAGS = ['--test', '--test-isolation=none', '--test-force-exit', '--test-timeout=120000', '--test-reporter=tap']
const TIMEOUT_MS = 280_000

test('every story holds on a real kube-apiserver', { timeout: TIMEOUT_MS + 15_000 }, async (t) => {
  const cluster = await startRealCluster()
  t.after(() => cluster.stop())
  const files = globSync('test/stories/*.test.ts', { cwd: ROOT }).filter(
    (file) => !ELSEWHERE.has(file.split('/').at(-1) ?? ''),
  )
  const env = { CAPSTAN_TEST_CLUSTER: 'real', CAPSTAN_TEST_KUBECONFIG: cluster.kubeconfig }

  const { code, stdout, stderr } = await run(process.execPath, [...FLAGS, ...files.toSorted()], {
    cwd: ROOT,
    env,
    timeoutMs: TIMEOUT_MS,
  })

  const [tests = 0, failed = 1, cancelled = 1, skipped = 1] = ['tests', 'fail', 'cancelled', 'skipped'].map((name) =>
    Number(new RegExp(`^# ${name} (?<count>\\d+)$`, 'm').exec(stdout)?.groups?.['count']),
  )
  assert.deepEqual(
    { failed, cancelled, skipped, code },
    { failed: 0, cancelled: 0, skipped: 0, code: 0 },
    stdout + stderr,
  )
  assert.ok(tests > 40, `${tests} stories were told`)
  t.diagnostic(`${tests} stories on a real kube-apiserver`)
})
