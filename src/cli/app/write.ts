// `app create|set|delete`: commands that change the application itself.
import { isDeepStrictEqual } from 'node:util'
import type { Command } from 'commander'
import type { ApiClient } from '../../api/client/client.ts'
import { CapstanError } from '../../base/errors.ts'
import type { Application } from '../../crds/application.ts'
import { parseYamlDocuments } from '../../lang/yaml/read.ts'
import { refusal, type CliContext } from '../context.ts'
import { collect, globalFlags, wholeNumber } from '../flags.ts'
import * as calls from './calls.ts'
import { pairsOf } from '../pairs.ts'
import { followApplication } from './follow.ts'
import { applicationFields, positionOf } from './edit-verbs.ts'
import { addSourceFlags } from './source-flags.ts'
import { applySource, applySpecFlags, type SpecFlags } from './spec-flags.ts'

export function addWriteCommands(app: Command, context: CliContext): void {
  addCreate(app, context)
  addSet(app, context)
  addAddSource(app, context)
  addDelete(app, context)
}

/** Flags that shape the spec, shared by create and set (`argocd app create --help`, v3.5.1). */
function addSpecFlags(command: Command): Command {
  return addSourceFlags(command)
    .option('--repo <url>', 'repository URL')
    .option('--path <path>', 'path in the repository')
    .option('--revision <revision>', 'branch, tag, commit or semver range')
    .option('--helm-chart <name>', 'chart of a Helm repository')
    .option('--dest-server <url>', 'address of the destination cluster')
    .option('--dest-name <name>', 'name of the destination cluster')
    .option('--dest-namespace <namespace>', 'destination namespace')
    .option('--project <name>', 'project')
    .option('--values <file>', 'Helm values file in the repository (repeatable)', collect)
    .option('--values-literal-file <file>', 'local file with Helm values to store in the application')
    .option('--release-name <name>', 'Helm release name')
    .option('--helm-set <key=value>', 'Helm parameter (repeatable)', collect)
    .option('--helm-set-string <key=value>', 'Helm parameter that stays a string (repeatable)', collect)
    .option('-p, --parameter <key=value>', 'Helm parameter, as --helm-set (repeatable)', collect)
    .option('--helm-skip-crds', 'leave out the crds folder of a chart')
    .option('--nameprefix <prefix>', 'Kustomize name prefix')
    .option('--namesuffix <suffix>', 'Kustomize name suffix')
    .option('--kustomize-image <image>', 'Kustomize image override (repeatable)', collect)
    .option('--kustomize-common-label <key=value>', 'Kustomize common label (repeatable)', collect)
    .option('--kustomize-namespace <namespace>', 'Kustomize namespace')
    .option('--config-management-plugin <name>', 'plug-in that renders the source')
    .option('--plugin-env <name=value>', 'variable of the plug-in (repeatable)', collect)
    .option('--directory-recurse', 'read folders below the path too')
    .option('--directory-include <glob>', 'only files that match')
    .option('--directory-exclude <glob>', 'no files that match')
    .option('--sync-policy <policy>', 'manual|automated|none')
    .option('--auto-prune', 'automated: delete what is no longer in Git')
    .option('--self-heal', 'automated: undo changes made in the cluster')
    .option('--allow-empty', 'automated: allow Git to want nothing at all')
    .option('--sync-option <option>', 'Name=value; a leading ! removes it (repeatable)', collect)
    .option('--revision-history-limit <n>', 'deployments to remember')
}

interface CreateFlags extends SpecFlags {
  readonly file?: string
  readonly upsert?: boolean
  readonly validate: boolean
  readonly label?: readonly string[]
  readonly annotations?: readonly string[]
  readonly setFinalizer?: boolean
  readonly appNamespace?: string
  readonly valuesLiteralFile?: string
}

/** With the text of the file that a flag names. */
async function withLiteral<F extends { readonly valuesLiteralFile?: string }>(
  flags: F,
  context: CliContext,
): Promise<F & SpecFlags> {
  const { valuesLiteralFile: path } = flags
  return path === undefined ? flags : { ...flags, valuesLiteral: await context.readText(path) }
}

function addCreate(app: Command, context: CliContext): void {
  addSpecFlags(app.command('create [name]'))
    .description('create an application')
    .option('-f, --file <path>', 'manifest file, or - for standard input')
    .option('--upsert', 'replace one of that name that is different')
    .option('--no-validate', 'store it unchecked')
    .option('-l, --label <key=value>', 'label (repeatable)', collect)
    .option('--annotations <key=value>', 'annotation (repeatable)', collect)
    .option('--set-finalizer', 'delete its resources with it')
    .option('-N, --app-namespace <namespace>', 'namespace of the application itself')
    .addHelpText(
      'after',
      '\nExamples:\n  capstan app create web --repo https://git.example/deploy.git --path web --dest-server https://kubernetes.default.svc --dest-namespace web\n  capstan app create -f application.yaml --upsert',
    )
    .action(async (name: string | undefined, flags: CreateFlags, command: Command) => {
      const api = await context.api(globalFlags(command))
      for (const application of await applicationsOf(name, await withLiteral(flags, context), context)) {
        const existing = await existingOf(api, application, context)
        const created = await calls.createApplication(
          api,
          application,
          { upsert: flags.upsert === true, validate: flags.validate },
          context.signal,
        )
        context.write(`application '${created.metadata.name ?? ''}' ${outcomeOf(existing, created)}\n`)
      }
    })
}

/** The application that stands there already, if one does. */
async function existingOf(
  api: ApiClient,
  { metadata: { name = '', namespace } }: Pick<Application, 'metadata'>,
  { signal }: CliContext,
): Promise<Application | undefined> {
  try {
    return await calls.getApplication(api, namespace === undefined ? name : `${namespace}/${name}`, '', signal)
  } catch (error) {
    // Who may not read it, or asks for it in vain, learns more from the creation.
    if (error instanceof CapstanError) return undefined
    throw error
  }
}

/** What upstream prints (cmd/argocd/commands/app.go `hasAppChanged`, v3.5.1). */
function outcomeOf(existing: Application | undefined, created: Application): 'created' | 'updated' | 'unchanged' {
  if (existing === undefined) return 'created'
  const seen = ({ spec, metadata: { labels, annotations, finalizers } }: Application): unknown => [
    spec,
    labels ?? {},
    annotations ?? {},
    finalizers ?? [],
  ]
  return isDeepStrictEqual(seen(existing), seen(created)) ? 'unchanged' : 'updated'
}

async function applicationsOf(
  name: string | undefined,
  flags: CreateFlags,
  context: CliContext,
): Promise<readonly Pick<Application, 'metadata' | 'spec'>[]> {
  const drafts =
    flags.file === undefined ? [{}] : parseYamlDocuments(await context.readText(flags.file)).map(({ value }) => value)
  const objects = drafts.filter((draft) => typeof draft === 'object' && draft !== null)
  if (objects.length === 0) throw new CapstanError('bad-input', `${flags.file ?? ''} holds no application`)
  return objects.map((draft) => completeApplication(draft as Partial<Application>, name, flags))
}

/** A manifest, or nothing, completed by the flags. */
function completeApplication(
  draft: Partial<Application>,
  name: string | undefined,
  flags: CreateFlags,
): Pick<Application, 'metadata' | 'spec'> {
  const { metadata = {}, spec } = draft
  const finalName = name ?? metadata.name
  if (finalName === undefined) throw new CapstanError('bad-input', 'name the application: capstan app create NAME …')
  const labels = { ...metadata.labels, ...pairsOf(flags.label, '--label') }
  const annotations = { ...metadata.annotations, ...pairsOf(flags.annotations, '--annotations') }
  const finalizers = flags.setFinalizer === true ? ['resources-finalizer.argocd.argoproj.io'] : metadata.finalizers
  const named = calls.nameFields(finalName)
  const namespace = flags.appNamespace ?? named.appNamespace ?? metadata.namespace
  return {
    ...draft,
    metadata: {
      ...metadata,
      name: named.name,
      ...(namespace === undefined ? {} : { namespace }),
      ...(Object.keys(labels).length > 0 ? { labels } : {}),
      ...(Object.keys(annotations).length > 0 ? { annotations } : {}),
      ...(finalizers === undefined ? {} : { finalizers }),
    },
    spec: applySpecFlags(spec ?? { destination: {}, project: 'default' }, flags),
  }
}

interface SetFlags extends SpecFlags {
  readonly validate: boolean
  readonly valuesLiteralFile?: string
  readonly appNamespace?: string
  readonly sourcePosition: number
  readonly sourceName?: string
}

function addSet(app: Command, context: CliContext): void {
  addSpecFlags(app.command('set <name>'))
    .description('change the spec of an application')
    .option('--no-validate', 'store it unchecked')
    .option('--source-position <n>', 'source to change, of several, from 1', wholeNumber, -1)
    .option('-N, --app-namespace <namespace>', 'namespace of the application itself')
    .addHelpText(
      'after',
      '\nExamples:\n  capstan app set web --revision v1.2.0\n  capstan app set web -p image.tag=v2 --sync-policy automated\n  capstan app set web --source-position 2 --revision v1.2.0',
    )
    .action(async (name: string, flags: SetFlags, command: Command) => {
      const api = await context.api(globalFlags(command))
      const own = ['validate', 'sourcePosition', 'sourceName', 'appNamespace']
      const given = specFlagNames(command).filter(
        (key) => command.getOptionValueSource(key) === 'cli' && !own.includes(key),
      )
      if (given.length === 0) throw refusal('Please set at least one option to update')
      const fields = applicationFields(name, flags.appNamespace)
      const application = await api.call<Application>('application.ApplicationService/Get', fields, context.signal)
      const position = positionOf(application, flags)
      const count = application.spec.sources?.length ?? 0
      if (count > 0 && position <= 0)
        throw new CapstanError('bad-input', 'Source position should be specified and must be greater than 0 for applications with multiple sources') // prettier-ignore
      if (position > count && count > 0)
        throw new CapstanError('bad-input', 'Source position should be less than the number of sources in the application') // prettier-ignore
      const spec = applySpecFlags(application.spec, await withLiteral(flags, context), position)
      const request = { ...fields, spec, validate: flags.validate }
      await api.call('application.ApplicationService/UpdateSpec', request, context.signal)
    })
}

/** Those that change the spec: what the connection is told is not among them. */
function specFlagNames(command: Command): readonly string[] {
  return command.options.filter(({ hidden }) => !hidden).map((option) => option.attributeName())
}

function addAddSource(app: Command, context: CliContext): void {
  addSpecFlags(app.command('add-source <name>'))
    .description('add a source to an application with several')
    .option('--no-validate', 'store it unchecked')
    .option('-N, --app-namespace <namespace>', 'namespace of the application itself')
    .addHelpText(
      'after',
      '\nExamples:\n  capstan app add-source web --repo https://git.example/values.git --ref values --revision main',
    )
    .action(async (name: string, flags: SetFlags, command: Command) => {
      const api = await context.api(globalFlags(command))
      const fields = applicationFields(name, flags.appNamespace)
      const { spec } = await api.call<Application>('application.ApplicationService/Get', fields, context.signal)
      const sources = spec.sources ?? []
      if (sources.length === 0)
        throw new CapstanError('bad-input', `Cannot add source: application ${fields.name} does not have spec.sources defined`) // prettier-ignore
      const added = applySource(undefined, await withLiteral(flags, context))
      const request = { ...fields, spec: { ...spec, sources: [...sources, added] }, validate: flags.validate }
      await api.call('application.ApplicationService/UpdateSpec', request, context.signal)
      context.write(`Application '${fields.name}' updated successfully\n`)
    })
}

interface DeleteFlags {
  readonly cascade: boolean
  readonly propagationPolicy: string
  readonly yes?: boolean
  readonly wait?: boolean
  readonly selector?: string
}

function addDelete(app: Command, context: CliContext): void {
  app
    .command('delete [names...]')
    .description('delete applications, and what they deployed')
    .option('--cascade', 'delete what was deployed too', true)
    .option('-p, --propagation-policy <policy>', 'foreground|background', 'foreground')
    .option('-y, --yes', 'do not ask')
    .option('--wait', 'wait until it is gone')
    .option('-l, --selector <labels>', 'applications with these labels')
    .addHelpText('after', '\nExamples:\n  capstan app delete web -y\n  capstan app delete web --cascade=false')
    .action(async (names: readonly string[], flags: DeleteFlags, command: Command) => {
      const api = await context.api(globalFlags(command))
      const { cascade } = flags
      for (const name of names.length > 0 ? names : await selectedNames()) await deleteOne(name)

      async function selectedNames(): Promise<readonly string[]> {
        if (flags.selector === undefined)
          throw new CapstanError('bad-input', 'name an application, or choose some with --selector')
        const found = await calls.listApplications(api, { selector: flags.selector }, context.signal)
        return found.map(({ metadata }) => `${metadata.namespace ?? ''}/${metadata.name ?? ''}`)
      }

      async function deleteOne(name: string): Promise<void> {
        if (!(await isConfirmed(context, name, cascade, flags.yes === true))) return
        const policy = cascade ? { propagationPolicy: flags.propagationPolicy } : {}
        await calls.deleteApplication(api, name, { cascade, ...policy }, context.signal)
        if (flags.wait === true) await waitUntilGone(name)
        context.write(`application '${name}' deleted\n`)
      }

      async function waitUntilGone(name: string): Promise<void> {
        const waitFor = {
          sync: false,
          health: false,
          operation: false,
          suspended: false,
          degraded: false,
          delete: true,
        }
        await followApplication(context, api, { name, timeoutSeconds: 0, waitFor, isQuiet: true })
      }
    })
}

async function isConfirmed(context: CliContext, name: string, cascade: boolean, isSure: boolean): Promise<boolean> {
  if (isSure || !context.isTerminal) return true
  const what = cascade ? 'and all its resources' : 'and leave its resources'
  const answer = await context.ask(`Are you sure you want to delete '${name}' ${what}? [y/n] `, false)
  return /^y(es)?$/i.test(answer.reveal().trim())
}
