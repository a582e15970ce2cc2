// Half an hour of pushes, drift, deletions and restarts of everything, with 300 applications: what is lost, done twice, or grows.
// `--minutes`, `--applications` and `--seed` change it; prints a report in Markdown and ends with 1 where something was wrong.
import { setTimeout as pause } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import type { Application } from '../../../src/crds/application.ts'
import { createApplication, isDelivered, nameOf } from '../../bench/fleet.ts'
import { inParallel, percentile } from '../../bench/measurement.ts'
import { withFolder } from '../../bench/program.ts'
import { randomFrom } from '../../support/generated-values.ts'
import { disturb, type Disturbances } from './disturbances.ts'
import { keepLedger, type Ledger } from './ledger.ts'
import { startScene, type Part, type Scene } from './scene.ts'

/** Where the applications are delivered to. */
const NAMESPACE = 'default'
const PARALLEL = 8
/** The first part of the time everything is restarted; in the rest nothing is, so that memory can be watched. */
const SHARE_WITH_RESTARTS = 0.5
const RESTARTS = 12
/** After a start the heap finds its size. */
const WARM_UP_SHARE = 0.2
const MEMORY_EVERY_MS = 5_000
/** Between the first and the last third of the watched time. */
const MAX_GROWTH = 1.1
/** All pushes are found by looking within three minutes; then what was under way has to end. */
const SETTLE_MS = 6 * 60_000
const MINUTE_MS = 60_000

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '30' },
    applications: { type: 'string', default: '300' },
    seed: { type: 'string', default: `${Date.now() % 100_000}` },
  },
})
const count = Number(values.applications)
const durationMs = Number(values.minutes) * MINUTE_MS
process.exitCode = await withFolder(soak)

async function soak(folder: string): Promise<number> {
  const random = randomFrom(Number(values.seed))
  const scene = await startScene(folder)
  const names = Array.from({ length: count }, (_, index) => nameOf(index))
  scene.repository.commit(
    Object.fromEntries(
      names.flatMap((name) =>
        Object.entries(scene.manifests(name, '0')).map(([path, object]) => [`${name}/${path}`, JSON.stringify(object)]),
      ),
    ),
  )
  const ledger = await keepLedger(scene.client, NAMESPACE)
  await inParallel(count, PARALLEL, (index) => createApplication(scene, nameOf(index)))
  await settle(scene, names, () => true)

  const untilMs = performance.now() + durationMs
  const [disturbances, restarts, memory] = await Promise.all([
    disturb(scene, { count, namespace: NAMESPACE, untilMs, random }),
    restartParts(scene, random),
    watchMemory(scene),
  ])
  const { wanted } = disturbances
  const left = await settle(scene, names, (name) => ledger.textOf(name) === (wanted.get(name) ?? '0'))
  const faults = [...ledger.faults(), ...left, ...growthOf(memory), ...unexpectedIn(scene.log())]
  print(report({ disturbances, restarts, memory, ledger, applications: [...scene.applications.list()], faults }))
  await ledger.stop()
  await scene.stop()
  return faults.length === 0 ? 0 : 1
}

/** Waits until all are delivered and as wanted; gives a sentence for each that is not. */
async function settle(
  scene: Scene,
  names: readonly string[],
  isAsWanted: (name: string) => boolean,
): Promise<string[]> {
  const byName = (): ReadonlyMap<string, Application> =>
    new Map([...scene.applications.list()].map((application) => [application.metadata.name ?? '', application]))
  const endMs = performance.now() + SETTLE_MS
  for (;;) {
    const found = byName()
    const left = names.filter((name) => {
      const application = found.get(name)
      return application === undefined || !isDelivered(application) || !isAsWanted(name)
    })
    if (left.length === 0) return []
    if (performance.now() > endMs) {
      return left.map((name) => `${name} is not delivered: ${JSON.stringify(found.get(name)?.status?.sync)}`)
    }
    await pause(1000)
  }
}

/** Restarts a part now and then, every second time by a kill; gives what was done in order. */
async function restartParts(scene: Scene, random: () => number): Promise<readonly string[]> {
  const done: string[] = []
  const everyMs = (durationMs * SHARE_WITH_RESTARTS) / RESTARTS
  for (let round = 0; round < RESTARTS; round++) {
    await pause(everyMs * (0.5 + random()) * 0.9)
    const part: Part = random() < 0.6 ? 'control plane' : 'cluster'
    const ended = await scene.restart(part, round % 2 === 0)
    done.push(`${part} (${ended === 0 ? 'stopped' : ended})`)
  }
  return done
}

/** Samples of the control plane's memory in MiB in the time without restarts. */
async function watchMemory(scene: Scene): Promise<readonly number[]> {
  await pause(durationMs * (SHARE_WITH_RESTARTS + (1 - SHARE_WITH_RESTARTS) * WARM_UP_SHARE))
  const samples: number[] = []
  const watchedMs = durationMs * (1 - SHARE_WITH_RESTARTS) * (1 - WARM_UP_SHARE)
  const endMs = performance.now() + watchedMs
  while (performance.now() < endMs) {
    samples.push(scene.memoryOf('control plane'))
    await pause(Math.min(MEMORY_EVERY_MS, watchedMs / 30))
  }
  return samples
}

function thirds(memory: readonly number[]): { readonly first: number; readonly last: number } {
  const third = Math.ceil(memory.length / 3)
  return { first: percentile(memory.slice(0, third), 0.5), last: percentile(memory.slice(-third), 0.5) }
}

function growthOf(memory: readonly number[]): readonly string[] {
  const { first, last } = thirds(memory)
  return last <= first * MAX_GROWTH ? [] : [`memory grew from ${first.toFixed(0)} to ${last.toFixed(0)} MiB`]
}

/** What nobody expected is logged with a stack or as an uncaught error. */
function unexpectedIn(log: string): readonly string[] {
  return [...new Set(log.split('\n').filter((line) => /uncaught|unhandled|^\s+at .*:\d+:\d+\)?$/i.test(line)))].slice(
    0,
    5,
  )
}

interface Outcome {
  readonly disturbances: Disturbances
  readonly restarts: readonly string[]
  readonly memory: readonly number[]
  readonly ledger: Ledger
  readonly applications: readonly Application[]
  readonly faults: readonly string[]
}

function report({ disturbances, restarts, memory, ledger, applications, faults }: Outcome): string {
  const { pushes, drifts, deletions } = disturbances.counts
  const syncs = applications.reduce((sum, { status }) => sum + (status?.history?.at(-1)?.id ?? -1) + 1, 0)
  const { first, last } = thirds(memory)
  const rows: readonly (readonly [string, string | number])[] = [
    ['applications', count],
    ['minutes', values.minutes],
    ['seed', values.seed],
    ['pushes', pushes],
    ['live objects changed by hand', drifts],
    ['live objects deleted by hand', deletions],
    ['restarts', restarts.join(', ')],
    ['whole syncs that succeeded', syncs],
    ['runs of hooks', ledger.hookRuns()],
    ['memory, first and last third without restarts', `${first.toFixed(0)} and ${last.toFixed(0)} MiB`],
    ['faults', faults.length === 0 ? 'none' : faults.length],
  ]
  return [
    '| | |',
    '|---|---|',
    ...rows.map(([name, value]) => `| ${name} | ${value} |`),
    ...faults.map((fault) => `\n- ${fault}`),
    '',
  ].join('\n')
}

function print(text: string): void {
  process.stdout.write(text)
}
