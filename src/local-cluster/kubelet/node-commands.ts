// exec, attach and logs as a node answers them, with the kubelet's refusals (kubelet_pods.go and server.go, v1.36.3).
import { randomBytes } from 'node:crypto'
import type { Clock } from '../../base/clock.ts'
import type { ApiResponse } from '../../kube/client/transport.ts'
import type { KubeObject } from '../../kube/object.ts'
import {
  NodeRefusal,
  type CommandOutcome,
  type CommandQuery,
  type CommandRun,
  type LogQuery,
} from '../apiserver/hooks.ts'
import type { ContainerLog } from './container-log.ts'
import type { ContainerRun } from './container-run.ts'
import type { PodRun } from './pod-run.ts'
import { runAttach } from './run-attach.ts'
import { runExec } from './run-exec.ts'

export interface CommandFacts {
  readonly clock: Clock
  readonly pod: KubeObject
  readonly run: PodRun | undefined
  readonly node: string | undefined
}

/** `web_default`: how a kubelet names a pod. */
export function fullName({ metadata }: KubeObject): string {
  return `${metadata.name ?? ''}_${metadata.namespace ?? ''}`
}

/** A command in a running container. Throws `NodeRefusal` where it does not run. */
export function execIn({ clock, run }: CommandFacts, query: CommandQuery): CommandRun {
  const container = run?.container(query.container)
  const process = container?.inside?.process
  if (run === undefined || container?.isRunning !== true)
    throw new NodeRefusal(500, `container not found (${JSON.stringify(query.container)})`)
  return async (streams) => {
    const { command, tty } = query
    const program = await run.programs.beside(container, command, tty && query.stdin)
    if (program === undefined) return notStarted(command)
    const ended = new AbortController()
    void process?.ended.then(() => ended.abort(new Error('the container has ended')))
    return runExec(program, streams, { clock, tty, containerEnded: ended.signal })
  }
}

/** containerd and runc 1.3 about a program that is not there, or none at all. */
function notStarted([program]: readonly string[]): CommandOutcome {
  let why = 'args must not be empty'
  if (program !== undefined) {
    const isPath = program.includes('/')
    const reason = isPath ? 'no such file or directory' : 'executable file not found in $PATH'
    why = `unable to start container process: exec: ${JSON.stringify(program)}: ${isPath ? `stat ${program}: ` : ''}${reason}`
  }
  const id = randomBytes(32).toString('hex')
  const message = `failed to exec in container: failed to start exec "${id}": OCI runtime exec failed: exec failed: ${why}: unknown`
  return { kind: 'failed', message: `error executing command in container: ${message}` }
}

/** The container's own program. Throws `NodeRefusal` where it does not run. */
export function attachTo({ pod, run }: CommandFacts, query: CommandQuery): CommandRun {
  const container = run?.container(query.container)
  const process = container?.inside?.process
  if (container?.isRunning !== true || process === undefined)
    throw new NodeRefusal(500, `container ${query.container} not found in pod ${fullName(pod)}`)
  const { stdinOnce = false } = container.spec
  return (streams) => runAttach(process, streams, { tty: query.tty, stdinOnce })
}

/** Lines of a container. Throws `NodeRefusal` where there are none yet, or none any more. */
export function readLog(
  container: ContainerRun | undefined,
  pod: KubeObject,
  query: LogQuery,
  nowMs: number,
): ApiResponse['body'] {
  const log = logOf(container, pod, query)
  return query.follow && !query.previous ? log.follow(query, nowMs) : log.read(query, nowMs)
}

/** `validateContainerLogStatus`: which run of the container is meant, and why there is none. */
function logOf(container: ContainerRun | undefined, pod: KubeObject, query: LogQuery): ContainerLog {
  const subject = `container ${JSON.stringify(query.container)} in pod ${JSON.stringify(pod.metadata.name ?? '')}`
  const refuse = (what: string): never => {
    throw new NodeRefusal(400, what)
  }
  if (container === undefined) return refuse(`${subject} is not available`)
  const { state, lastState } = container
  if (query.previous) {
    if (lastState.terminated === undefined || container.lastLog === undefined)
      return refuse(`previous terminated ${subject} not found`)
    return container.lastLog
  }
  if (state.waiting === undefined || lastState.terminated !== undefined) return container.log
  return refuse(`${subject} is waiting to start: ${waitingText(state.waiting.reason ?? '')}`)
}

function waitingText(reason: string): string {
  if (reason === 'ErrImagePull') return "image can't be pulled"
  return reason === 'ImagePullBackOff' ? 'trying and failing to pull image' : reason
}
