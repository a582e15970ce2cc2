// `app list|get|resources|history|manifests`: commands that only look.
import type { Command } from 'commander'
import type { ApiClient } from '../../api/client/client.ts'
import { CapstanError } from '../../base/errors.ts'
import type { Application, RevisionHistory } from '../../crds/application.ts'
import { stringifyYaml } from '../../lang/yaml/write.ts'
import { refusal, type CliContext } from '../context.ts'
import { addNames, collect, globalFlags, oneOf, wholeNumber } from '../flags.ts'
import { checkFormat, formatObject } from '../output.ts'
import { goTime } from '../human-time.ts'
import { formatTable } from '../table.ts'
import * as calls from './calls.ts'
import { formatLines, headLines, qualifiedName, type WindowsState } from './describe.ts'
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
        const shown = await shownWith()
        const tree = await calls.resourceTree(api, name, context.signal)
        const rows = formatTable(
          treeRows(tree, resourceRows(application), format === 'tree' ? undefined : ageOfNode(context)),
        )
        context.write(`${formatHead(application, shown)}\n${rows}`)
      } else context.write(formatApplication(application, await shownWith()))

      async function shownWith(): Promise<Shown> {
        const windows = await calls.syncWindows(api, name, context.signal)
        return { baseUrl: api.baseUrl, showsOperation: flags.showOperation === true, windows }
      }
    })
}

/** What is shown beside the application itself. */
export interface Shown {
  readonly baseUrl: string
  readonly showsOperation: boolean
  readonly windows: WindowsState
}

/** Applications in the namespace where Argo CD stands by default are named without it, as upstream has it. */
function pageName(application: Application): string {
  return qualifiedName(application).replace(/^argocd\//, '')
}

/** What `app get` prints: lines about the application, then its resources. */
export function formatApplication(application: Application, shown: Shown): string {
  const rows = resourceRows(application)
  const resources = rows.length === 0 ? '' : `\n${formatTable([RESOURCE_HEADING, ...rows.map(cellsOf)])}`
  return formatHead(application, shown) + resources
}

function formatHead(application: Application, { baseUrl, showsOperation, windows }: Shown): string {
  const url = `${baseUrl}/applications/${pageName(application)}`
  const head = formatLines(headLines(application, url, windows))
  const conditions = application.status?.conditions ?? []
  const conditionTable =
    conditions.length === 0
      ? ''
      : `\n${formatTable([
          ['CONDITION', 'MESSAGE', 'LAST TRANSITION'],
          ...conditions.map(({ type, message, lastTransitionTime }) => [
            type,
            message,
            lastTransitionTime === undefined ? '<nil>' : goTime(lastTransitionTime),
          ]),
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
      else context.write(formatHistory(history))
    })
}

/** A table for each repository; `tabwriter` ends its columns with a row of other cells, as it does here. */
function formatHistory(history: readonly RevisionHistory[]): string {
  const rows = history.flatMap(({ id, deployedAt, source, sources, revision = '', revisions = [] }) => {
    const all = sources ?? (source === undefined ? [] : [source])
    return all.map(({ repoURL, targetRevision = '' }, index) => {
      const deployed = sources === undefined ? revision : (revisions[index] ?? '')
      const shown = deployed.length >= SHORT ? `${targetRevision} (${deployed.slice(0, SHORT)})` : targetRevision
      return { repoURL, row: [String(id), goTime(deployedAt), shown] }
    })
  })
  const tables = [...Map.groupBy(rows, ({ repoURL }) => repoURL)].map(([url, found], index) => [
    ...(index === 0 ? [] : [['']]),
    ['SOURCE', url],
    ['ID', 'DATE', 'REVISION'],
    ...found.map(({ row }) => row),
  ])
  return formatTable(tables.flat())
}

/** Characters of a commit that are shown. */
const SHORT = 7

function addManifests(app: Command, context: CliContext): void {
  app
    .command('manifests <name>')
    .description("print an application's manifests, wanted (git) or live")
    .option('--source <source>', 'git|live', oneOf('git', 'live'), 'git')
    .option('--revision <revision>', 'wanted manifests at this revision')
    .option('--revisions <revision>', 'revision of the source at the position given with it (repeatable)', collect)
    .option('--source-positions <n>', 'position of a source, from 1 (repeatable)', addNames)
    .option('--source-names <name>', 'name of a source (repeatable)', collect)
    .addHelpText('after', '\nExamples:\n  capstan app manifests web\n  capstan app manifests web --source live')
    .action(async (name: string, flags: ManifestFlags, command: Command) => {
      const api = await context.api(globalFlags(command))
      const texts = await manifestTexts(api, name, flags)
      const documents = texts
        .filter((text) => text !== '' && text !== 'null')
        .map((text) => stringifyYaml(parseJson(text)))
      // Upstream ends each with an empty line.
      context.write(documents.map((document) => `---\n${document}\n`).join(''))
    })

  async function manifestTexts(api: ApiClient, name: string, flags: ManifestFlags): Promise<readonly string[]> {
    const { source, revision, revisions = [] } = flags
    const positions = await positionsOf(api, name, flags)
    if (source === 'git' && (revision !== undefined || (revisions.length > 0 && positions.length > 0)))
      return (await calls.manifests(api, name, { revision, revisions, sourcePositions: positions }, context.signal))
        .manifests
    const managed = await calls.managedResources(api, name, context.signal)
    return managed.map(({ liveState, targetState }) => (source === 'live' ? liveState : targetState) ?? '')
  }

  async function positionsOf(api: ApiClient, name: string, flags: ManifestFlags): Promise<readonly number[]> {
    const { sourcePositions = [], sourceNames = [] } = flags
    const given = sourcePositions.map(wholeNumber)
    if (sourceNames.length === 0) return given
    const { spec } = await calls.getApplication(api, name, '', context.signal)
    const named = sourceNames.map((wanted) => {
      const index = (spec.sources ?? []).findIndex((one) => one.name === wanted)
      if (index < 0) throw refusal(`Unknown source name '${wanted}'`)
      return index + 1
    })
    return [...given, ...named]
  }
}

interface ManifestFlags {
  readonly source: string
  readonly revision?: string
  readonly revisions?: readonly string[]
  readonly sourcePositions?: readonly string[]
  readonly sourceNames?: readonly string[]
}
