// The programs of one pod's containers: what they need before they start, their own run, and those that exec, probes and hooks run beside them.
import type { Clock } from '../../base/clock.ts'
import type { Pod } from '../workloads/kit/model.ts'
import { containerProgram, execProgram, type MachineFacts } from './command.ts'
import { ContainerFiles } from './container-files.ts'
import {
  checkVolumes,
  environmentOf,
  hasObjectVolumes,
  hostnameOf,
  mountedFiles,
  plainEnvironment,
  refersToObjects,
  type InputSource,
  type PodFacts,
} from './container-inputs.ts'
import { ContainerProcess, type ContainerInside } from './container-process.ts'
import type { ContainerRun } from './container-run.ts'
import type { Running } from './shell/machine.ts'

export interface ProgramsHost {
  readonly clock: Clock
  readonly hostIp: string
  readonly podIp: string
  /** Absent: what pods refer to is taken to be there, and empty. */
  readonly inputs?: InputSource
  readonly pod: () => Pod
  readonly after: (delayMs: number, task: () => void) => void
}

/** Belongs to one pod. */
export class PodPrograms {
  readonly #host: ProgramsHost
  readonly #prepared = new WeakMap<ContainerRun, Readonly<Record<string, string>>>()
  readonly #files = new WeakMap<ContainerRun, ContainerFiles>()

  constructor(host: ProgramsHost) {
    this.#host = host
  }

  /** Rejects with an `InputProblem` while a volume cannot be made; undefined where there is nothing to look for. */
  volumes(): Promise<void> | undefined {
    const { inputs } = this.#host
    if (inputs === undefined || !hasObjectVolumes(this.#host.pod())) return undefined
    return checkVolumes(this.#facts(), inputs)
  }

  /** Reads what a container's environment and command refer to; undefined where that is nothing. Rejects with an `InputProblem`. */
  prepare(container: ContainerRun): Promise<void> | undefined {
    const { inputs } = this.#host
    if (inputs === undefined) return undefined
    const readsFiles = mayReadMounts(container)
    if (!refersToObjects(container.spec) && !readsFiles) return undefined
    return this.#prepare(container, inputs, readsFiles)
  }

  async #prepare(container: ContainerRun, inputs: InputSource, readsFiles: boolean): Promise<void> {
    const env = await environmentOf(container.spec, this.#facts(), inputs)
    this.#prepared.set(container, env)
    const files = new ContainerFiles()
    this.#files.set(container, files)
    if (readsFiles) await this.#mount(container, files, inputs)
  }

  async #mount(container: ContainerRun, files: ContainerFiles, inputs: InputSource): Promise<void> {
    const mounted = await mountedFiles(container.spec, this.#facts(), inputs)
    files.mount(mounted.files, mounted.roots)
  }

  /** Starts the container's own program. */
  start(
    container: ContainerRun,
    to: { readonly completes: boolean; readonly ended: (exitCode: number) => void },
  ): ContainerInside {
    const env = this.#prepared.get(container) ?? plainEnvironment(container.spec, this.#facts())
    const files = this.#files.get(container) ?? new ContainerFiles()
    // The next run of the container has files of its own.
    this.#files.delete(container)
    const unknownPrograms = to.completes ? 'succeed' : 'forever'
    const { stdin = false, tty = false } = container.spec
    const facts = { ...this.#machine(container, { env, files }), hasTerminal: stdin && tty, unknownPrograms } as const
    const process = new ContainerProcess(containerProgram(container.spec, facts), {
      after: this.#host.after,
      print: (text) => container.log.print(text, this.#host.clock.now()),
      ended: to.ended,
      hasInput: stdin,
      unknownPrograms,
    })
    return { env, files, process }
  }

  /** A program beside the container's own, with the mounted files as they are now; undefined where there is none of that name. */
  async beside(
    container: ContainerRun,
    command: readonly string[],
    hasTerminal: boolean,
  ): Promise<Running<number> | undefined> {
    const { inside } = container
    if (inside === undefined) return undefined
    const { inputs } = this.#host
    // What cannot be mounted any more stays as it was, as the kubelet leaves it.
    if (inputs !== undefined) await this.#mount(container, inside.files, inputs).catch(() => undefined)
    return execProgram(command, { ...this.#machine(container, inside), hasTerminal, unknownPrograms: undefined })
  }

  #machine(
    container: ContainerRun,
    { env, files }: Pick<ContainerInside, 'env' | 'files'>,
  ): Omit<MachineFacts, 'hasTerminal' | 'unknownPrograms'> {
    return {
      env,
      files,
      hostname: hostnameOf(this.#host.pod()),
      workingDir: container.spec.workingDir ?? '/',
      now: () => this.#host.clock.now(),
    }
  }

  #facts(): PodFacts {
    return { pod: this.#host.pod(), podIp: this.#host.podIp, hostIp: this.#host.hostIp }
  }
}

/** Whether a container's own command names a place where something is mounted. */
function mayReadMounts({ spec }: ContainerRun): boolean {
  const text = [...(spec.command ?? []), ...(spec.args ?? [])].join(' ')
  return text !== '' && (spec.volumeMounts ?? []).some(({ mountPath }) => text.includes(mountPath))
}
