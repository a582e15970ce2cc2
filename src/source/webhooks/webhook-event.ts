// What a webhook call tells: a ref that was pushed, a pull request that changed, or an artifact that was published.

/** Commits have arrived in a repository, or a ref of it has moved or gone. */
export interface PushEvent {
  readonly kind: 'push'
  /** Addresses of the repository, as its web page or for cloning. */
  readonly webUrls: readonly string[]
  /** Names of branches and tags without `refs/heads/`, `refs/tags/`. */
  readonly revisions: readonly string[]
  /** The default branch has moved, or nobody knows. */
  readonly touchedHead: boolean
  /** Undefined where the provider does not tell. */
  readonly changedFiles: readonly string[] | undefined
}

/** A container image or chart was pushed to a registry. */
export interface ArtifactEvent {
  readonly kind: 'artifact'
  /** Host, with a port where it has one. */
  readonly registry: string
  /** Path without a slash in front. */
  readonly repository: string
  readonly tag: string
}

/** What the pull requests of a repository are is to be asked again. */
export type PullRequestEvent = { readonly kind: 'pull-request' } & (
  | { readonly forge: 'github'; readonly apiUrl: string; readonly owner: string; readonly repository: string }
  | { readonly forge: 'gitlab'; readonly host: string; readonly projectId: string }
  | { readonly forge: 'azure-devops'; readonly project: string; readonly repository: string }
)

export type WebhookEvent = PushEvent | ArtifactEvent | PullRequestEvent

/**
 * What a call comes to. `ignored`: well and good, and nothing to do. `refused` and `unauthorized` are answered as upstream
 * does; `unreadable`: no body, one that is too long, or one that is not JSON where upstream says so.
 */
export type WebhookResult =
  | { readonly outcome: 'event'; readonly event: WebhookEvent }
  | { readonly outcome: 'ignored' }
  | { readonly outcome: 'refused' | 'unauthorized' | 'unreadable'; readonly reason: string }

/** Addresses and refs of one push; who moves more at once is no forge, or is found by polling. */
export const MAX_NAMES = 1_000

export const IGNORED: WebhookResult = { outcome: 'ignored' }

export function refused(reason: string): WebhookResult {
  return { outcome: 'refused', reason }
}

/** Anybody may send a push where no secret is set: one that names more than `MAX_NAMES` would be compared with everything. */
export function told(event: WebhookEvent): WebhookResult {
  if (event.kind === 'push' && event.webUrls.length + event.revisions.length > MAX_NAMES) {
    return refused('the payload names too many refs')
  }
  return { outcome: 'event', event }
}
