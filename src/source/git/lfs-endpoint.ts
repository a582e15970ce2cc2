// Where the LFS API of a repository is.
import type { ServerTrust } from '../http-agents.ts'

/** Where the batch API is, and what opens it. */
export interface LfsEndpoint {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly trust: ServerTrust
  /** False for an address that the repository's content names, not its registration. */
  readonly isTrusted: boolean
}

/** `https://host/app.git/info/lfs` for `https://host/app`, with or without `.git` (git-lfs docs/api/server-discovery.md). */
export function endpointOf(url: string): string {
  const plain = url.replace(/\/+$/, '')
  return `${plain}${plain.endsWith('.git') ? '' : '.git'}/info/lfs`
}
