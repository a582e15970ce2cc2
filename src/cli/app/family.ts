// `app …`: applications.
import type { Command } from 'commander'
import type { CliContext } from '../context.ts'
import { addFamily } from '../verb.ts'
import { addActionCommands } from './actions.ts'
import { addDiffCommand } from './diff.ts'
import { addReadCommands } from './read.ts'
import { addOperationCommands } from './sync.ts'
import { addWriteCommands } from './write.ts'

export function addAppFamily(program: Command, context: CliContext): void {
  const app = addFamily(program, 'app', 'applications')
  addReadCommands(app, context)
  addActionCommands(app, context)
  addDiffCommand(app, context)
  addOperationCommands(app, context)
  addWriteCommands(app, context)
}
