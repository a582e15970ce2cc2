// `appset …`: ApplicationSets.
import type { Command } from 'commander'
import type { CliContext } from '../context.ts'
import { addFamily } from '../verb.ts'
import { addSetCommands } from './commands.ts'

export function addSetFamily(program: Command, context: CliContext): void {
  addSetCommands(addFamily(program, 'appset', 'ApplicationSets'), context)
}
