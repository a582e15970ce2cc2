// A simulated pod on a clock that the test moves: its containers, events, and the objects it refers to.
import assert from 'node:assert/strict'
import { ManualClock } from '../../src/base/clock.ts'
import type { KubeObject } from '../../src/kube/object.ts'
import type { ImageResult } from '../../src/local-cluster/kubelet/images/image-manager.ts'
import { PodRun } from '../../src/local-cluster/kubelet/pod-run.ts'
import type { Pod } from '../../src/local-cluster/workloads/kit/model.ts'
import type { EventRecord } from '../../src/reconcile/events.ts'

/** One pod on a node that is not there, and what may be asked of it. */
export interface PodScene {
  readonly clock: ManualClock
  readonly run: PodRun
  readonly events: EventRecord[]
  /** ConfigMaps and Secrets by `Kind/name`. */
  readonly objects: Map<string, KubeObject>
  readonly pod: Pod
  /** `phase waiting-reason restarts` of the first app container. */
  readonly line: () => string
  /** Moves time on, and lets what was read arrive. */
  readonly pass: (ms: number) => Promise<void>
  /** Runs a command inside the first container and gives what it prints. */
  readonly inside: (...command: readonly string[]) => Promise<string>
}

export interface PodOver {
  readonly annotations?: Readonly<Record<string, string>>
  readonly spec?: object
  readonly status?: Pod['status']
  readonly ensureImage?: () => Promise<ImageResult>
}

/** Starts a pod of one container `c`. Specs have fields that the model does not name. */
export function podScene(container: object, over: PodOver = {}): PodScene {
  const clock = new ManualClock()
  const objects = new Map<string, KubeObject>()
  const events: EventRecord[] = []
  const pod: Pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { namespace: 'n', name: 'p', uid: 'u', labels: { app: 'web' }, annotations: over.annotations ?? {} },
    spec: { containers: [{ name: 'c', image: 'x', ...container }], ...over.spec },
    ...(over.status === undefined ? {} : { status: over.status }),
  }
  const run: PodRun = new PodRun(pod, {
    clock,
    hostIp: '172.18.0.2',
    podIp: '10.244.0.2',
    changed: () => undefined,
    event: (event) => events.push(event),
    inputs: {
      get: async (kind, _namespace, name) => objects.get(`${kind}/${name}`),
      token: async () => 'a.b.c',
    },
    ...(over.ensureImage === undefined ? {} : { ensureImage: over.ensureImage }),
  })
  run.start()
  return {
    clock,
    run,
    events,
    objects,
    pod,
    line: () => lineOf(run),
    async pass(ms) {
      clock.advance(ms)
      // What is read from memory takes a few turns, and then its timer.
      for (let turn = 0; turn < 3; turn++) {
        await new Promise((resolve) => setImmediate(resolve))
        clock.advance(0)
      }
    },
    async inside(...command) {
      const first = run.container('c')
      assert.ok(first)
      const program = await run.programs.beside(first, command, false)
      let text = ''
      for (let next = program?.next(); next !== undefined && next.done !== true; next = program?.next())
        if (next.value.kind === 'print') text += next.value.text
      return text
    },
  }
}

function lineOf(run: PodRun): string {
  const { phase, containerStatuses = [] } = run.status()
  const [first] = containerStatuses
  const state = first?.state ?? {}
  const what = state.waiting?.reason ?? state.terminated?.reason ?? 'running'
  return `${phase} ${what} ${first?.restartCount}`
}

/** All that the first container has printed. */
export function printed(run: PodRun): string {
  const query = { container: 'c', follow: false, previous: false, timestamps: false, signal: undefined }
  const all = { tailLines: undefined, sinceSeconds: undefined, sinceTime: undefined, limitBytes: undefined }
  return run.container('c')?.log.read({ ...query, ...all }, 0) ?? ''
}

/** The messages of the events with a reason. */
export function told(events: readonly EventRecord[], reason: string): readonly string[] {
  return events.filter((event) => event.reason === reason).map(({ message }) => message)
}

/** Why the first container waits. */
export function waiting(run: PodRun): string {
  const { reason, message } = run.status().containerStatuses?.[0]?.state?.waiting ?? {}
  return [reason, message].filter((one) => one !== undefined).join(': ')
}

/** A ConfigMap or Secret that pods refer to. */
export function dataObject(kind: string, data: Readonly<Record<string, string>>): KubeObject {
  return { apiVersion: 'v1', kind, metadata: { name: 'x' }, data } as KubeObject
}
