// A plug-in's own description, plugin.yaml, as config management plug-ins of Argo CD have it.
import { CapstanError, messageOf } from '../../base/errors.ts'
import { parseYaml } from '../../lang/yaml/read.ts'

export interface PluginCommand {
  /** The program and its first words; empty: nothing is run. */
  readonly command: readonly string[]
  readonly args: readonly string[]
}

export interface Announcement {
  readonly name: string
  readonly [field: string]: unknown
}

export interface PluginConfiguration {
  readonly name: string
  /** Part of the name applications select it by, where it is not empty. */
  readonly version: string
  readonly init: PluginCommand
  readonly generate: PluginCommand
  readonly discover: {
    readonly fileName: string
    readonly glob: string
    readonly command: PluginCommand
  }
  readonly parameters: { readonly static: readonly Announcement[]; readonly dynamic: PluginCommand }
  readonly preserveFileMode: boolean
  readonly provideGitCreds: boolean
  /** Annotation `capstan.dev/files: path`: the plug-in needs nothing outside the application's folder. */
  readonly onlyPath: boolean
}

/** Bytes of a plugin.yaml; scripts stand in it. */
export const MAX_CONFIGURATION_BYTES: number = 1024 * 1024

const PREFIX = 'invalid plugin configuration file.'

/** Reads a plugin.yaml (argo-cd v3.5.1 cmpserver/plugin/config.go). Throws `bad-input` with upstream's words. */
export function parsePluginConfiguration(text: string): PluginConfiguration {
  const root = fieldsOf(readYaml(text))
  const metadata = fieldsOf(root['metadata'])
  const spec = fieldsOf(root['spec'])
  const name = textOf(metadata['name'])
  const generate = commandOf(spec['generate'])
  if (name === '') throw invalid('metadata.name should be non-empty')
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(name)) throw invalid(`metadata.name ${JSON.stringify(name)} is no name`)
  if (root['kind'] !== 'ConfigManagementPlugin') {
    throw invalid(`kind should be ConfigManagementPlugin, found ${textOf(root['kind'])}`)
  }
  if (generate.command.length === 0) throw invalid('spec.generate command should be non-empty')
  return {
    name,
    version: textOf(spec['version']),
    init: commandOf(spec['init']),
    generate,
    discover: discoverOf(fieldsOf(spec['discover'])),
    parameters: parametersOf(fieldsOf(spec['parameters'])),
    preserveFileMode: spec['preserveFileMode'] === true,
    provideGitCreds: spec['provideGitCreds'] === true,
    onlyPath: fieldsOf(metadata['annotations'])['capstan.dev/files'] === 'path',
  }
}

/** `name-version`, or `name` where there is no version: what `plugin.name` of a source says. */
export function pluginNameOf({ name, version }: PluginConfiguration): string {
  return version === '' ? name : `${name}-${version}`
}

export function hasDiscovery({ discover }: PluginConfiguration): boolean {
  return discover.fileName !== '' || discover.glob !== '' || discover.command.command.length > 0
}

/** What a command for dynamic parameters prints: a JSON list of announcements. */
export function readAnnouncements(text: string): readonly Announcement[] {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    const problem = 'error unmarshaling dynamic parameter output into ParametersAnnouncementResponse'
    throw new CapstanError('bad-input', `${problem}: ${messageOf(error)}`, { cause: error })
  }
  return announcementsOf(value)
}

function announcementsOf(value: unknown): readonly Announcement[] {
  const listed = Array.isArray(value) ? value : []
  return listed.map(fieldsOf).map((one): Announcement => ({ ...one, name: textOf(one['name']) }))
}

function invalid(problem: string): CapstanError {
  return new CapstanError('bad-input', `${PREFIX} ${problem}`)
}

function readYaml(text: string): unknown {
  try {
    return parseYaml(text)
  } catch (error) {
    throw new CapstanError('bad-input', `${PREFIX} ${messageOf(error)}`, { cause: error })
  }
}

type Fields = Readonly<Record<string, unknown>>

function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {} // an object
}

function textOf(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : ''
}

function wordsOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.map(textOf) : []
}

function commandOf(value: unknown): PluginCommand {
  const fields = fieldsOf(value)
  return { command: wordsOf(fields['command']), args: wordsOf(fields['args']) }
}

function discoverOf(discover: Fields): PluginConfiguration['discover'] {
  const find = fieldsOf(discover['find'])
  return { fileName: textOf(discover['fileName']), glob: textOf(find['glob']), command: commandOf(find) }
}

function parametersOf(parameters: Fields): PluginConfiguration['parameters'] {
  return { static: announcementsOf(parameters['static']), dynamic: commandOf(parameters['dynamic']) }
}
