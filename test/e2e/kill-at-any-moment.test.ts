// Kills at many moments of a sync: after each, `up` on the same data directory finishes what was under way, and hooks run once.
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { parseApplication, type Application } from '../../src/crds/application.ts'
import type { KubeObject } from '../../src/kube/object.ts'
import { startUp, type CapstanUp } from '../support/capstan-up.ts'
import { createRepository, temporaryFolder } from '../support/git.ts'
import { configMap } from '../support/manifests.ts'

/** After the answer to the sync request: before the first hook, within it, between waves, after the end. */
const MOMENTS_MS = [0, 15, 40, 80, 150, 250, 400, 600, 900]
const APPLICATION = 'Application.argoproj.io'

/** A hook whose every run leaves a Job of its own. */
function hook(type: string): string {
  const annotations = { 'argocd.argoproj.io/hook': type }
  const container = { name: 'main', image: 'busybox', command: ['sh', '-c', 'sleep 0.1'] }
  const spec = { template: { spec: { restartPolicy: 'Never', containers: [container] } } }
  const metadata = { generateName: `${type.toLowerCase()}-`, annotations }
  return JSON.stringify({ apiVersion: 'batch/v1', kind: 'Job', metadata, spec })
}

function ended(object: KubeObject): boolean {
  const { operation, status }: Application = parseApplication(object)
  return operation === undefined && status?.operationState?.phase === 'Succeeded'
}

async function jobs({ client }: CapstanUp): Promise<readonly string[]> {
  const type = await client.resourceOf({ group: 'batch', kind: 'Job' })
  assert.ok(type)
  const { items } = await client.list(type, { namespace: 'web' })
  return items.map(({ metadata }) => metadata.name ?? '')
}

test(
  'killed at any moment of a sync, the next start finishes it and no hook runs twice',
  { timeout: 180_000 },
  async (t) => {
    const folder = temporaryFolder(t)
    const repository = createRepository(join(folder, 'repository'))
    const dataDir = join(folder, 'data')
    const files = { 'web/before.json': hook('PreSync'), 'web/after.json': hook('PostSync') }
    let revision = repository.commit({ ...files, 'web/one.json': configMap('one', 'start') })
    let up = await startUp(t, dataDir)
    const place = '--dest-server https://kubernetes.default.svc --dest-namespace web --sync-option CreateNamespace=true'
    await up.line.ok(`app create web --path web --revision main ${place} --repo ${repository.url}`)

    for (const momentMs of MOMENTS_MS) {
      revision = repository.commit({
        'web/one.json': configMap('one', `${momentMs}`, { wave: '-1' }),
        'web/two.json': configMap('two', `${momentMs}`, { wave: '1' }),
      })
      await up.line.ok('app sync web --async')
      await new Promise((resolve) => setTimeout(resolve, momentMs))
      assert.equal(await up.end('SIGKILL'), 'SIGKILL')
      up = await startUp(t, dataDir)
      await up.until(APPLICATION, 'argocd/web', ended)
    }

    const { status } = parseApplication(await up.until(APPLICATION, 'argocd/web', ended))
    const names = await jobs(up)
    assert.equal(status?.operationState?.syncResult?.revision, revision)
    assert.equal(status?.history?.length, MOMENTS_MS.length)
    for (const type of ['presync', 'postsync']) {
      const runs = names.filter((name) => name.startsWith(`${type}-`))
      assert.equal(runs.length, MOMENTS_MS.length, `${type} ran ${runs.length} times: ${names.join(' ')}`)
    }
  },
)
