// The plug-ins there are, and the one that is for a source.
import { CapstanError, messageOf } from '../../base/errors.ts'
import type { FileTree } from '../../source/file-tree.ts'
import type { GitAccess } from '../../source/git/access.ts'
import type { SourcePlugins } from '../contract.ts'
import { sourcePath } from '../detect.ts'
import type { RenderRequest } from '../renderer.ts'
import type { Announcement } from './configuration.ts'
import { pluginEnvironment } from './environment.ts'
import type { Plugin, PluginTask } from './plugin.ts'
import { archiveOnce } from './tar-archive.ts'

export interface OverSource extends SourcePlugins {
  /** A plug-in was asked whether the source is its own: any file may have decided that. */
  readonly wasAsked: boolean
  /** Is there one that says the source is its own? */
  discovers(signal?: AbortSignal): Promise<boolean>
  /** The parameters that the source's plug-in offers. */
  announce(signal?: AbortSignal): Promise<readonly Announcement[]>
}

export interface Plugins {
  /** As sources select them. */
  names(): Promise<readonly string[]>
  /** The plug-ins for the files of one source, as they were committed. */
  over(tree: FileTree, request: RenderRequest): OverSource
}

/** Credentials and trust of a repository on behalf of a project. */
export type AccessFor = (repoURL: string, project: string) => Promise<GitAccess>

/** `list` is called anew for each source: plug-ins come and go while the program runs. */
export function createPlugins(list: () => Promise<readonly Plugin[]>, accessFor?: AccessFor): Plugins {
  return {
    names: async () => (await list()).map(({ name }) => name),
    over: (tree, request) => new Over({ list, accessFor }, tree, request),
  }
}

interface Known {
  readonly list: () => Promise<readonly Plugin[]>
  readonly accessFor: AccessFor | undefined
}

class Over implements OverSource {
  readonly #known: Known
  readonly #tree: FileTree
  readonly #archive: PluginTask['archive']
  readonly #request: RenderRequest
  #discovered: Plugin | undefined
  wasAsked = false

  constructor(known: Known, tree: FileTree, request: RenderRequest) {
    this.#known = known
    this.#tree = tree
    this.#archive = archiveOnce(tree)
    this.#request = request
  }

  async discovers(signal?: AbortSignal): Promise<boolean> {
    const task = this.#task(signal)
    for (const plugin of await this.#known.list()) {
      if (!(await this.#isAskable(plugin, signal))) continue
      this.wasAsked = true
      if (await isOwn(plugin, task)) {
        this.#discovered = plugin
        return true
      }
    }
    return false
  }

  async announce(signal?: AbortSignal): Promise<readonly Announcement[]> {
    return (await this.#find(signal)).announce(this.#task(signal))
  }

  async generate(signal?: AbortSignal): Promise<readonly string[]> {
    const { application } = this.#request
    try {
      const plugin = await this.#find(signal)
      return await plugin.generate(this.#task(signal))
    } catch (error) {
      signal?.throwIfAborted()
      const code = error instanceof CapstanError ? error.code : 'internal'
      throw new CapstanError(
        code,
        `CMP processing failed for application ${JSON.stringify(application.name)}: ${messageOf(error)}`,
        { cause: error },
      )
    }
  }

  async #find(signal?: AbortSignal): Promise<Plugin> {
    const name = this.#request.source.plugin?.name ?? ''
    if (name === '') {
      if (this.#discovered !== undefined || (await this.discovers(signal))) return this.#discovered as Plugin // was found
      throw new CapstanError('not-found', 'could not find plugin supporting the given repository')
    }
    const plugin = (await this.#known.list()).find((one) => one.name === name)
    if (plugin === undefined) throw notSupporting(name)
    const asks = await plugin.hasDiscovery(signal)
    if (asks && !(await plugin.matches(this.#task(signal)))) throw notSupporting(name)
    return plugin
  }

  async #isAskable(plugin: Plugin, signal?: AbortSignal): Promise<boolean> {
    try {
      return await plugin.hasDiscovery(signal)
    } catch {
      signal?.throwIfAborted()
      return false // a sidecar that is away is no reason to fail sources that are none of its own, as upstream
    }
  }

  #task(signal: AbortSignal | undefined): PluginTask {
    const { source, application } = this.#request
    const { accessFor } = this.#known
    const { repoURL } = source
    const access = accessFor && (() => accessFor(repoURL, application.project))
    return {
      tree: this.#tree,
      archive: this.#archive,
      path: sourcePath(source),
      environment: pluginEnvironment(this.#request),
      ...(access === undefined ? {} : { credentials: { repoURL, access } }),
      signal,
    }
  }
}

async function isOwn(plugin: Plugin, task: PluginTask): Promise<boolean> {
  try {
    return await plugin.matches(task)
  } catch {
    task.signal?.throwIfAborted()
    return false // upstream logs it and asks the next
  }
}

function notSupporting(name: string): CapstanError {
  return new CapstanError(
    'not-found',
    `could not find cmp-server plugin with name ${JSON.stringify(name)} supporting the given repository`,
  )
}
