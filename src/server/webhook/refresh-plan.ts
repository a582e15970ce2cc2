// From webhook events to what they ask for: sources to look at again, and applications to refresh by themselves.
import type { Application, ApplicationSource, SourceHydrator } from '../../crds/application.ts'
import { GENERATE_PATHS_ANNOTATION, haveFilesChanged, refreshPaths } from '../../source/webhooks/refresh-paths.ts'
import { repositoryMatcher } from '../../source/webhooks/repository-match.ts'
import { followsRef, isRevision } from '../../source/webhooks/revision-match.ts'
import type { ArtifactEvent, PushEvent, WebhookEvent } from '../../source/webhooks/webhook-event.ts'
import type { ApplicationRef } from '../context.ts'

/** A repository in which a ref has moved, as the applications of one project reach it. */
export interface MovedSource {
  readonly repoURL: string
  readonly project: string
  /** One application for each destination that has any: who controls it need not control the others'. */
  readonly followers: readonly ApplicationRef[]
}

export interface ApplicationRefresh extends ApplicationRef {
  /** Its dry manifests have changed: they are hydrated anew. */
  readonly isHydrated: boolean
}

export interface RefreshPlan {
  readonly sources: readonly MovedSource[]
  readonly refreshes: readonly ApplicationRefresh[]
  /** Repositories of applications that the events leave alone, though they follow the ref: none of their files changed. */
  readonly untouched: readonly string[]
}

/** A source with what decides about it. */
interface FollowedSource {
  readonly application: Application
  readonly source: ApplicationSource
  /** `dry`: its manifests are written to a branch, which is the `hydrated` source of the same application. */
  readonly role: 'plain' | 'dry' | 'hydrated'
}

/**
 * Applications that follow a moved ref are told of by their repository: which of them it changes is found out from what they
 * read. Those that name their paths in manifest-generate-paths are refreshed where one of them changed, as upstream does.
 */
export function planRefreshes(events: readonly WebhookEvent[], applications: Iterable<Application>): RefreshPlan {
  const plan = new Planning(events)
  for (const application of applications) plan.add(application)
  return plan.result()
}

class Planning {
  readonly #pushes: readonly { readonly event: PushEvent; readonly matchers: readonly ((url: string) => boolean)[] }[]
  readonly #artifacts: readonly ArtifactEvent[]
  /** Many applications have one repository: which events are of it is found out once. */
  readonly #pushesOf = new Map<string, readonly PushEvent[]>()
  /** What follows which events is found out once, too: a push may name many versions. */
  readonly #following = new Map<string, readonly PushEvent[]>()
  readonly #sources = new Map<string, MovedSource & { readonly followers: ApplicationRef[] }>()
  readonly #destinations = new Set<string>()
  readonly #refreshes: ApplicationRefresh[] = []
  readonly #untouched: string[] = []

  constructor(events: readonly WebhookEvent[]) {
    this.#pushes = events
      .filter((event) => event.kind === 'push')
      .map((event) => ({ event, matchers: event.webUrls.flatMap((url) => repositoryMatcher(url) ?? []) }))
    this.#artifacts = events.filter((event) => event.kind === 'artifact')
  }

  result(): RefreshPlan {
    return { sources: [...this.#sources.values()], refreshes: this.#refreshes, untouched: this.#untouched }
  }

  add(application: Application): void {
    const sources = sourcesOf(application)
    const isPublished = sources.some(({ source }) => this.#artifacts.some((event) => isArtifact(source, event)))
    const touches = sources.flatMap((followed) => this.#touchesOf(followed))
    const refreshed = touches.filter(({ kind }) => kind === 'refresh')
    if (isPublished || refreshed.length > 0) {
      const isHydrated = isPublished || refreshed.some(({ followed }) => followed.role === 'dry')
      this.#refreshes.push({ ...refOf(application), isHydrated })
    }
    for (const { kind, followed } of touches) {
      if (kind === 'moved') this.#addSource(followed)
      if (kind === 'untouched') this.#untouched.push(followed.source.repoURL)
    }
  }

  /** What the events of a source's repository come to; a refresh stands for all others. */
  #touchesOf(
    followed: FollowedSource,
  ): readonly { kind: 'refresh' | 'moved' | 'untouched'; followed: FollowedSource }[] {
    const { application, source, role } = followed
    const events = this.#followedEvents(source)
    if (events.length === 0) return []
    // What a hydrator has written concerns its application, whatever the annotation says of the dry files.
    const annotation = role === 'hydrated' ? undefined : application.metadata.annotations?.[GENERATE_PATHS_ANNOTATION]
    const paths = refreshPaths(annotation, source.path ?? '')
    const isNamed = paths.length > 0 && events.every((event) => event.changedFiles !== undefined)
    if (!isNamed && role !== 'dry' && isGit(source)) return [{ kind: 'moved', followed }]
    const isTouched = events.some((event) => haveFilesChanged(paths, event.changedFiles))
    return [{ kind: isTouched ? 'refresh' : 'untouched', followed }]
  }

  #followedEvents({ repoURL, targetRevision = '', tagPrefix = '' }: ApplicationSource): readonly PushEvent[] {
    const events = this.#eventsOf(repoURL)
    if (events.length === 0) return events
    const key = JSON.stringify([repoURL, targetRevision, tagPrefix])
    const known = this.#following.get(key)
    if (known !== undefined) return known
    const followed = events.filter((event) => followsRef(targetRevision, event, tagPrefix))
    this.#following.set(key, followed)
    return followed
  }

  #eventsOf(repoURL: string): readonly PushEvent[] {
    const known = this.#pushesOf.get(repoURL)
    if (known !== undefined) return known
    const events = this.#pushes
      .filter(({ matchers }) => matchers.some((matches) => matches(repoURL)))
      .map(({ event }) => event)
    this.#pushesOf.set(repoURL, events)
    return events
  }

  #addSource({ application, source: { repoURL } }: FollowedSource): void {
    const { spec } = application
    const project = spec.project || 'default'
    const key = JSON.stringify([repoURL, project])
    const known = this.#sources.get(key) ?? { repoURL, project, followers: [] }
    this.#sources.set(key, known)
    const { server = '', name = '' } = spec.destination
    const destination = JSON.stringify([key, server, name])
    if (this.#destinations.has(destination)) return
    this.#destinations.add(destination)
    known.followers.push(refOf(application))
  }
}

/** `sources` wins over `source`; a hydrator reads one and syncs another. */
function sourcesOf(application: Application): readonly FollowedSource[] {
  const { source, sources = [], sourceHydrator } = application.spec
  const plain = (one: ApplicationSource): FollowedSource => ({ application, source: one, role: 'plain' })
  if (sourceHydrator !== undefined) {
    return [
      { application, source: syncSourceOf(sourceHydrator), role: 'hydrated' },
      { application, source: sourceHydrator.drySource, role: 'dry' },
    ]
  }
  if (sources.length > 0) return sources.map(plain)
  return source === undefined ? [] : [plain(source)]
}

function syncSourceOf({ drySource, syncSource }: SourceHydrator): ApplicationSource {
  return {
    repoURL: syncSource.repoURL || drySource.repoURL,
    targetRevision: syncSource.targetBranch,
    path: syncSource.path,
  }
}

function isGit({ chart = '', repoURL }: ApplicationSource): boolean {
  return chart === '' && !repoURL.startsWith('oci://')
}

/** Charts of a registry stand below their `repoURL`, other artifacts at it (upstream's HandleRegistryEvent). */
function isArtifact({ repoURL, chart = '', targetRevision = '' }: ApplicationSource, event: ArtifactEvent): boolean {
  const wanted = plainOci(`${event.registry}/${event.repository}`)
  const isSame = plainOci(repoURL) === wanted
  const isChart = chart !== '' && plainOci(`${repoURL.replace(/\/$/, '')}/${chart}`) === wanted
  return (isSame || isChart) && isRevision(event.tag, targetRevision)
}

function plainOci(url: string): string {
  return url
    .replace(/^oci:\/\//, '')
    .replace(/\/$/, '')
    .toLowerCase()
}

function refOf({ metadata: { namespace = '', name = '' } }: Application): ApplicationRef {
  return { namespace, name }
}
