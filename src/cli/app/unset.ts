// `app unset`: parameters of a source back to what the repository says (cmd/argocd/commands/app.go, v3.5.1).
import type { Command } from 'commander'
import { CapstanError } from '../../base/errors.ts'
import type { Application, ApplicationSource } from '../../crds/application.ts'
import { refusal, type CliContext } from '../context.ts'
import { addVerb } from '../verb.ts'
import { repeated, truthFlag, type Flag, type Values } from '../verb-flags.ts'
import { applicationFields, namespaceFlag, positionFlags, positionOf } from './edit-verbs.ts'
import { imageName } from './spec-flags.ts'

const SERVICE = 'application.ApplicationService'

type Truths = 'valuesLiteral' | 'ignoreMissingValueFiles' | 'passCredentials' | 'namesuffix' | 'nameprefix' | 'kustomizeVersion' | 'kustomizeNamespace' | 'ignoreMissingComponents' | 'ref' // prettier-ignore
type Lists = 'parameter' | 'values' | 'kustomizeImage' | 'kustomizeReplica' | 'pluginEnv'

const unsetFlags: Readonly<Record<Truths, Flag<boolean>> & Record<Lists, Flag<readonly string[]>>> = {
  parameter: repeated('Helm parameter', { short: 'p' }),
  values: repeated('Helm values file'),
  valuesLiteral: truthFlag('Helm values written in the application'),
  ignoreMissingValueFiles: truthFlag('values files may be missing'),
  passCredentials: truthFlag('credentials for all hosts'),
  nameprefix: truthFlag('Kustomize name prefix'),
  namesuffix: truthFlag('Kustomize name suffix'),
  kustomizeVersion: truthFlag('Kustomize version'),
  kustomizeNamespace: truthFlag('Kustomize namespace'),
  kustomizeImage: repeated('Kustomize image override, by name'),
  kustomizeReplica: repeated('Kustomize replicas override, by name'),
  ignoreMissingComponents: truthFlag('components may be missing'),
  pluginEnv: repeated('variable of the plug-in'),
  ref: truthFlag('name by which other sources refer to this one'),
}

export type UnsetFlags = Partial<Values<typeof unsetFlags>>

export function addUnset(app: Command, context: CliContext): void {
  addVerb(app, context, {
    words: 'unset <name>',
    about: 'take parameters of a source away, so that the repository decides',
    writes: true,
    flags: { ...namespaceFlag, ...unsetFlags, ...positionFlags },
    examples: ['app unset web -p image.tag', 'app unset web --nameprefix --kustomize-image nginx'],
    async run(call) {
      const fields = applicationFields(call.args[0], call.flags.appNamespace)
      const application = await call.send<Application>(`${SERVICE}/Get`, fields)
      const { spec } = application
      const position = positionOf(application, call.flags)
      const sources = spec.sources ?? []
      if (sources.length > 0 && (position <= 0 || position > sources.length))
        throw new CapstanError(
          'bad-input',
          `name the source by --source-position, from 1 to ${sources.length}, or --source-name`,
        )
      const source = sources.length > 0 ? sources[position - 1] : spec.source
      if (Object.keys(unsetFlags).every((name) => isEmpty(Reflect.get(call.flags, name))))
        throw refusal('name what to unset; "capstan app unset --help" shows what can be')
      const changed = source === undefined ? undefined : unsetSource(source, call.flags)
      if (changed === undefined) return
      if (!(await call.confirm('Are you sure you want to unset the parameters? [y/n]')))
        return call.print('The command to unset the parameters has been cancelled.\n')
      const next = sources.length > 0 ? { ...spec, sources: sources.with(position - 1, changed) } : { ...spec, source: changed } // prettier-ignore
      await call.send(`${SERVICE}/UpdateSpec`, { ...fields, spec: next, validate: true })
    },
  })
}

function isEmpty(value: unknown): boolean {
  return value === undefined || value === false
}

type Fields = Readonly<Record<string, unknown>>

/** The source without what is named; undefined where nothing of it was there. */
function unsetSource(source: ApplicationSource, flags: UnsetFlags): ApplicationSource | undefined {
  const { kustomize, helm, plugin } = source
  const changed = {
    ...without(source, [flags.ref, 'ref']),
    ...block('kustomize', kustomize, (fields) => ({
      ...without(
        fields,
        [flags.nameprefix, 'namePrefix'],
        [flags.namesuffix, 'nameSuffix'],
        [flags.kustomizeVersion, 'version'],
        [flags.kustomizeNamespace, 'namespace'],
        [flags.ignoreMissingComponents, 'ignoreMissingComponents'],
      ),
      ...rest('images', kustomize?.images, flags.kustomizeImage, imageName),
      ...rest('replicas', kustomize?.replicas, flags.kustomizeReplica, ({ name }) => name),
    })),
    ...block('helm', helm, (fields) => ({
      ...without(
        fields,
        [flags.valuesLiteral, 'values'],
        [flags.valuesLiteral, 'valuesObject'],
        [flags.ignoreMissingValueFiles, 'ignoreMissingValueFiles'],
        [flags.passCredentials, 'passCredentials'],
      ),
      ...rest('parameters', helm?.parameters, flags.parameter, ({ name = '' }) => name),
      ...rest('valueFiles', helm?.valueFiles, flags.values, (name) => name),
    })),
    ...block('plugin', plugin, () => rest('env', plugin?.env, flags.pluginEnv, ({ name }) => name)),
  }
  // The shape is the source's: fields only went away.
  const result = changed as ApplicationSource
  return JSON.stringify(result) === JSON.stringify(source) ? undefined : result
}

function without(fields: object, ...gone: readonly (readonly [isGone: boolean | undefined, name: string])[]): Fields {
  const names = gone.filter(([isGone]) => isGone === true).map(([, name]) => name)
  return Object.fromEntries(Object.entries(fields).filter(([name]) => !names.includes(name)))
}

function block(name: string, current: object | undefined, change: (fields: object) => Fields): Fields {
  return current === undefined ? {} : { [name]: { ...without(current), ...change(current) } }
}

/** Items whose names are not among those to go. */
function rest<T>(
  field: string,
  items: readonly T[] | undefined,
  gone: readonly string[] | undefined,
  nameOf: (item: T) => string,
): Fields {
  // prettier-ignore
  if (items === undefined || gone === undefined) return {}
  return { [field]: items.filter((item) => !gone.includes(nameOf(item))) }
}
