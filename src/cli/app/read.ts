// `app list|get|resources|history|manifests`: commands that only look.
import type { Command } from 'commander'
import { CapstanError } from '../../base/errors.ts'
import type { Application, RevisionHistory } from '../../crds/application.ts'
import { stringifyYaml } from '../../lang/yaml/write.ts'
import type { CliContext } from '../context.ts'
import { collect, globalFlags, oneOf } from '../flags.ts'
import { checkFormat, formatObject } from '../output.ts'
import { cells, formatTable } from '../table.ts'
import * as calls from './calls.ts'
import { formatLines, headLines, qualifiedName } from './describe.ts'
import { formatApplications } from './list-table.ts'
import { operationLines } from './operation-lines.ts'
import { cellsOf, RESOURCE_HEADING, resourceRows } from './resource-rows.ts'
import { RESOURCE_FORMATS, resourceTable } from './resource-table.ts'
import { treeRows, type AgeOfNode } from './tree-rows.ts'
import { parseJson } from '../../kube/json-digits.ts'

export function addReadCommands(app: Command, context: CliContext): void {
  addList(app, context)
  addGet(app, context)
  addResources(app, context)
  addHistory(app, context)
  addManifests(app, context)
}

interface ListFlags {
  readonly output: string
  readonly project?: readonly string[]
  readonly selector?: string
  readonly repo?: string
  readonly cluster?: string
  readonly path?: string
  readonly appNamespace?: string
}

function addList(app: Command, context: CliContext): void {
  app
    .command('list')
    .description('list applications')
    .option('-o, --output <format>', 'wide|name|json|yaml', 'wide')
    .option('-p, --project <name>', 'only of this project (repeatable)', collect)
    .option('-l, --selector <labels>', 'only with these labels')
    .option('-r, --repo <url>', 'only with this repository')
    .option('-c, --cluster <server>', 'only for this cluster')
    .option('-P, --path <path>', 'only with this path')
    .option('-N, --app-namespace <namespace>', 'only in this namespace')
    .addHelpText('after', '\nExamples:\n  capstan app list\n  capstan app list -l team=web -o name')
    .action(async (flags: ListFlags, command: Command) => {
      const format = checkFormat(flags.output, ['wide', 'name', 'json', 'yaml'])
      const api = await context.api(globalFlags(command))
      const applications = await calls.listApplications(api, flags, context.signal)
      context.write(formatList(applications, format))
    })
}

function formatList(applications: readonly Application[], format: string): string {
  if (format === 'json' || format === 'yaml') return formatObject(applications, format)
  if (format === 'name') return applications.map((application) => `${qualifiedName(application)}\n`).join('')
  return formatApplications(applications)
}

interface GetFlags {
  readonly output: string
  readonly refresh?: boolean
  readonly hardRefresh?: boolean
  readonly showOperation?: boolean
}

function addGet(app: Command, context: CliContext): void {
  app
    .command('get <name>')
    .description('show an application')
    .option('-o, --output <format>', 'wide|tree|tree=detailed|json|yaml', 'wide')
    .option('--refresh', 'look at Git first')
    .option('--hard-refresh', 'look at Git first and render anew')
    .option('--show-operation', 'show the last operation')
    .addHelpText('after', '\nExamples:\n  capstan app get web\n  capstan app get web --refresh -o yaml')
    .action(async (name: string, flags: GetFlags, command: Command) => {
      const format = checkFormat(flags.output, ['wide', 'tree', 'tree=detailed', 'json', 'yaml'])
      const api = await context.api(globalFlags(command))
      const refresh = flags.hardRefresh === true ? 'hard' : flags.refresh === true ? 'normal' : ''
      const application = await calls.getApplication(api, name, refresh, context.signal)
      if (format === 'json' || format === 'yaml') context.write(formatObject(application, format))
      else if (format !== 'wide') {
        const tree = await calls.resourceTree(api, name, context.signal)
        const rows = formatTable(
          treeRows(tree, resourceRows(application), format === 'tree' ? undefined : ageOfNode(context)),
        )
        context.write(`${formatHead(application, api.baseUrl, flags.showOperation === true)}\n${rows}`)
      } else context.write(formatApplication(application, api.baseUrl, flags.showOperation === true))
    })
}

/** What `app get` prints: lines about the application, then its resources. */
export function formatApplication(application: Application, baseUrl: string, showsOperation: boolean): string {
  const rows = resourceRows(application)
  const resources = rows.length === 0 ? '' : `\n${formatTable([RESOURCE_HEADING, ...rows.map(cellsOf)])}`
  return formatHead(application, baseUrl, showsOperation) + resources
}

function formatHead(application: Application, baseUrl: string, showsOperation: boolean): string {
  const url = `${baseUrl}/applications/${qualifiedName(application)}`
  const head = formatLines(headLines(application, url))
  const conditions = application.status?.conditions ?? []
  const conditionTable =
    conditions.length === 0
      ? ''
      : `\n${formatTable([
          ['CONDITION', 'MESSAGE', 'LAST TRANSITION'],
          ...conditions.map(({ type, message, lastTransitionTime }) => [type, message, lastTransitionTime ?? '<none>']),
        ])}`
  const state = application.status?.operationState
  const operation = showsOperation && state !== undefined ? `\n${formatLines(operationLines(state))}` : ''
  return head + conditionTable + operation
}

interface ResourcesFlags {
  readonly orphaned?: boolean
  readonly output: string
}

function addResources(app: Command, context: CliContext): void {
  app
    .command('resources <name>')
    .description("list an application's resources")
    .option('--orphaned', 'only those that are not managed')
    .option('-o, --output <format>', RESOURCE_FORMATS.join('|'), 'wide')
    .addHelpText('after', '\nExamples:\n  capstan app resources web\n  capstan app resources web -o tree=detailed')
    .action(async (name: string, flags: ResourcesFlags, command: Command) => {
      const format = checkFormat(flags.output, RESOURCE_FORMATS)
      const api = await context.api(globalFlags(command))
      const tree = await calls.resourceTree(api, name, context.signal)
      const isOrphanedOnly = flags.orphaned === true
      context.write(formatTable(resourceTable(tree, { format, isOrphanedOnly, ageOf: ageOfNode(context) })))
    })
}

function ageOfNode({ ageOf, clock }: CliContext): AgeOfNode {
  return ({ createdAt }) => ageOf(createdAt, clock.now())
}

function addHistory(app: Command, context: CliContext): void {
  app
    .command('history <name>')
    .description('list what was deployed')
    .option('-o, --output <format>', 'wide|id', 'wide')
    .action(async (name: string, flags: { readonly output: string }, command: Command) => {
      if (flags.output !== 'wide' && flags.output !== 'id')
        throw new CapstanError('bad-input', `unknown output format: ${flags.output}; one of wide|id`)
      const api = await context.api(globalFlags(command))
      const { status } = await calls.getApplication(api, name, '', context.signal)
      const history = status?.history ?? []
      if (flags.output === 'id') context.write(history.map(({ id }) => `${id}\n`).join(''))
      else context.write(formatTable([['ID', 'DATE', 'REVISION'], ...history.map(historyRow)]))
    })
}

function historyRow({ id, deployedAt, source, revision = '' }: RevisionHistory): readonly string[] {
  const target = source?.targetRevision ?? ''
  const isPinned = target === revision || target === ''
  return cells(String(id), deployedAt, isPinned ? revision : `${target} (${revision.slice(0, 7)})`)
}

function addManifests(app: Command, context: CliContext): void {
  app
    .command('manifests <name>')
    .description("print an application's manifests, wanted (git) or live")
    .option('--source <source>', 'git|live', oneOf('git', 'live'), 'git')
    .option('--revision <revision>', 'wanted manifests at this revision')
    .action(async (name: string, flags: { readonly source: string; readonly revision?: string }, command: Command) => {
      const api = await context.api(globalFlags(command))
      const texts =
        flags.source === 'live'
          ? (await calls.managedResources(api, name, context.signal)).map(({ liveState }) => liveState ?? '')
          : (await calls.manifests(api, name, flags.revision, context.signal)).manifests
      const documents = texts
        .filter((text) => text !== '' && text !== 'null')
        .map((text) => stringifyYaml(parseJson(text)))
      context.write(documents.map((document) => `---\n${document}`).join(''))
    })
}
