// Kills at many moments of a sync and of a prune: after each, `up` on the same data directory finishes what was under way, and nothing is done twice.
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { parseApplication, type Application } from '../../src/crds/application.ts'
import type { ResourceType, WatchEvent } from '../../src/kube/client/client.ts'
import type { KubeObject } from '../../src/kube/object.ts'
import { startUp, type CapstanUp } from '../support/capstan-up.ts'
import { createRepository, temporaryFolder, type TestRepository } from '../support/git.ts'
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
      await pause(momentMs)
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

const ITEMS = 50
/** Waves 0 and 1. */
const FIRST_WAVE = ITEMS / 2
/** Half of a wave is not reached when so many were seen. */
const SEEN_BEFORE_KILL = 10
const KINDS = ['ConfigMap', 'NetworkPolicy.networking.k8s.io']
const HELD = 'item-48'

function itemName(index: number): string {
  return `item-${String(index).padStart(2, '0')}`
}

/** Config maps and network policies by turns: the latter tell by their generation how often they were changed. */
function items(finalizers: Readonly<Record<string, readonly string[]>> = {}): Readonly<Record<string, string>> {
  const manifests = Array.from({ length: ITEMS }, (_, index) => {
    const name = itemName(index)
    const annotations = { 'argocd.argoproj.io/sync-wave': index < FIRST_WAVE ? '0' : '1' }
    const metadata = { name, annotations, finalizers: finalizers[name] ?? [] }
    const object =
      index % 2 === 0
        ? { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { value: name } }
        : { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', metadata, spec: { podSelector: {} } }
    return [`web/${name}.json`, JSON.stringify(object)] as const
  })
  return Object.fromEntries(manifests)
}

async function typeOf({ client }: CapstanUp, apiKind: string): Promise<ResourceType> {
  const [kind = '', ...group] = apiKind.split('.')
  const type = await client.resourceOf({ group: group.join('.'), kind })
  assert.ok(type)
  return type
}

/** The items there are, by name. */
async function liveItems(up: CapstanUp): Promise<ReadonlyMap<string, KubeObject>> {
  const lists = await Promise.all(
    KINDS.map(async (kind) => up.client.list(await typeOf(up, kind), { namespace: 'web' })),
  )
  const found = lists.flatMap(({ items: objects }) => objects.filter(isItem))
  return new Map(found.map((object) => [object.metadata.name ?? '', object]))
}

/** A prune ends when all is marked as deleted; the garbage collector is done a moment later. The test's time limit ends the wait. */
async function untilGone(up: CapstanUp): Promise<void> {
  while ((await liveItems(up)).size > 0) await pause(50)
}

function isItem({ metadata }: KubeObject): boolean {
  return metadata.name?.startsWith('item-') === true
}

/** Kills the program as soon as enough such events were seen after `begin`; gives the items they told of, by name. */
async function killAmid(
  up: CapstanUp,
  wanted: WatchEvent['type'],
  begin: () => Promise<unknown>,
): Promise<ReadonlyMap<string, KubeObject>> {
  const seen = new Map<string, KubeObject>()
  const killed = Promise.withResolvers<void>()
  const watches = await Promise.all(
    KINDS.map(async (kind) => {
      const type = await typeOf(up, kind)
      const { resourceVersion } = await up.client.list(type, { namespace: 'web' })
      return up.client.watch(type, { namespace: 'web', resourceVersion })
    }),
  )
  const followed = watches.map(async (events) => {
    for await (const { type, object } of events) {
      if (type !== wanted || !isItem(object)) continue
      seen.set(object.metadata.name ?? '', object)
      if (seen.size === SEEN_BEFORE_KILL) killed.resolve(up.end('SIGKILL').then(() => undefined))
    }
  })
  // The killed server ends the watches, and may end the answer to `begin`.
  await Promise.all([killed.promise, Promise.allSettled([begin(), ...followed])])
  return seen
}

function syncedNames(object: KubeObject): readonly string[] {
  const { resources = [] } = parseApplication(object).status?.operationState?.syncResult ?? {}
  return resources.map(({ name }) => name).filter((name) => name.startsWith('item-'))
}

/** An application in a new repository, not yet synced. */
async function prepare(t: TestContext, files: Readonly<Record<string, string>>): Promise<Prepared> {
  const folder = temporaryFolder(t)
  const repository = createRepository(join(folder, 'repository'))
  repository.commit(files)
  const dataDir = join(folder, 'data')
  const up = await startUp(t, dataDir)
  const place = '--dest-server https://kubernetes.default.svc --dest-namespace web --sync-option CreateNamespace=true'
  await up.line.ok(`app create web --path web --revision main ${place} --repo ${repository.url}`)
  return { up, repository, restart: () => startUp(t, dataDir) }
}

interface Prepared {
  readonly up: CapstanUp
  readonly repository: TestRepository
  readonly restart: () => Promise<CapstanUp>
}

test(
  'killed amid a sync of 50, the next start applies the rest and leaves alone what was right',
  { timeout: 120_000 },
  async (t) => {
    // Not healthy until somebody gives it an address: the second wave cannot begin before the kill.
    const spec = { defaultBackend: { service: { name: 'web', port: { number: 80 } } } }
    const gate = { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', metadata: { name: 'gate' }, spec }
    const { up, restart } = await prepare(t, { ...items(), 'web/gate.json': JSON.stringify(gate) })

    const seen = await killAmid(up, 'ADDED', () => up.line.ok('app sync web --async'))
    const next = await restart()
    await next.until('Ingress.networking.k8s.io', 'web/gate', () => true)
    const gateRef = { type: await typeOf(next, 'Ingress.networking.k8s.io'), namespace: 'web', name: 'gate' }
    const status = { loadBalancer: { ingress: [{ ip: '192.0.2.1' }] } }
    await next.client.patch({ ...gateRef, subresource: 'status' }, 'merge', { status })
    const application = await next.until(APPLICATION, 'argocd/web', ended)
    const live = await liveItems(next)

    const all = Array.from({ length: ITEMS }, (_, index) => itemName(index))
    assert.ok([...seen.keys()].every((name) => name < itemName(FIRST_WAVE)))
    assert.deepEqual([...live.keys()].toSorted(), all)
    assert.deepEqual(syncedNames(application).toSorted(), all)
    const marks = ({ metadata }: KubeObject): unknown => [metadata.uid, metadata.generation, metadata.resourceVersion]
    for (const [name, before] of seen) assert.deepEqual(marks(live.get(name) ?? before), marks(before), name)
    const changed = [...live.values()].filter(({ metadata }) => (metadata.generation ?? 1) > 1)
    assert.deepEqual(changed, [])
    await next.until(APPLICATION, 'argocd/web', (object) => parseApplication(object).status?.sync?.status === 'Synced')
  },
)

test(
  'killed amid a prune of 50, the next start prunes the rest and touches nothing else',
  { timeout: 120_000 },
  async (t) => {
    // The wave that is removed first does not end before its finalizer is taken away.
    const files = items({ [HELD]: ['example.com/held'] })
    const { up, repository, restart } = await prepare(t, { ...files, 'web/kept.json': configMap('kept', 'a') })
    await up.line.ok('app sync web --async')
    await up.until(APPLICATION, 'argocd/web', ended)
    const whole = await liveItems(up)
    const kept = await up.until('ConfigMap', 'web/kept', () => true)
    repository.commit(Object.fromEntries(Object.keys(files).map((path) => [path, null])))

    const seen = await killAmid(up, 'DELETED', () => up.line.ok('app sync web --prune --async'))
    const next = await restart()
    const left = await liveItems(next)
    const held = { type: await typeOf(next, 'ConfigMap'), namespace: 'web', name: HELD }
    await next.client.patch(held, 'merge', { metadata: { finalizers: null } })
    const application = await next.until(APPLICATION, 'argocd/web', ended)
    const unpruned = [...(await liveItems(next)).values()].filter(({ metadata }) => !metadata.deletionTimestamp)
    await untilGone(next)
    const keptAfter = await next.until('ConfigMap', 'web/kept', () => true)

    assert.equal(whole.size, ITEMS)
    assert.ok([...seen.keys()].every((name) => name >= itemName(FIRST_WAVE)))
    assert.ok(left.size >= FIRST_WAVE, `${left.size} of ${ITEMS} were left`)
    assert.deepEqual(unpruned, [])
    assert.equal(keptAfter.metadata.resourceVersion, kept.metadata.resourceVersion)
    const names = syncedNames(application)
    assert.equal(new Set(names).size, names.length)
    await next.until(APPLICATION, 'argocd/web', (object) => parseApplication(object).status?.sync?.status === 'Synced')
  },
)
