// What every plug-in can do, wherever it stands.
import type { FileTree } from '../../source/file-tree.ts'
import type { Announcement } from './configuration.ts'
import type { EnvironmentEntry } from './environment.ts'
import type { LentAccess } from './git-credentials.ts'
import type { Archive } from './tar-archive.ts'

export interface PluginTask {
  readonly tree: FileTree
  /** The tree's files in one: packed once for all that is asked of plug-ins about a source, though each call sends it. */
  readonly archive: (signal?: AbortSignal) => Promise<Archive>
  /** The application's folder; empty for the root. */
  readonly path: string
  readonly environment: readonly EnvironmentEntry[]
  /** For plug-ins that ask for it in their description (`provideGitCreds`); absent: nothing is lent. */
  readonly credentials?: LentAccess
  readonly signal: AbortSignal | undefined
}

export interface Plugin {
  /** `name` or `name-version`. */
  readonly name: string
  /** Does it say for itself which sources are its own? */
  hasDiscovery(signal?: AbortSignal): Promise<boolean>
  /** Is the source one of its own? */
  matches(task: PluginTask): Promise<boolean>
  /** Manifests as texts of YAML or JSON. Throws with the words of the plug-in. */
  generate(task: PluginTask): Promise<readonly string[]>
  /** The parameters a person may set for a source: upstream's message ParameterAnnouncement. */
  announce(task: PluginTask): Promise<readonly Announcement[]>
}
