// `app edit|patch|confirm-deletion|add-source|remove-source`: changes of an application's own resource.
import type { Command } from 'commander'
import { CapstanError } from '../../base/errors.ts'
import { rfc3339Seconds } from '../../base/rfc3339.ts'
import type { Application } from '../../crds/application.ts'
import { parseYaml } from '../../lang/yaml/read.ts'
import { stringifyYaml } from '../../lang/yaml/write.ts'
import { refusal, type CliContext } from '../context.ts'
import { editUntilTaken } from '../edit.ts'
import { formatObject } from '../output.ts'
import { addVerb, type Call } from '../verb.ts'
import { number, text, type Flag } from '../verb-flags.ts'
import { nameFields } from './calls.ts'

const SERVICE = 'application.ApplicationService'

export const namespaceFlag: Readonly<Record<'appNamespace', Flag<string>>> = {
  appNamespace: text('namespace of the application itself', { short: 'N' }),
}

/** Name and namespace as calls take them; the namespace in the name wins. */
export function applicationFields(
  name = '',
  appNamespace?: string,
): { readonly name: string; readonly appNamespace?: string } {
  return { ...(appNamespace === undefined || appNamespace === '' ? {} : { appNamespace }), ...nameFields(name) }
}

export function addEditVerbs(app: Command, context: CliContext): void {
  addVerb(app, context, {
    words: 'edit <name>',
    about: "change an application's spec in your editor ($EDITOR)",
    flags: namespaceFlag,
    examples: ['app edit web', 'EDITOR=nano capstan app edit web'],
    async run(call) {
      const fields = applicationFields(call.args[0], call.flags.appNamespace)
      const { spec } = await call.send<Application>(`${SERVICE}/Get`, fields)
      await editUntilTaken(context, stringifyYaml(spec), `${fields.name}-edit.yaml`, async (edited) => {
        await call.send(`${SERVICE}/UpdateSpec`, { ...fields, spec: parseYaml(edited), validate: true })
      })
    },
  })
  addVerb(app, context, {
    words: 'patch <name>',
    about: 'change an application by a patch, and print what came of it',
    writes: true,
    flags: {
      ...namespaceFlag,
      patch: text('the patch'),
      type: text('json or merge', { initial: 'json' }),
    },
    examples: [
      `app patch web --patch '[{"op": "replace", "path": "/spec/source/targetRevision", "value": "v2"}]'`,
      `app patch web --type merge --patch '{"spec": {"source": {"targetRevision": "v2"}}}'`,
    ],
    async run(call) {
      const { patch = '', type: patchType, appNamespace } = call.flags
      const request = { ...applicationFields(call.args[0], appNamespace), patch, patchType }
      const patched = await call.send<Application>(`${SERVICE}/Patch`, request)
      // Upstream ends it with an empty line.
      if (!call.isDryRun) call.print(`${formatObject(patched, 'yaml')}\n`)
    },
  })
  addVerb(app, context, {
    words: 'confirm-deletion <name>',
    about: 'let resources be deleted that wait for a confirmation',
    writes: true,
    flags: namespaceFlag,
    examples: ['app confirm-deletion web'],
    async run(call) {
      const application = await call.send<Application>(
        `${SERVICE}/Get`,
        applicationFields(call.args[0], call.flags.appNamespace),
      )
      const { metadata, spec } = application
      const approved = { 'argocd.argoproj.io/deletion-approved': rfc3339Seconds(context.clock.now()) }
      const changed = { ...metadata, annotations: { ...metadata.annotations, ...approved } }
      const request = { application: { ...application, metadata: changed }, validate: false, project: spec.project }
      await call.send(`${SERVICE}/Update`, request)
      call.print(`Application '${metadata.name ?? ''}' updated successfully\n`)
    },
  })
  addRemoveSource(app, context)
}

export const positionFlags: {
  readonly sourcePosition: Flag<number> & { readonly initial: number }
  readonly sourceName: Flag<string>
} = {
  sourcePosition: number('position of the source, from 1', { initial: -1 }),
  sourceName: text('name of the source'),
}

/** The position that the flags name; 0 or less where none is. */
export function positionOf(
  { spec }: Application,
  { sourcePosition, sourceName = '' }: { readonly sourcePosition: number; readonly sourceName?: string | undefined },
): number {
  if (sourceName === '') return sourcePosition
  if (sourcePosition !== -1)
    throw new CapstanError('bad-input', 'Only one of source-position and source-name can be specified.')
  const index = (spec.sources ?? []).findIndex(({ name }) => name === sourceName)
  if (index < 0) throw refusal(`Unknown source name '${sourceName}'`)
  return index + 1
}

function addRemoveSource(app: Command, context: CliContext): void {
  addVerb(app, context, {
    words: 'remove-source <name>',
    about: 'remove one of several sources',
    writes: true,
    flags: { ...namespaceFlag, ...positionFlags },
    examples: ['app remove-source web --source-position 2', 'app remove-source web --source-name values'],
    run: removeSource,
  })
}

async function removeSource(call: Call<typeof namespaceFlag & typeof positionFlags>): Promise<void> {
  const { appNamespace, sourcePosition, sourceName = '' } = call.flags
  if (sourceName === '' && sourcePosition <= 0)
    throw new CapstanError('bad-input', 'Value of source-position must be greater than 0')
  const fields = applicationFields(call.args[0], appNamespace)
  const application = await call.send<Application>(`${SERVICE}/Get`, fields)
  const position = positionOf(application, call.flags)
  const sources = application.spec.sources ?? []
  if (sources.length === 0) throw new CapstanError('bad-input', 'Application does not have multiple sources configured')
  if (sources.length === 1) throw new CapstanError('bad-input', 'Cannot remove the only source remaining in the app')
  if (sources.length < position) throw new CapstanError('bad-input', `Application does not have source at ${position}`)
  if (!(await call.confirm('Are you sure you want to delete the source? [y/n]'))) {
    call.print('The command to delete the source was cancelled\n')
    return
  }
  const spec = { ...application.spec, sources: sources.toSpliced(position - 1, 1) }
  await call.send(`${SERVICE}/UpdateSpec`, { ...fields, spec })
  call.print(`Application '${application.metadata.name ?? ''}' updated successfully\n`)
}
