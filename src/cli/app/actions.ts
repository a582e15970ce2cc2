// `app actions list|run`: what may be done to live resources of an application, and doing it.
import type { Command } from 'commander'
import type { ApiClient } from '../../api/client/client.ts'
import { CapstanError } from '../../base/errors.ts'
import type { ResourceAction, ResourceNode } from '../../crds/tree.ts'
import type { CliContext } from '../context.ts'
import { collect, globalFlags } from '../flags.ts'
import { checkFormat, formatObject } from '../output.ts'
import { cells, formatTable } from '../table.ts'
import * as calls from './calls.ts'

export function addActionCommands(app: Command, context: CliContext): void {
  const actions = app.command('actions').description('actions on live resources of an application')
  addList(actions, context)
  addRun(actions, context)
}

interface ResourceFlags {
  readonly group?: string
  readonly kind?: string
  readonly namespace?: string
  readonly resourceName?: string
}

function addResourceFlags(command: Command): Command {
  return command
    .option('--group <group>', 'API group of the resource')
    .option('--kind <kind>', 'kind of the resource')
    .option('--namespace <namespace>', 'namespace of the resource')
    .option('--resource-name <name>', 'name of the resource')
}

function addList(actions: Command, context: CliContext): void {
  addResourceFlags(actions.command('list <name>'))
    .description('list what may be done')
    .option('-o, --output <format>', 'wide|json|yaml', 'wide')
    .addHelpText('after', '\nExample:\n  capstan app actions list web --kind Deployment')
    .action(async (name: string, flags: ResourceFlags & { readonly output: string }, command: Command) => {
      const format = checkFormat(flags.output, ['wide', 'json', 'yaml'])
      const api = await context.api(globalFlags(command))
      const rows: ActionRow[] = []
      for (const node of await findNodes({ api, name, signal: context.signal }, flags)) {
        const { actions: found = [] } = await calls.listResourceActions(api, name, node, context.signal)
        rows.push(...found.map((action) => rowOf(node, action)))
      }
      context.write(format === 'wide' ? formatRows(rows) : formatObject(rows, format))
    })
}

interface ActionRow {
  readonly group: string
  readonly kind: string
  readonly name: string
  readonly action: string
  readonly disabled: boolean
}

function rowOf(node: ResourceNode, { name, disabled }: ResourceAction): ActionRow {
  const { group = '', kind = '', name: resource = '' } = node
  return { group, kind, name: resource, action: name, disabled: disabled ?? false }
}

function formatRows(rows: readonly ActionRow[]): string {
  const lines = rows.map(({ group, kind, name, action, disabled }) =>
    cells(group, kind, name, action, String(disabled)),
  )
  return formatTable([['GROUP', 'KIND', 'NAME', 'ACTION', 'DISABLED'], ...lines])
}

interface RunFlags extends ResourceFlags {
  readonly all?: boolean
  readonly param?: readonly string[]
}

function addRun(actions: Command, context: CliContext): void {
  addResourceFlags(actions.command('run <name> <action>'))
    .description('do something to a resource, or with --all to every one that fits')
    .option('--all', 'do it to every resource that fits')
    .option('--param <name=value>', 'parameter of the action (repeatable)', collect)
    .addHelpText('after', '\nExample:\n  capstan app actions run web scale --kind Deployment --param replicas=3')
    .action(async (name: string, action: string, flags: RunFlags, command: Command) => {
      if (flags.kind === undefined) throw new CapstanError('bad-input', '--kind: required')
      const api = await context.api(globalFlags(command))
      const nodes = await findNodes({ api, name, signal: context.signal }, flags)
      if (nodes.length > 1 && flags.all !== true) {
        throw new CapstanError('bad-input', 'more than one resource fits: add --resource-name, --namespace or --all')
      }
      const request = { action, parameters: (flags.param ?? []).map(readParameter) }
      for (const node of nodes) await calls.runResourceAction(api, { name, node, ...request }, context.signal)
    })
}

function readParameter(text: string): { readonly name: string; readonly value: string } {
  const at = text.indexOf('=')
  if (at < 1) throw new CapstanError('bad-input', `--param ${text}: write name=value`)
  return { name: text.slice(0, at), value: text.slice(at + 1) }
}

interface Place {
  readonly api: ApiClient
  readonly name: string
  readonly signal: AbortSignal
}

/** Live resources of the tree that fit all flags given. */
async function findNodes({ api, name, signal }: Place, flags: ResourceFlags): Promise<readonly ResourceNode[]> {
  const { nodes = [] } = await calls.resourceTree(api, name, signal)
  const fits = (wanted: string | undefined, value: string = ''): boolean => wanted === undefined || wanted === value
  const found = nodes.filter(
    (node) =>
      fits(flags.group, node.group) &&
      fits(flags.kind, node.kind) &&
      fits(flags.namespace, node.namespace) &&
      fits(flags.resourceName, node.name),
  )
  if (found.length === 0) throw new CapstanError('not-found', 'No matching resource found')
  return found
}
