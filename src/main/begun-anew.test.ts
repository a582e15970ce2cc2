// Parts of a controller that fail begin anew by themselves: nothing waits for a restart.
import assert from 'node:assert/strict'
import { setImmediate as afterOthers } from 'node:timers/promises'
import { test } from 'node:test'
import { ManualClock } from '../base/clock.ts'
import { createLog, type Log } from '../base/log.ts'
import type { Application } from '../crds/application.ts'
import type { KubeClient } from '../kube/client/client.ts'
import type { KubeObject } from '../kube/object.ts'
import { leadApplicationSets } from './application-sets.ts'
import type { ControlPlaneOptions } from './control-plane-options.ts'
import { AGAIN_MS } from './keep-at-work.ts'
import { notifyOnDemand } from './notify-on-demand.ts'
import { startHydrator } from './running-hydrator.ts'
import { Started } from './started.ts'
import type { Stages } from './stages.ts'

interface Scene {
  readonly clock: ManualClock
  readonly options: ControlPlaneOptions
  readonly stages: Stages
  readonly lines: string[]
  /** An Application changes that asks for everything. */
  change(): void
  /** How often the work has begun; each time it fails. */
  begun(): number
  /** Lets time pass until it has begun so often. */
  untilBegun(times: number): Promise<void>
  end(): void
}

function open(): Scene {
  const clock = new ManualClock()
  const lines: string[] = []
  const log: Log = createLog({ clock, level: 'info', format: 'text', write: (line) => lines.push(line) })
  const ending = new AbortController()
  const listeners: ((change: { object: unknown }) => void)[] = []
  const onChange = (listener: (change: { object: unknown }) => void): (() => void) => {
    listeners.push(listener)
    return () => undefined
  }
  let begun = 0
  const fail = (): never => {
    begun++
    throw new Error('the cluster did not answer in time')
  }
  // What is looked at before the work fails.
  const stages = {
    followed: { applications: { onChange }, projects: { onChange: () => () => undefined } },
    state: { configMaps: { onChange: () => () => undefined, get: fail } },
    get applicationSets() {
      return fail()
    },
    get desired() {
      return fail()
    },
  } as unknown as Stages
  const object = {
    metadata: { name: 'web', annotations: { 'notifications.argoproj.io/subscribe.on-synced.slack': 'all' } },
    spec: { sourceHydrator: {} },
  } as unknown as Application
  const { signal } = ending
  return {
    clock,
    options: {
      client: leases(),
      clock,
      log,
      namespace: 'argocd',
      signal,
      dataDir: '',
    } as unknown as ControlPlaneOptions,
    stages,
    lines,
    change: () => listeners.forEach((listener) => listener({ object })),
    begun: () => begun,
    async untilBegun(times) {
      while (begun < times) {
        clock.advance(AGAIN_MS)
        await afterOthers()
      }
    },
    end: () => ending.abort(new Error('told to end')),
  }
}

/** A cluster that grants every lease. */
function leases(): KubeClient {
  const kept = async (_: unknown, object: KubeObject): Promise<KubeObject> => object
  const none = async (): Promise<undefined> => undefined
  return { resourceOf: async () => ({}), get: none, create: kept, update: kept } as unknown as KubeClient
}

function assertTold({ lines }: Scene, work: string): void {
  assert.ok(lines.length > 0)
  for (const line of lines) assert.match(line, new RegExp(`begins anew.*${work}.*did not answer in time`))
}

test('notifications that cannot be sent are begun anew, where a replica is alone', async () => {
  const scene = open()
  const stop = notifyOnDemand(scene.options, scene.stages, true)
  scene.change()
  await scene.untilBegun(3)
  await stop()
  assertTold(scene, 'notifications')
})

test('notifications that cannot be sent are begun anew, with a lease of their own', async () => {
  const scene = open()
  const stop = notifyOnDemand(scene.options, scene.stages, false)
  scene.change()
  await scene.untilBegun(3)
  await stop()
  assert.equal(scene.lines.filter((line) => line.includes('begins anew')).length >= 2, true)
})

test('ApplicationSets that cannot be looked after are begun anew', async () => {
  const scene = open()
  const leading = leadApplicationSets(scene.options, scene.stages)
  await scene.untilBegun(3)
  scene.end()
  await leading
  assert.equal(scene.lines.filter((line) => /begins anew.*ApplicationSets/.test(line)).length >= 2, true)
})

test('a hydrator that does not start is begun anew after a while, not with every Application that changes', async () => {
  const scene = open()
  const started = new Started()
  const engine = undefined as never // nothing of it is asked for
  startHydrator(scene.options, { stages: scene.stages, engine }, started)
  scene.change()
  await scene.untilBegun(1)
  for (let index = 0; index < 20; index++) scene.change()
  await afterOthers()
  assert.equal(scene.begun(), 1)
  await scene.untilBegun(3)
  await started.stop()
  assertTold(scene, 'source hydrator')
})
