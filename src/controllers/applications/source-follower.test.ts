import assert from 'node:assert/strict'
import { describe, test, type TestContext } from 'node:test'
import { ManualClock } from '../../base/clock.ts'
import type { Application } from '../../crds/application.ts'
import type { DesiredRequest, DesiredState, Glance } from '../../desired/contract.ts'
import { requestFor, requestKey } from '../../reconcile/request.ts'
import { AppMemories } from './app-memory.ts'
import type { Comparison } from './comparison-result.ts'
import { FOLLOW_DELAY_MS, FOLLOW_PAUSE_MS, FOLLOW_ROUND_MS, SourceFollower } from './source-follower.ts'
import type { PreparedTargets } from './targets.ts'

const REPO = 'https://git.example.com/all.git'

/** Applications of one repository, of which each commit changes some. */
class World {
  readonly clock = new ManualClock()
  readonly memories = new AppMemories(() => 0)
  readonly refreshed: string[] = []
  readonly followed: string[] = []
  readonly follower: SourceFollower
  applications: readonly Application[]
  commit = 'one'
  changed: ReadonlySet<string> = new Set()
  isBusy = false

  constructor(t: TestContext, names: readonly string[]) {
    this.applications = names.map((name) => applicationAt(name, 'one'))
    for (const application of this.applications) this.#remember(application)
    this.follower = new SourceFollower({
      clock: this.clock,
      desired: { glance: (request) => this.#glance(request), onRefsMoved: () => () => {} },
      memories: this.memories,
      applications: () => this.applications,
      refresh: ({ name }) => this.refreshed.push(name),
      follow: ({ name }) => this.#follow(name),
      isBusy: () => this.isBusy,
    })
    this.follower.start()
    t.after(() => this.follower.stop())
  }

  /** A commit is pushed and seen; resolves when all have been looked at. */
  async push(commit: string, changed: readonly string[] = []): Promise<void> {
    this.commit = commit
    this.changed = new Set(changed)
    this.follower.moved(REPO)
    await this.follower.looked()
  }

  #glance({ application: { name } }: DesiredRequest): Promise<Glance> {
    if (this.changed.has('broken')) return Promise.reject(new Error('Git is away'))
    return Promise.resolve({ revisions: [this.commit], rendering: this.changed.has(name) ? undefined : '1' })
  }

  #follow(name: string): void {
    this.followed.push(name)
    this.applications = this.applications.map((one) =>
      one.metadata.name === name ? applicationAt(name, this.commit) : one,
    )
  }

  #remember(application: Application): void {
    const { source } = application.spec
    const memory = this.memories.open(requestKey(requestFor(application)))
    // Only these fields are looked at.
    memory.comparison = { status: 'Synced', conditions: [], orphans: undefined } as unknown as Comparison
    memory.desired = {
      key: '',
      request: { sources: [source], application: { name: application.metadata.name } } as unknown as DesiredRequest,
      state: {
        sources: [{ source, revision: 'one', sourceType: 'Directory' }],
        rendering: '1',
      } as unknown as DesiredState,
      targets: {} as unknown as PreparedTargets,
      fingerprint: undefined,
      isFilled: false,
    }
  }
}

function applicationAt(name: string, revision: string): Application {
  return {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Application',
    metadata: { name, namespace: 'argocd' },
    spec: { project: 'default', source: { repoURL: REPO, path: name }, destination: {} },
    status: { sync: { status: 'Synced', revision } },
  }
}

const NAMES = ['a', 'b', 'c', 'd']

describe('a commit to a repository of many applications', () => {
  test('compares at once what it changes, and follows with the others later, one after the other', async (t) => {
    const world = new World(t, NAMES)

    await world.push('two', ['b'])

    assert.deepEqual([world.refreshed, world.followed, world.follower.waiting], [['b'], [], 3])
    world.clock.advance(FOLLOW_DELAY_MS)
    assert.deepEqual(world.followed, ['a'])
    world.clock.advance(FOLLOW_PAUSE_MS)
    assert.deepEqual(world.followed, ['a', 'c'])
    world.clock.advance(FOLLOW_PAUSE_MS)
    assert.deepEqual([world.followed, world.follower.waiting], [['a', 'c', 'd'], 0])
  })

  test('that touches nothing of an application that has the revision already asks for nothing', async (t) => {
    const world = new World(t, NAMES)

    await world.push('one')

    assert.deepEqual([world.refreshed, world.follower.waiting], [[], 0])
  })

  test('several commits are followed once, with the last of them', async (t) => {
    const world = new World(t, NAMES)

    await world.push('two', ['b'])
    await world.push('three', ['c'])
    await world.push('four', ['b'])
    world.clock.advance(FOLLOW_DELAY_MS + 10 * FOLLOW_PAUSE_MS)

    assert.deepEqual(world.refreshed, ['b', 'c', 'b'])
    assert.deepEqual(world.followed.toSorted(), NAMES)
    assert.equal(world.applications[0]?.status?.sync?.revision, 'four')
  })

  test('in a stream of commits nobody is written more often than once a round', async (t) => {
    const world = new World(t, NAMES)

    await world.push('two')
    world.clock.advance(FOLLOW_DELAY_MS + 10 * FOLLOW_PAUSE_MS)
    await world.push('three')
    world.clock.advance(FOLLOW_DELAY_MS + 10 * FOLLOW_PAUSE_MS)

    assert.equal(world.followed.length, NAMES.length)
    world.clock.advance(FOLLOW_ROUND_MS)
    assert.equal(world.followed.length, 2 * NAMES.length)
  })

  test('waits while anything else does, and takes nothing from what was refreshed meanwhile', async (t) => {
    const world = new World(t, NAMES)
    await world.push('two')
    world.isBusy = true

    world.clock.advance(FOLLOW_DELAY_MS + 100 * FOLLOW_PAUSE_MS)

    assert.deepEqual(world.followed, [])
    world.isBusy = false
    world.clock.advance(FOLLOW_PAUSE_MS)
    assert.deepEqual(world.followed, ['a'])
  })

  test('of which nothing can be read is left to the comparison, which says why', async (t) => {
    const world = new World(t, ['a'])

    await world.push('two', ['broken'])

    assert.deepEqual(world.refreshed, ['a'])
  })

  test('one that has more to do than its manifests is compared: a sync may be due with the new commit', async (t) => {
    const world = new World(t, ['a'])
    const memory = world.memories.open('argocd/a')
    memory.comparison = { ...memory.comparison, status: 'OutOfSync' } as Comparison
    world.applications = world.applications.map((one) => ({
      ...one,
      spec: { ...one.spec, syncPolicy: { automated: {} } },
    }))

    await world.push('two')

    assert.deepEqual([world.refreshed, world.follower.waiting], [['a'], 0])
  })
})
