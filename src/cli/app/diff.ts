// `app diff`: where Git and the cluster differ, as `diff` of each resource; exit code 1 where anything does.
import type { Command } from 'commander'
import type { ResourceDiff } from '../../crds/tree.ts'
import { stringifyYaml } from '../../lang/yaml/write.ts'
import { ExitCode, type CliContext } from '../context.ts'
import { globalFlags, wholeNumber } from '../flags.ts'
import { lineDiff } from '../line-diff.ts'
import * as calls from './calls.ts'
import { parseJson } from '../../kube/json-digits.ts'

interface DiffFlags {
  readonly exitCode: boolean
  readonly diffExitCode: number
  readonly refresh?: boolean
  readonly hardRefresh?: boolean
  readonly explain?: boolean
}

export function addDiffCommand(app: Command, context: CliContext): void {
  app
    .command('diff <name>')
    .description('show where Git and the cluster differ; exit code 1 if they do, 0 if not')
    .option('--exit-code', 'exit with a code that tells', true)
    .option('--no-exit-code', 'exit with 0 either way')
    .option('--diff-exit-code <code>', 'exit code where they differ', wholeNumber, 1)
    .option('--refresh', 'look at Git first')
    .option('--hard-refresh', 'look at Git first and render anew')
    .option('--explain', 'name each field that differs, who wrote it last, and when')
    .addHelpText('after', '\nExamples:\n  capstan app diff web\n  capstan app diff web --refresh --diff-exit-code 5')
    .action(async (name: string, flags: DiffFlags, command: Command) => {
      const api = await context.api(globalFlags(command))
      const refresh = flags.hardRefresh === true ? 'hard' : flags.refresh === true ? 'normal' : ''
      await calls.getApplication(api, name, refresh, context.signal)
      const resources = await calls.managedResources(api, name, context.signal)
      const texts = resources
        .map((resource) => ({ resource, text: diffText(resource) }))
        .filter(({ text }) => text !== '')
        .map(({ resource, text }) => (flags.explain === true ? text + explanation(resource) : text))
      context.write(texts.join(''))
      if (texts.length > 0 && flags.exitCode) throw new ExitCode(flags.diffExitCode)
    })
}

/** Empty where the resource is as wanted. Hooks are no part of a comparison. */
function diffText(resource: ResourceDiff): string {
  const { group = '', kind = '', namespace = '', name = '', hook } = resource
  const live = yamlOf(resource.normalizedLiveState)
  const wanted = yamlOf(resource.targetState === 'null' || !resource.targetState ? 'null' : resource.predictedLiveState)
  if (hook === true || live === wanted) return ''
  const body = lineDiff(live, wanted)
  return `\n===== ${group}/${kind} ${namespace}/${name} ======\n${body}`
}

/** A line a field. An older server says nothing of them. */
function explanation({ differingFields = [] }: ResourceDiff): string {
  return differingFields
    .map(({ path, manager = '', subresource = '', time = '' }) => {
      const through = subresource === '' ? '' : ` through ${subresource}`
      const who =
        manager === '' ? 'nobody owns it' : `last written by ${manager}${through}${time === '' ? '' : ` at ${time}`}`
      return `# ${path}: ${who}\n`
    })
    .join('')
}

function yamlOf(json: string | undefined): string {
  return json === undefined || json === '' || json === 'null' ? '' : stringifyYaml(parseJson(json))
}
