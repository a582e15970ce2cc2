// What a container's command, or one given to exec, comes to: an interpreted program. Nothing runs on the host.
import type { Container } from '../workloads/kit/model.ts'
import { knownImage } from './known-images.ts'
import { bytesText, ownInput, ownOutput, type Machine, type MachineFiles, type Running } from './shell/machine.ts'
import { hasProgram, runProgram } from './shell/programs.ts'
import { Shell } from './shell/shell.ts'

export interface MachineFacts {
  readonly env: Readonly<Record<string, string>>
  readonly files: MachineFiles
  readonly hostname: string
  readonly workingDir: string
  readonly hasTerminal: boolean
  readonly now: () => number
  readonly unknownPrograms: Machine['unknownPrograms']
}

/**
 * The program of a container. One that is not known, such as that of the image, is a server that runs on; where pods
 * are meant to end (`unknownPrograms` is `succeed`) it ends well at once.
 */
export function containerProgram(container: Container, facts: MachineFacts): Running<number> {
  const ownCommand = container.args === undefined ? knownImage(container.image)?.command : undefined
  const command = container.command ?? ownCommand
  const words = [...(command ?? []), ...(container.args ?? [])]
  const expanded = words.map((word) => expand(word, facts.env))
  // Arguments without a command go to the image's own entry point, which is not known, unless they name a program we know.
  if (command === undefined && !hasProgram(words[0] ?? '')) return unknownProgram(facts)
  return run(expanded, facts)
}

/** The program of a command line that ran into no shell; undefined where a container has no such program. */
export function execProgram(command: readonly string[], facts: MachineFacts): Running<number> | undefined {
  return hasProgram(command[0] ?? '') ? run(command, facts) : undefined
}

function* unknownProgram({ unknownPrograms }: MachineFacts): Running<number> {
  if (unknownPrograms === 'forever') yield { kind: 'forever' }
  return 0
}

function run(command: readonly string[], facts: MachineFacts): Running<number> {
  const env = Object.fromEntries(Object.entries(facts.env).map(([name, value]) => [name, bytesText(value)]))
  const shell = new Shell({ ...facts, env }, runProgram)
  const streams = { in: ownInput, out: ownOutput(1), err: ownOutput(2) }
  return shell.command(command.map(bytesText), streams, true)
}

/** `$(NAME)` in command and args is replaced by the kubelet; `$$` is a dollar. */
export function expand(word: string, variables: Readonly<Record<string, string>>): string {
  return word.replaceAll(/\$\$|\$\((?<name>[A-Za-z_][\w.-]*)\)/g, (whole: string, name: string | undefined) => {
    if (whole === '$$') return '$'
    return name === undefined ? whole : (variables[name] ?? whole)
  })
}
