// A plug-in that runs as commands on the control plane's machine, on a private copy of the files.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { Clock } from '../../base/clock.ts'
import { CapstanError, messageOf } from '../../base/errors.ts'
import { compileGlob } from '../../base/glob.ts'
import { maskSecrets } from '../../base/secret.ts'
import {
  hasDiscovery,
  pluginNameOf,
  readAnnouncements,
  type Announcement,
  type PluginConfiguration,
} from './configuration.ts'
import { filesBelow, pathsBelow } from './copied-files.ts'
import { gitCredentials } from './git-credentials.ts'
import type { Plugin, PluginTask } from './plugin.ts'
import { runCommand } from './run-command.ts'

export interface LocalPluginOptions {
  readonly configuration: PluginConfiguration
  readonly clock: Clock
  /** Of each command. */
  readonly timeoutMs: number
}

/** ARGOCD_EXEC_TIMEOUT of upstream. */
export const EXEC_TIMEOUT_MS = 90_000

export function createLocalPlugin(options: LocalPluginOptions): Plugin {
  const { configuration } = options
  return {
    name: pluginNameOf(configuration),
    hasDiscovery: async () => hasDiscovery(configuration),
    matches: (task) => matches(options, task),
    announce: (task) => announce(options, task),
    generate: (task) => inCopy(options, task, (copy) => generate(options, task, copy)),
  }
}

async function generate(options: LocalPluginOptions, task: PluginTask, copy: Copy): Promise<readonly string[]> {
  const { init, generate: command } = options.configuration
  if (init.command.length > 0) await run(options, task, copy, init)
  return [await run(options, task, copy, command)]
}

/** What the command says, then what stands in the description, which counts where both name a parameter. */
async function announce(options: LocalPluginOptions, task: PluginTask): Promise<readonly Announcement[]> {
  const { dynamic, static: announced } = options.configuration.parameters
  if (dynamic.command.length === 0) return announced
  const printed = await inCopy(options, task, (copy) => run(options, task, copy, dynamic))
  return [...readAnnouncements(printed), ...announced]
}

async function matches(options: LocalPluginOptions, task: PluginTask): Promise<boolean> {
  const { fileName, glob, command } = options.configuration.discover
  if (fileName !== '') return findByName(task, fileName)
  if (glob !== '') {
    const paths = await pathsBelow(task.tree, task.path, task.signal)
    return paths.some(isMatch(glob, task.path))
  }
  const printed = await inCopy(options, task, (copy) => run(options, task, copy, command))
  return printed !== ''
}

/** A name or a pattern without `**`, from the application's folder on. */
async function findByName({ tree, path, signal }: PluginTask, pattern: string): Promise<boolean> {
  const parts = pattern.replace(/^\.?\//, '').split('/')
  if (parts.includes('..')) throw new CapstanError('bad-input', `discover.fileName ${pattern} leaves the folder`)
  let folders = [path]
  for (const [index, part] of parts.entries()) {
    const fits = compileGlob(part, '/')
    const isLast = index === parts.length - 1
    const next: string[] = []
    for (const folder of folders) {
      const entries = (await tree.readDirectory(folder, signal)) ?? []
      const found = entries.filter(({ name, type }) => fits(name) && (isLast || type === 'directory'))
      next.push(...found.map(({ name }) => (folder === '' ? name : `${folder}/${name}`)))
    }
    folders = next
  }
  return folders.length > 0
}

/** With `**` as any number of folders, none included. */
function isMatch(glob: string, root: string): (path: string) => boolean {
  const patterns = [glob.replace(/^\.?\//, '')]
  const first = patterns[0] ?? ''
  if (first.includes('**/')) patterns.push(first.replaceAll('**/', ''))
  const matchers = patterns.map((pattern) => compileGlob(pattern, '/'))
  const from = root === '' ? 0 : root.length + 1
  return (path) => matchers.some((fits) => fits(path.slice(from)))
}

interface Copy {
  /** The application's folder in the copy. */
  readonly folder: string
  /** The copy's own home and place for temporary files. */
  readonly home: string
}

async function inCopy<T>(
  { configuration }: LocalPluginOptions,
  task: PluginTask,
  use: (copy: Copy) => Promise<T>,
): Promise<T> {
  const root = configuration.onlyPath ? task.path : ''
  const files = await filesBelow(task.tree, root, task.signal)
  // mkdtemp makes folders that only this user can enter (0700).
  const base = await mkdtemp(join(tmpdir(), 'capstan-plugin-'))
  try {
    const home = join(base, 'home')
    const source = join(base, 'source')
    await mkdir(home, { mode: 0o700 })
    for (const { path, bytes, isExecutable } of files) {
      await write(join(source, path), bytes, isExecutable && configuration.preserveFileMode)
    }
    const folder = join(source, task.path)
    await mkdir(folder, { recursive: true, mode: 0o700 })
    return await use({ folder, home })
  } finally {
    await rm(base, { recursive: true, force: true, maxRetries: 3 })
  }
}

async function write(path: string, bytes: Uint8Array, isExecutable: boolean): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  await writeFile(path, bytes, { mode: isExecutable ? 0o700 : 0o600, flag: 'wx' })
}

async function run(
  { clock, timeoutMs, configuration }: LocalPluginOptions,
  task: PluginTask,
  { folder, home }: Copy,
  command: PluginConfiguration['init'],
): Promise<string> {
  const credentials = await gitCredentials(configuration.provideGitCreds ? task.credentials : undefined, home)
  const environment = { ...environmentOf(task, home), ...credentials.environment }
  try {
    return await runCommand(command, { folder, environment, timeoutMs, clock, signal: task.signal })
  } catch (error) {
    task.signal?.throwIfAborted()
    const message = maskSecrets(messageOf(error), credentials.secrets)
    if (error instanceof CapstanError) throw new CapstanError(error.code, message)
    throw new CapstanError('bad-input', `plug-in ${configuration.name}: ${message}`)
  } finally {
    await credentials.release()
  }
}

function environmentOf(task: PluginTask, home: string): NodeJS.ProcessEnv {
  const environment: NodeJS.ProcessEnv = {
    PATH: process.env['PATH'] ?? '/usr/local/bin:/usr/bin:/bin',
    HOME: home,
    TMPDIR: home,
  }
  for (const { name, value } of task.environment) if (isUsable(name, value)) environment[name] = value
  return environment
}

/** Names come from an Application: one with `=` or a NUL cannot be passed on. */
function isUsable(name: string, value: string): boolean {
  return name !== '' && !/[=\0]/.test(name) && !value.includes('\0')
}
