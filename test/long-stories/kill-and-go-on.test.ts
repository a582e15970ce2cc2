// A process that is killed at any moment: the next one on the same data directory finishes what was under way.
import assert from 'node:assert/strict'
import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { parseApplication } from '../../src/crds/application.ts'
import type { KubeObject } from '../../src/kube/object.ts'
import { startUp, type CapstanUp } from '../support/capstan-up.ts'
import { createRepository, temporaryFolder, type TestRepository } from '../support/git.ts'
import { configMap } from '../support/manifests.ts'

const EXAMPLE = join(import.meta.dirname, '../../examples/waves-and-hooks')
const APPLICATION = 'Application.argoproj.io'
/** Long enough for a kill in the middle, on a busy machine too. */
const MIGRATION_SECONDS = 4

/** The example with a PreSync hook that takes its time. */
function slowExample(folder: string): TestRepository {
  const repository = createRepository(folder)
  cpSync(EXAMPLE, join(folder, 'orders'), { recursive: true })
  const file = join(folder, 'orders/migrate.yaml')
  writeFileSync(file, readFileSync(file, 'utf8').replace('sleep 0.2', `sleep ${MIGRATION_SECONDS}`))
  repository.commit({})
  return repository
}

async function create(up: CapstanUp, name: string, repository: TestRepository, more = ''): Promise<void> {
  const place = `--dest-server https://kubernetes.default.svc --dest-namespace ${name}`
  const flags = `--path ${name} --revision main ${place} --sync-option CreateNamespace=true --repo ${repository.url}`
  await up.line.ok(`app create ${name} ${flags} ${more}`.trim())
}

function phaseOf(object: KubeObject): string | undefined {
  return parseApplication(object).status?.operationState?.phase
}

test(
  'kill -9 in the middle of a sync with hooks: the next start finishes it, the hook ran once',
  { timeout: 60_000 },
  async (t) => {
    const folder = temporaryFolder(t)
    const repository = slowExample(join(folder, 'repository'))
    const dataDir = join(folder, 'data')
    const first = await startUp(t, dataDir)
    await create(first, 'orders', repository)
    await first.line.ok('app sync orders --async')
    const hook = await first.until('Job.batch', 'orders/migrate', () => true)
    const before = parseApplication(
      await first.until(APPLICATION, 'argocd/orders', (app) => phaseOf(app) === 'Running'),
    )

    assert.equal(await first.end('SIGKILL'), 'SIGKILL')
    const second = await startUp(t, dataDir)
    const ended = await second.until(APPLICATION, 'argocd/orders', (app) => phaseOf(app) === 'Succeeded')

    const { status } = parseApplication(ended)
    const jobs = status?.operationState?.syncResult?.resources?.filter(({ kind }) => kind === 'Job')
    assert.equal(status?.operationState?.startedAt, before.status?.operationState?.startedAt)
    assert.deepEqual(
      jobs?.map(({ name, hookPhase }) => [name, hookPhase]),
      [
        ['migrate', 'Succeeded'],
        ['check', 'Succeeded'],
      ],
    )
    const after = await second.until('Job.batch', 'orders/migrate', () => true)
    assert.equal(after.metadata.uid, hook.metadata.uid)
    await second.line.ok('app wait orders --timeout 20')
    assert.equal(await second.end('SIGTERM'), 0)
  },
)

test('kill -9 again and again loses no application, session key or history', { timeout: 60_000 }, async (t) => {
  const folder = temporaryFolder(t)
  const repository = createRepository(join(folder, 'repository'))
  const first = repository.commit({ 'web/one.json': configMap('one', 'a') })
  const dataDir = join(folder, 'data')
  let up = await startUp(t, dataDir)
  await create(up, 'web', repository, '--sync-policy automated --self-heal')
  await up.until(APPLICATION, 'argocd/web', (app) => phaseOf(app) === 'Succeeded')
  await up.end('SIGKILL')
  const second = repository.commit({ 'web/one.json': configMap('one', 'b') })

  for (const _ of [1, 2]) {
    up = await startUp(t, dataDir)
    await up.end('SIGKILL')
  }
  up = await startUp(t, dataDir)
  await up.line.ok('app wait web --timeout 20')
  const live = await up.until(
    'ConfigMap',
    'web/one',
    (object) => 'data' in object && JSON.stringify(object.data) === '{"value":"b"}',
  )
  const history = parseApplication(await up.until(APPLICATION, 'argocd/web', ({ metadata }) => metadata.name === 'web'))

  assert.equal(live.metadata.namespace, 'web')
  assert.deepEqual(
    history.status?.history?.map(({ revision }) => revision),
    [first, second],
  )
})
