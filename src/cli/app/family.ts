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
  acceptNamespace(app)
}

/** `-N` for all of them: a name without a namespace is one of that. */
function acceptNamespace(app: Command): void {
  const isKnown = ({ options }: Command): boolean => options.some(({ long }) => long === '--app-namespace')
  const others = leavesOf(app).filter((command) => !isKnown(command))
  for (const command of others) {
    command.option('-N, --app-namespace <namespace>', 'namespace of the application itself')
    command.hook('preAction', (_, called) => {
      const namespace: unknown = called.opts()['appNamespace']
      if (typeof namespace !== 'string' || namespace === '') return
      const [first] = called.processedArgs
      called.processedArgs[0] = Array.isArray(first)
        ? first.map((name: unknown) => qualified(name, namespace))
        : qualified(first, namespace)
    })
  }
}

function leavesOf(command: Command): readonly Command[] {
  return command.commands.length === 0 ? [command] : command.commands.flatMap(leavesOf)
}

function qualified(name: unknown, namespace: string): unknown {
  return typeof name === 'string' && !name.includes('/') ? `${namespace}/${name}` : name
}
