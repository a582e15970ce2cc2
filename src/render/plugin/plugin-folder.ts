// The folder that says which plug-ins there are: sockets of sidecars, and descriptions of local commands.
import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '../../base/clock.ts'
import { CapstanError, messageOf } from '../../base/errors.ts'
import type { Log } from '../../base/log.ts'
import { MAX_CONFIGURATION_BYTES, parsePluginConfiguration } from './configuration.ts'
import { createLocalPlugin, EXEC_TIMEOUT_MS } from './local-plugin.ts'
import type { Plugin } from './plugin.ts'
import { createSidecarPlugin, SIDECAR_TIMEOUT_MS } from './sidecar-plugin.ts'

export interface PluginFolderOptions {
  readonly folder: string
  readonly clock: Clock
  readonly log: Log
  readonly execTimeoutMs?: number
  readonly sidecarTimeoutMs?: number
}

/** Files looked at, by name; a folder with more is the wrong one, and a warning says so. */
export const MAX_PLUGINS = 200

/**
 * `NAME.sock` is a sidecar, as in Argo CD's plug-in folder; `*.yaml` describes a local one. What cannot be read is logged once
 * and left out. Throws where the folder cannot be listed.
 */
export function pluginFolder(options: PluginFolderOptions): () => Promise<readonly Plugin[]> {
  const reader = new FolderReader(options)
  return () => reader.list()
}

interface KnownFile {
  readonly mark: string
  readonly plugin: Plugin | undefined
}

class FolderReader {
  readonly #options: PluginFolderOptions
  #known: ReadonlyMap<string, KnownFile> = new Map()
  #told = 0

  constructor(options: PluginFolderOptions) {
    this.#options = options
  }

  async list(): Promise<readonly Plugin[]> {
    const next = new Map<string, KnownFile>()
    for (const name of await this.#names()) {
      const known = await this.#file(name)
      if (known !== undefined) next.set(name, known)
    }
    this.#known = next
    return [...next.values()].map(({ plugin }) => plugin).filter((plugin) => plugin !== undefined)
  }

  async #names(): Promise<readonly string[]> {
    const { folder } = this.#options
    try {
      const names = await readdir(folder)
      this.#tellBeyond(names.length)
      return names.toSorted().slice(0, MAX_PLUGINS)
    } catch (error) {
      throw new CapstanError('precondition', `failed to list all plugins in dir: ${messageOf(error)}`, { cause: error })
    }
  }

  /** Each source lists the folder: the same number of files is told once. */
  #tellBeyond(files: number): void {
    const { folder, log } = this.#options
    if (files > MAX_PLUGINS && files !== this.#told) {
      log.warn('a folder of plug-ins has too many files: those behind the limit are left out', {
        folder,
        files,
        limit: MAX_PLUGINS,
      })
    }
    this.#told = files
  }

  async #file(name: string): Promise<KnownFile | undefined> {
    const { folder, sidecarTimeoutMs = SIDECAR_TIMEOUT_MS } = this.#options
    const path = join(folder, name)
    const facts = await stat(path).catch(() => undefined) // gone since it was listed
    if (facts === undefined) return undefined
    const mark = `${facts.mtimeMs} ${facts.size} ${facts.ino}`
    const known = this.#known.get(name)
    if (known?.mark === mark) return known
    if (facts.isSocket() && name.endsWith('.sock')) {
      return {
        mark,
        plugin: createSidecarPlugin({ name: name.slice(0, -5), socket: path, timeoutMs: sidecarTimeoutMs }),
      }
    }
    if (!facts.isFile() || !/\.ya?ml$/.test(name)) return undefined
    return { mark, plugin: await this.#local(path, facts.size) }
  }

  async #local(path: string, size: number): Promise<Plugin | undefined> {
    const { clock, log, execTimeoutMs = EXEC_TIMEOUT_MS } = this.#options
    try {
      if (size > MAX_CONFIGURATION_BYTES) {
        throw new CapstanError('limit', `is larger than ${MAX_CONFIGURATION_BYTES} bytes`)
      }
      const configuration = parsePluginConfiguration(await readFile(path, 'utf8'))
      return createLocalPlugin({ configuration, clock, timeoutMs: execTimeoutMs })
    } catch (error) {
      log.error('a plug-in is left out', { file: path, error: messageOf(error) })
      return undefined
    }
  }
}
