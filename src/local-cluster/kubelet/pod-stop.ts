// How the containers of a pod stop: hooks first, then the program, sidecars last; all within the grace period.
import type { Clock } from '../../base/clock.ts'
import { ContainerProcess } from './container-process.ts'
import type { ContainerRun } from './container-run.ts'
import { knownImage } from './known-images.ts'
import type { PodPrograms } from './pod-programs.ts'
import { PodTimers } from './pod-timers.ts'
import type { CommandResult } from './probes.ts'
import type { Running } from './shell/machine.ts'

/** Ended by SIGTERM, and by SIGKILL. */
const TERMINATED = 143
const KILLED = 137

export interface StopHost {
  readonly clock: Clock
  readonly programs: PodPrograms
  readonly changed: () => void
}

export interface StopOptions {
  readonly graceMs: number
  /** How long each program takes to stop. */
  readonly stopAfterMs: number
}

/** Belongs to one pod; its timers run on while the pod ends. */
export class PodStop {
  readonly #host: StopHost
  readonly #timers: PodTimers
  readonly #waiting: (() => void)[] = []
  isStopping = false

  constructor(host: StopHost) {
    this.#host = host
    this.#timers = new PodTimers(host.clock)
  }

  close(): void {
    this.#timers.close()
  }

  /** Calls once all have stopped: at once where they have. */
  whenOver(over: () => void): void {
    if (this.isStopping) this.#waiting.push(over)
    else over()
  }

  /** Ends the containers; sidecars, in reverse order, once all others have ended. */
  stopAll(running: readonly ContainerRun[], options: StopOptions, over: () => void): void {
    this.isStopping = true
    const endMs = this.#host.clock.now() + options.graceMs
    const others = running.filter((one) => one.role !== 'sidecar')
    const sidecars = running.filter((one) => one.role === 'sidecar').toReversed()
    this.#stopTogether(others, { options, endMs }, () => this.#stopInTurn(sidecars, { options, endMs }, over))
  }

  #stopTogether(
    containers: readonly ContainerRun[],
    limits: { readonly options: StopOptions; readonly endMs: number },
    over: () => void,
  ): void {
    let left = containers.length
    if (left === 0) over()
    for (const container of containers) {
      this.#stopOne(container, limits, () => {
        if (--left === 0) over()
      })
    }
  }

  #stopInTurn(
    containers: readonly ContainerRun[],
    limits: { readonly options: StopOptions; readonly endMs: number },
    over: () => void,
  ): void {
    const [first, ...rest] = containers
    if (first === undefined) {
      this.isStopping = false
      over()
      for (const waiting of this.#waiting.splice(0)) waiting()
    } else this.#stopOne(first, limits, () => this.#stopInTurn(rest, limits, over))
  }

  #stopOne(
    container: ContainerRun,
    { options, endMs }: { readonly options: StopOptions; readonly endMs: number },
    over: () => void,
  ): void {
    let isOver = false
    const ended = (wasKilled: boolean): void => {
      if (isOver) return
      isOver = true
      const { clock } = this.#host
      const exitCode = wasKilled ? KILLED : this.exitCodeOf(container)
      if (container.isRunning) container.exit(exitCode, exitCode === 0 ? 'Completed' : 'Error', clock.now())
      this.#host.changed()
      over()
    }
    if (!isDeaf(container)) this.#hook(container, () => this.#after(options.stopAfterMs, () => ended(false)))
    if (!isOver) this.#after(Math.max(0, endMs - this.#host.clock.now()), () => ended(true))
  }

  /** A server stops well when it is asked to; a command is interrupted. */
  exitCodeOf(container: ContainerRun): number {
    return container.inside?.process.isServer === false ? TERMINATED : 0
  }

  #hook(container: ContainerRun, done: () => void): void {
    const preStop = container.spec.lifecycle?.preStop
    if (preStop?.sleep !== undefined) {
      this.#after(preStop.sleep.seconds * 1000, done)
      return
    }
    const result = preStop?.exec?.command && this.commandResult(container, preStop.exec.command)
    if (result === undefined) {
      done()
      return
    }
    const goOn = (): void => this.#after(1, done)
    // A hook that fails holds nothing up.
    result.then(goOn, goOn)
  }

  /** Runs a command of a hook or a probe in a container; undefined for one that says nothing, as its program or the container's is not known. */
  commandResult(container: ContainerRun, command: readonly string[]): Promise<CommandResult | undefined> | undefined {
    const isKnown = container.inside?.process.isServer === false
    if (!isKnown) return undefined
    return this.#run(container, command)
  }

  async #run(container: ContainerRun, command: readonly string[]): Promise<CommandResult | undefined> {
    const program = await this.#host.programs.beside(container, command, false)
    return program === undefined ? undefined : this.#result(program)
  }

  async #result(program: Running<number>): Promise<CommandResult> {
    const { promise, resolve } = Promise.withResolvers<CommandResult>()
    const lines: string[] = []
    const process = new ContainerProcess(program, {
      after: (delayMs, task) => this.#after(delayMs, task),
      print: (text) => {
        if (lines.length < MAX_RESULT_LINES) lines.push(text)
      },
      ended: (exitCode) => resolve({ exitCode, output: lines.join('\n') }),
      hasInput: false,
      unknownPrograms: 'succeed',
    })
    process.start()
    return promise
  }

  /** At once where there is nothing to wait for. */
  #after(delayMs: number, task: () => void): void {
    if (delayMs <= 0) task()
    else this.#timers.after(delayMs, task)
  }
}

/** What an event shows of a probe's output. */
const MAX_RESULT_LINES = 10

/** An image that is known not to heed the request to stop runs until it is killed. */
function isDeaf({ spec }: ContainerRun): boolean {
  return spec.command === undefined && spec.args === undefined && knownImage(spec.image)?.heedsStop === false
}
