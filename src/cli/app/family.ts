// `app …`: applications.
import type { Command } from 'commander'
import type { CliContext } from '../context.ts'
import { addFamily } from '../verb.ts'
import { addActionCommands } from './actions.ts'
import { addDiffCommand } from './diff.ts'
import { addEditVerbs } from './edit-verbs.ts'
import { addLogs } from './logs.ts'
import { addReadCommands } from './read.ts'
import { addResourceVerbs } from './resource-verbs.ts'
import { addOperationCommands } from './sync.ts'
import { addUnset } from './unset.ts'
import { addWriteCommands } from './write.ts'

export function addAppFamily(program: Command, context: CliContext): void {
  const app = addFamily(program, 'app', 'applications')
  addReadCommands(app, context)
  addActionCommands(app, context)
  addDiffCommand(app, context)
  addOperationCommands(app, context)
  addWriteCommands(app, context)
  addEditVerbs(app, context)
  addUnset(app, context)
  addResourceVerbs(app, context)
  addLogs(app, context)
}
