// `appset list|get|create|generate|delete`: ApplicationSets, and what they would make.
import { isDeepStrictEqual } from 'node:util'
import type { Command } from 'commander'
import type { ApiClient } from '../../api/client/client.ts'
import { CapstanError } from '../../base/errors.ts'
import { type ApplicationSet, parseApplicationSet } from '../../crds/application-set.ts'
import type { Application } from '../../crds/application.ts'
import { parseYamlDocuments } from '../../lang/yaml/read.ts'
import type { CliContext } from '../context.ts'
import { collect, globalFlags } from '../flags.ts'
import { checkFormat, formatObject } from '../output.ts'
import { formatGenerated } from './generated.ts'
import { formatPlan, formatSet, formatSets, qualifiedName } from './describe.ts'

const SERVICE = 'applicationset.ApplicationSetService'
const FORMATS = ['wide', 'json', 'yaml'] as const

export function addSetCommands(appset: Command, context: CliContext): void {
  addList(appset, context)
  addGet(appset, context)
  addCreate(appset, context)
  addGenerate(appset, context)
  addDelete(appset, context)
}

interface ListFlags {
  readonly output: string
  readonly selector?: string
  readonly project?: readonly string[]
  readonly appsetNamespace?: string
}

function addList(appset: Command, context: CliContext): void {
  appset
    .command('list')
    .description('list ApplicationSets')
    .option('-o, --output <format>', 'wide|name|json|yaml', 'wide')
    .option('-l, --selector <labels>', 'only with these labels')
    .option('-p, --project <name>', 'only of this project (repeatable)', collect)
    .option('-N, --appset-namespace <namespace>', 'only in this namespace')
    .addHelpText('after', '\nExamples:\n  capstan appset list\n  capstan appset list -o name')
    .action(async (flags: ListFlags, command: Command) => {
      const format = checkFormat(flags.output, ['wide', 'name', 'json', 'yaml'])
      const api = await context.api(globalFlags(command))
      const { selector, project: projects, appsetNamespace } = flags
      const request = { selector, projects, appsetNamespace }
      const { items = [] } = await api.call<{ readonly items?: readonly ApplicationSet[] }>(
        `${SERVICE}/List`,
        request,
        context.signal,
      )
      if (format === 'wide') context.write(formatSets(items))
      else if (format === 'name') context.write(items.map((set) => `${qualifiedName(set)}\n`).join(''))
      else context.write(formatObject(items, format))
    })
}

interface GetFlags {
  readonly output: string
  readonly appsetNamespace?: string
  readonly showParams?: boolean
}

function addGet(appset: Command, context: CliContext): void {
  appset
    .command('get <name>')
    .description('show an ApplicationSet')
    .option('-o, --output <format>', 'wide|json|yaml', 'wide')
    .option('--show-params', 'show the Helm parameters of its template')
    .option('-N, --appset-namespace <namespace>', 'its namespace, where the name does not tell it')
    .addHelpText('after', '\nExamples:\n  capstan appset get shops\n  capstan appset get team-a/shops -o yaml')
    .action(async (name: string, flags: GetFlags, command: Command) => {
      const format = checkFormat(flags.output, FORMATS)
      const api = await context.api(globalFlags(command))
      const set = await getSet(api, nameFields(name, flags), context.signal)
      context.write(format === 'wide' ? formatSet(set) : formatObject(set, format))
      if (format === 'wide' && flags.showParams === true) context.write(parameterLines(set))
    })
}

function parameterLines({ spec }: ApplicationSet): string {
  const parameters = spec.template.spec.source?.helm?.parameters ?? []
  const lines = parameters.map(({ name = '', value = '' }) => `${name.padEnd(20)}${value}\n`)
  return lines.length === 0 ? '' : `\nNAME                VALUE\n${lines.join('')}`
}

interface CreateFlags {
  readonly output: string
  readonly upsert?: boolean
  readonly dryRun?: boolean
  readonly wait?: boolean
  readonly appsetNamespace?: string
}

function addCreate(appset: Command, context: CliContext): void {
  appset
    .command('create <file...>')
    .description('create ApplicationSets from files, or - for standard input')
    .option('--upsert', 'replace one of that name that is different')
    .option('--dry-run', 'show what would be generated, created, changed and deleted, and write nothing')
    .option('--wait', 'wait until its Applications are up to date')
    .option('-o, --output <format>', 'wide|json|yaml', 'wide')
    .option('-N, --appset-namespace <namespace>', 'namespace, where the file names none')
    .addHelpText(
      'after',
      '\nExamples:\n  capstan appset create shops.yaml\n  capstan appset create shops.yaml --upsert --dry-run',
    )
    .action(async (files: readonly string[], flags: CreateFlags, command: Command) => {
      const format = checkFormat(flags.output, FORMATS)
      const api = await context.api(globalFlags(command))
      for (const set of await setsOf(files, flags, context)) await createOne(api, set, { flags, format, context })
    })
}

interface Creating {
  readonly flags: CreateFlags
  readonly format: (typeof FORMATS)[number]
  readonly context: CliContext
}

async function createOne(api: ApiClient, set: ApplicationSet, { flags, format, context }: Creating): Promise<void> {
  const { signal } = context
  const { name = '', namespace } = set.metadata
  const fields = { name, appsetNamespace: namespace }
  const existing = await findSet(api, fields, signal)
  const isDryRun = flags.dryRun === true
  const request = { applicationset: set, upsert: flags.upsert === true, dryRun: isDryRun }
  const created = await api.call<ApplicationSet>(`${SERVICE}/Create`, request, signal)
  const outcome = outcomeOf(existing, created, flags.upsert === true)
  context.writeError(`ApplicationSet '${name}' ${outcome}${isDryRun ? ' (dry-run)' : ''}\n`)
  if (format !== 'wide') context.write(formatObject(created, format))
  else if (isDryRun) context.write(`${formatSet(created)}\n${formatPlan(created.status?.resources ?? [])}`)
  else context.write(formatSet(created))
  if (flags.wait !== true || isDryRun) return
  await untilUpToDate(api, fields, signal)
  context.writeError(`ApplicationSet '${name}' resources are up to date\n`)
}

function outcomeOf(existing: ApplicationSet | undefined, created: ApplicationSet, isUpsert: boolean): string {
  if (existing === undefined) return 'created'
  const parts = ({ spec, metadata }: ApplicationSet): unknown => [
    spec,
    metadata.labels ?? {},
    metadata.annotations ?? {},
    metadata.finalizers ?? [],
  ]
  return isUpsert && !isDeepStrictEqual(parts(existing), parts(created)) ? 'updated' : 'unchanged'
}

async function untilUpToDate(api: ApiClient, fields: NameFields, signal: AbortSignal): Promise<void> {
  const { name, appsetNamespace } = fields
  const changes = api.stream<{ readonly type: string; readonly applicationSet: ApplicationSet }>(
    `${SERVICE}/Watch`,
    { name, appSetNamespace: appsetNamespace },
    signal,
  )
  for await (const { type, applicationSet } of changes) {
    if (type === 'DELETED')
      throw new CapstanError('precondition', `ApplicationSet "${name}" was deleted before reaching ResourcesUpToDate`)
    const condition = applicationSet.status?.conditions?.find((one) => one.type === 'ResourcesUpToDate')
    if (condition?.status === 'True') return
  }
  throw new CapstanError(
    'unavailable',
    `watch stream closed for ApplicationSet "${name}" before reaching ResourcesUpToDate`,
  )
}

function addGenerate(appset: Command, context: CliContext): void {
  appset
    .command('generate <file>')
    .description('show the Applications an ApplicationSet would generate')
    .option('-o, --output <format>', 'wide|json|yaml', 'wide')
    .option('--changes', 'show what would be created, changed and deleted instead')
    .option('-N, --appset-namespace <namespace>', 'namespace, where the file names none')
    .addHelpText(
      'after',
      '\nExamples:\n  capstan appset generate shops.yaml\n  capstan appset generate shops.yaml --changes',
    )
    .action(async (file: string, flags: CreateFlags & { readonly changes?: boolean }, command: Command) => {
      const format = checkFormat(flags.output, FORMATS)
      const sets = await setsOf([file], flags, context)
      const [set] = sets
      if (set === undefined || sets.length > 1) {
        throw new CapstanError('bad-input', 'Input file must contain one ApplicationSet')
      }
      const api = await context.api(globalFlags(command))
      if (flags.changes === true) {
        const request = { applicationset: set, upsert: true, dryRun: true }
        const planned = await api.call<ApplicationSet>(`${SERVICE}/Create`, request, context.signal)
        const resources = planned.status?.resources ?? []
        context.write(format === 'wide' ? formatPlan(resources) : formatObject(resources, format))
        return
      }
      const { applications = [] } = await api.call<{ readonly applications?: readonly Application[] }>(
        `${SERVICE}/Generate`,
        { applicationSet: set },
        context.signal,
      )
      context.write(formatGenerated(applications, format))
    })
}

function addDelete(appset: Command, context: CliContext): void {
  appset
    .command('delete <name...>')
    .description('delete ApplicationSets and, unless they preserve them, their Applications')
    .option('-y, --yes', 'do not ask')
    .option('--wait', 'wait until they are gone')
    .option('-N, --appset-namespace <namespace>', 'their namespace, where a name does not tell it')
    .addHelpText('after', '\nExamples:\n  capstan appset delete shops -y\n  capstan appset delete team-a/shops --wait')
    .action(async (names: readonly string[], flags: DeleteFlags, command: Command) => {
      const api = await context.api(globalFlags(command))
      let isForAll = flags.yes === true || !context.isTerminal
      for (const name of names) {
        const answer = isForAll ? 'y' : await confirmed(name, names.length, context)
        isForAll ||= answer === 'a'
        if (answer === 'n') context.write(`The command to delete '${name}' was cancelled.\n`)
        else await deleteOne(api, name, { flags, context })
      }
    })
}

interface DeleteFlags {
  readonly yes?: boolean
  readonly wait?: boolean
  readonly appsetNamespace?: string
}

async function confirmed(name: string, count: number, context: CliContext): Promise<'y' | 'n' | 'a'> {
  const choice =
    count > 1
      ? "[y/n/a] where 'a' is to delete all specified ApplicationSets and their Applications without prompting"
      : '[y/n]'
  const question = `Are you sure you want to delete '${name}' and all its Applications? ${choice} `
  const answer = (await context.ask(question, false)).reveal().trim().toLowerCase()
  if (answer === 'a' && count > 1) return 'a'
  return answer === 'y' || answer === 'yes' ? 'y' : 'n'
}

async function deleteOne(
  api: ApiClient,
  name: string,
  { flags, context }: { readonly flags: DeleteFlags; readonly context: CliContext },
): Promise<void> {
  const fields = nameFields(name, flags)
  await api.call(`${SERVICE}/Delete`, { ...fields }, context.signal)
  if (flags.wait === true) await untilGone(api, fields, context.signal)
  context.write(`applicationset '${name}' deleted\n`)
}

async function untilGone(api: ApiClient, fields: NameFields, signal: AbortSignal): Promise<void> {
  const { name, appsetNamespace } = fields
  const request = { name, appSetNamespace: appsetNamespace }
  const changes = api.stream<{ readonly type: string }>(`${SERVICE}/Watch`, request, signal)[Symbol.asyncIterator]()
  // The watch is open before anybody looks, or its end could be missed between the two.
  let next = changes.next()
  try {
    while ((await findSet(api, fields, signal)) !== undefined) {
      const { done, value } = await next
      if (done === true || value.type === 'DELETED') return
      next = changes.next()
    }
  } finally {
    next.catch(() => {}) // its end is nobody's concern once the set is gone
    changes.return?.(undefined)?.catch(() => {})
  }
}

interface NameFields {
  readonly name: string
  readonly appsetNamespace: string | undefined
}

/** `namespace/name`, or a name whose namespace the flag tells. */
function nameFields(name: string, { appsetNamespace }: { readonly appsetNamespace?: string }): NameFields {
  const slash = name.indexOf('/')
  return slash < 0 ? { name, appsetNamespace } : { name: name.slice(slash + 1), appsetNamespace: name.slice(0, slash) }
}

function getSet(api: ApiClient, fields: NameFields, signal: AbortSignal): Promise<ApplicationSet> {
  return api.call<ApplicationSet>(`${SERVICE}/Get`, { ...fields }, signal)
}

async function findSet(api: ApiClient, fields: NameFields, signal: AbortSignal): Promise<ApplicationSet | undefined> {
  try {
    return await getSet(api, fields, signal)
  } catch (error) {
    if (error instanceof CapstanError && error.code === 'not-found') return undefined
    throw error
  }
}

async function setsOf(
  files: readonly string[],
  { appsetNamespace }: Pick<CreateFlags, 'appsetNamespace'>,
  context: CliContext,
): Promise<readonly ApplicationSet[]> {
  const texts = await Promise.all(files.map((file) => context.readText(file)))
  const sets = texts.flatMap((text) =>
    parseYamlDocuments(text).flatMap(({ value }) => (value === null ? [] : [parseApplicationSet(value)])),
  )
  if (sets.length === 0) throw new CapstanError('bad-input', 'No ApplicationSets found while parsing the input file')
  return sets.map((set) => {
    if ((set.metadata.name ?? '') === '') {
      throw new CapstanError('bad-input', 'ApplicationSet does not have Name field set: give it metadata.name')
    }
    if (set.metadata.namespace !== undefined || appsetNamespace === undefined) return set
    context.write(`ApplicationSet YAML file does not have namespace; using --appset-namespace="${appsetNamespace}".\n`)
    return { ...set, metadata: { ...set.metadata, namespace: appsetNamespace } }
  })
}
