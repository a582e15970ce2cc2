// Git repositories as the rest of Capstan asks for them: by repository URL and target revision.
import { type FSWatcher, existsSync, watch } from 'node:fs'
import { join } from 'node:path'
import type { Cancel, Clock } from '../../base/clock.ts'
import type { OpenOptions, RefLister, RevisionFacts, SourceLocation, SourceProvider } from '../provider.ts'
import type { GitAccess } from './access.ts'
import { hasCredentials, withoutCredentials } from './access.ts'
import { CopyQueue } from './bare-copy.ts'
import { type GitRequest, GitRepository, type ReadSubmodules } from './repository.ts'
import type { AddressRules } from '../addresses.ts'
import type { SignatureWish } from '../signature.ts'
import type { Keyring } from './keyring.ts'
import { KnownSignatures } from './known-signatures.ts'
import { type Level, placeOf, Submodules, topLevel } from './submodules.ts'

/** One push moves several files; they are reported together. */
const SETTLE_MS = 15

export interface GitProviderOptions {
  readonly cacheFolder: string
  readonly clock: Clock
  /** Credentials and trust registered for a repository; an empty object where there are none. */
  readonly accessFor: (repoURL: string, project: string) => Promise<GitAccess>
  /** What submodules may be fetched, and whether sources have theirs; absent: their directories are empty. */
  readonly submodules?: AddressRules & { readonly areWanted: boolean }
  /** Keys that signatures are verified with; absent: none are verified here. */
  readonly keyring?: Keyring
  /** How long a git command may take. Default `GIT_TIMEOUT_MS`. */
  readonly timeoutMs?: number
  /** Told of every contact with a server. */
  readonly onRequest?: (request: GitRequest) => void
}

/** A repository as it is reached for one project. */
interface Reached {
  readonly repoURL: string
  readonly project: string
  readonly anonymous?: boolean
  readonly parent?: string | undefined
}

const NO_SUBMODULES: AddressRules = { isRegistered: () => false, isPermitted: () => false }

/** Serves trees from Git. One repository object per URL and project, as a project may have its own credentials. */
export function createGitProvider(options: GitProviderOptions): SourceProvider & RefLister {
  const repositories = new Map<string, GitRepository>()
  const watches = new RefWatches(options.clock)
  const copies = new CopyQueue()

  /** `parent`: the repository whose credentials are good for its submodules on the same host that have none of their own. */
  function repositoryOf({ repoURL, project, anonymous = false, parent }: Reached): GitRepository {
    const key = [project, repoURL, anonymous ? 'anonymous' : '', parent ?? ''].join('\n')
    const known = repositories.get(key)
    if (known !== undefined) return known
    const { cacheFolder, clock, accessFor, onRequest, timeoutMs } = options
    const access = async (): Promise<GitAccess> => {
      const found = await accessFor(repoURL, project)
      if (anonymous) return withoutCredentials(found)
      return parent === undefined || hasCredentials(found) ? found : accessFor(parent, project)
    }
    const submodulesAt = (read: ReadSubmodules, level: Level): Submodules =>
      submodulesOf({ repoURL, project, anonymous, parent }, read, level)
    const repository = new GitRepository({
      url: repoURL,
      cacheFolder,
      clock,
      access,
      copies,
      onMoved: () => watches.tell(repoURL),
      ...(options.submodules === undefined ? {} : { submodulesAt }),
      ...(onRequest === undefined ? {} : { onRequest }),
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
    })
    repositories.set(key, repository)
    return repository
  }

  /** Submodules are read with the credentials of their own address, or the parent's on the same host. */
  function submodulesOf(parent: Reached, read: ReadSubmodules, level: Level): Submodules {
    const { repoURL, project } = parent
    const rules = options.submodules ?? NO_SUBMODULES
    return new Submodules({
      ...level,
      parentUrl: repoURL,
      project,
      rules,
      read,
      open: ({ url, commit, ...below }) => {
        // What names it is the repository's content, which only the project's own list of sources trusts.
        const anonymous = parent.anonymous === true || !rules.isPermitted(url, project)
        const isBeside = placeOf(url) === placeOf(repoURL)
        const lender = isBeside ? { parent: parent.parent ?? repoURL } : {}
        return repositoryOf({ repoURL: url, project, anonymous, ...lender }).treeOf(commit, { level: below })
      },
    })
  }

  /** Each project has a repository of its own. */
  function forgetRefs(repoURL: string): void {
    for (const repository of repositories.values()) if (repository.url === repoURL) repository.forgetRefs()
  }

  async function revisionOf(repository: GitRepository, location: SourceLocation, open: OpenOptions): Promise<string> {
    if (open.revision !== undefined && /^[0-9a-f]{40}$|^[0-9a-f]{64}$/.test(open.revision)) return open.revision
    return repository.resolve(open.revision ?? location.targetRevision, {
      freshness: open.freshness,
      ...(open.maxAgeMs === undefined ? {} : { maxAgeMs: open.maxAgeMs }),
      ...(location.tagPrefix === undefined ? {} : { tagPrefix: location.tagPrefix }),
      ...(open.signal === undefined ? {} : { signal: open.signal }),
    })
  }

  const { keyring, clock } = options
  const signatures = keyring === undefined ? undefined : new KnownSignatures({ keyring, clock })

  return {
    ...(signatures === undefined
      ? {}
      : {
          signaturesOf: (location: SourceLocation, wish: SignatureWish) =>
            signatures.read(repositoryOf({ repoURL: location.repoURL, project: wish.project }), location, wish),
        }),
    async open(location, open) {
      const { project, anonymous, signal, submodules = options.submodules?.areWanted === true } = open
      const repository = repositoryOf({
        repoURL: location.repoURL,
        project,
        ...(anonymous === undefined ? {} : { anonymous }),
      })
      const directory = repository.localDirectory()
      if (directory !== undefined) watches.add(directory, location.repoURL, () => forgetRefs(location.repoURL))
      const revision = await revisionOf(repository, location, open)
      return {
        revision,
        tree: await repository.treeOf(revision, { signal, level: submodules ? topLevel() : undefined }),
      }
    },
    async revisionMetadata(location, open): Promise<RevisionFacts> {
      const repository = repositoryOf({ repoURL: location.repoURL, project: open.project })
      return repository.factsOf(await revisionOf(repository, location, open), open.signal)
    },
    listRefs: (repoURL, project, signal) => repositoryOf({ repoURL, project }).refNames(signal),
    onRefsMoved: (listener) => watches.listen(listener),
    async close() {
      watches.close()
      await Promise.all([...repositories.values()].map((repository) => repository.close()))
    },
  }
}

/** Tells of refs that have moved, and watches those of repositories on this disk. */
class RefWatches {
  readonly #clock: Clock
  readonly #watchers = new Map<string, FSWatcher[]>()
  readonly #listeners = new Set<(repoURL: string) => void>()
  readonly #pending = new Map<string, Cancel>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  listen(listener: (repoURL: string) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  tell(repoURL: string): void {
    for (const listener of this.#listeners) listener(repoURL)
  }

  add(gitDirectory: string, repoURL: string, onMove: () => void): void {
    const key = `${gitDirectory}\n${repoURL}`
    if (this.#watchers.has(key)) return
    const moved = (): void => {
      onMove()
      this.#pending.get(key)?.()
      this.#pending.set(
        key,
        this.#clock.schedule(SETTLE_MS, () => {
          this.#pending.delete(key)
          this.tell(repoURL)
        }),
      )
    }
    const top = watch(gitDirectory, (_, name) => {
      if (name === 'HEAD' || name === 'packed-refs' || name === 'reftable') moved()
    })
    const below = ['refs', 'reftable'].map((name) => join(gitDirectory, name)).filter((path) => existsSync(path))
    const watchers = [top, ...below.map((path) => watch(path, { recursive: true }, moved))]
    for (const watcher of watchers) {
      watcher.unref()
      // A repository that is removed while watched: the next resolution says so.
      watcher.on('error', () => this.#drop(key))
    }
    this.#watchers.set(key, watchers)
  }

  close(): void {
    for (const key of this.#watchers.keys()) this.#drop(key)
    for (const cancel of this.#pending.values()) cancel()
    this.#listeners.clear()
  }

  #drop(key: string): void {
    for (const watcher of this.#watchers.get(key) ?? []) watcher.close()
    this.#watchers.delete(key)
  }
}
