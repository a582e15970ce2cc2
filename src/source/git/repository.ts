// One Git repository: its refs, its objects fetched when needed, and trees of its commits.
import { mkdir } from 'node:fs/promises'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Clock } from '../../base/clock.ts'
import { sha256Hex } from '../../base/digest.ts'
import type { FileTree } from '../file-tree.ts'
import type { RefNames, RevisionFacts, SourceLocation } from '../provider.ts'
import type { RevisionSignature, SignatureWish } from '../signature.ts'
import { prepareAccess, withLogin, type GitAccess } from './access.ts'
import { CopyQueue, makeCopy } from './bare-copy.ts'
import { ObjectReader } from './cat-file.ts'
import { GitError, runGit } from './command.ts'
import { explainGitFailure } from './failures.ts'
import { LfsFiles } from './lfs.ts'
import { LocalRefs } from './local-refs.ts'
import { parseCommit, type Commit } from './objects.ts'
import { branchesOf, parseRefs, resolveRevision, tagsOf, unresolved, type Refs } from './refs.ts'
import { readSignatures, remoteTag, tagNamed } from './signatures.ts'
import { parseSubmodules, type Level, type Submodule, type Submodules } from './submodules.ts'
import { gitTree, treeCache } from './tree.ts'
import { localGitDirectory, printableUrl, splitLogin } from './url.ts'

/** How long a listing of refs counts as recent for callers that accept one (`freshness: cached`). */
export const REFS_FRESH_MS = 120_000
/** Commits whose objects are kept of a remote repository; the older half is given up when there are more. */
export const KEPT_COMMITS = 50
/** Entries of parsed tree objects kept per repository, some 80 bytes each: each commit to a wide folder parses it anew. */
const CACHED_ENTRIES = 100_000
/** Commits kept parsed per repository. */
const CACHED_COMMITS = 200

export interface GitRequest {
  readonly repo: string
  readonly type: 'ls-remote' | 'fetch'
  readonly durationMs: number
  readonly hasFailed: boolean
}

export interface RepositoryOptions {
  readonly url: string
  /** Where bare copies of remote repositories and short-lived key files stand. */
  readonly cacheFolder: string
  readonly clock: Clock
  /** Asked before every contact, so that a changed credential acts at once. */
  readonly access: () => Promise<GitAccess>
  /** Told of every contact with the repository's server. */
  readonly onRequest?: (request: GitRequest) => void
  /** Told when a server lists other refs than it did before. */
  readonly onMoved?: () => void
  /** The submodules of a commit of it; absent: their directories are empty. */
  readonly submodulesAt?: (read: ReadSubmodules, level: Level) => Submodules
  /** How long a git command may take. Default `GIT_TIMEOUT_MS`. */
  readonly timeoutMs?: number
  /** Default `KEPT_COMMITS`. */
  readonly keptCommits?: number
  /** Shared by all repositories of a cache folder. */
  readonly copies?: CopyQueue
}

/** The entries of a commit's .gitmodules; undefined where it has none. */
export type ReadSubmodules = () => Promise<readonly Submodule[] | undefined>

export interface TreeOptions {
  /** Where the tree stands among submodules; absent: it has none. */
  readonly level?: Level | undefined
  readonly signal?: AbortSignal | undefined
}

/** A repository on this disk is read in place; any other is kept as a bare shallow copy. */
export class GitRepository {
  readonly #options: RepositoryOptions
  readonly #address: ReturnType<typeof splitLogin>
  readonly #copies: CopyQueue
  readonly #trees = treeCache(CACHED_ENTRIES)
  readonly #commits = new Map<string, Commit>()
  #reader: Promise<ObjectReader> | undefined
  #lastTree: { readonly tree: FileTree; readonly depth: number | undefined } | undefined
  /** By content id of .gitmodules. */
  readonly #submodules = new Map<string, readonly Submodule[]>()
  #refs: { readonly refs: Refs; readonly atMs: number } | undefined
  /** The server's last words on its refs. */
  #listed: string | undefined
  #listing: Promise<Refs> | undefined
  #localRefs: LocalRefs | undefined
  readonly #fetching = new Map<string, Promise<void>>()

  constructor(options: RepositoryOptions) {
    this.#options = options
    this.#address = splitLogin(options.url)
    this.#copies = options.copies ?? new CopyQueue()
  }

  get url(): string {
    return this.#options.url
  }

  /** The Git directory of a repository on this disk, undefined for a remote one. */
  localDirectory(): string | undefined {
    return localGitDirectory(this.#options.url)
  }

  /** The commit a target revision stands for, its objects present. */
  async resolve(
    targetRevision: string | undefined,
    options: {
      readonly tagPrefix?: string
      readonly freshness: 'cached' | 'latest' | 'hard'
      readonly maxAgeMs?: number
      readonly signal?: AbortSignal
    },
  ): Promise<string> {
    const maxAgeMs = options.freshness === 'cached' ? (options.maxAgeMs ?? REFS_FRESH_MS) : 0
    const refs = await this.#listRefs(maxAgeMs, options.signal)
    const resolution = resolveRevision(refs, targetRevision, options.tagPrefix)
    if (resolution.kind === 'abbreviated') return this.#completeCommit(resolution.prefix, options.signal)
    await this.#ensureCommit(resolution.commit, options.signal)
    return resolution.commit
  }

  /** The files of a commit; fetches it where it is missing. */
  async treeOf(commit: string, { level, signal }: TreeOptions = {}): Promise<FileTree> {
    await this.#ensureCommit(commit, signal)
    const reader = await this.#openReader()
    const { tree } = await this.#readCommit(commit)
    // The applications of one repository ask for the same commit one after the other.
    const last = this.#lastTree
    const depth = level?.depth
    if (last?.tree.revision === commit && last.depth === depth && !isBelow(depth)) return last.tree
    const base = { objects: reader, revision: commit, rootTree: tree, cache: this.#trees }
    const bare = gitTree(base)
    const files = this.#lfsOf(bare)
    const readLfs: Parameters<typeof gitTree>[0]['readLfs'] = (pointer, path) => files.read(pointer, path)
    const made = gitTree({ ...base, readLfs, ...this.#submodulesOf(bare, level) })
    if (!isBelow(depth)) this.#lastTree = { tree: made, depth }
    return made
  }

  /** Of one commit, whose .lfsconfig may name another server. */
  #lfsOf(tree: FileTree): LfsFiles {
    return new LfsFiles({
      url: this.#address.plain,
      configuredUrl: () => this.#lfsUrl(tree),
      access: () => this.#access(),
      cacheFolder: this.#options.cacheFolder,
      localDirectory: this.localDirectory(),
    })
  }

  async #lfsUrl(tree: FileTree): Promise<string | undefined> {
    const file = await tree.readFile('.lfsconfig')
    if (file === undefined) return undefined
    const args = ['config', '--blob', file.id, '--default', '', '--get', 'lfs.url']
    const url = (await runGit({ args, environment: { GIT_DIR: await this.#gitDirectory() } })).trim()
    return url === '' ? undefined : url
  }

  #submodulesOf(tree: FileTree, level: Level | undefined): { readonly submodules?: Submodules } {
    const { submodulesAt } = this.#options
    if (level === undefined || submodulesAt === undefined) return {}
    return { submodules: submodulesAt(() => this.#readSubmodules(tree), level) }
  }

  async #readSubmodules(tree: FileTree): Promise<readonly Submodule[] | undefined> {
    const file = await tree.readFile('.gitmodules')
    if (file === undefined) return undefined
    const known = this.#submodules.get(file.id)
    if (known !== undefined) return known
    const args = ['config', '--blob', file.id, '--null', '--list']
    const entries = parseSubmodules(await runGit({ args, environment: { GIT_DIR: await this.#gitDirectory() } }))
    trim(this.#submodules, CACHED_COMMITS)
    this.#submodules.set(file.id, entries)
    return entries
  }

  /** Author, date, message and tags of a commit. */
  async factsOf(commit: string, signal?: AbortSignal): Promise<RevisionFacts> {
    await this.#ensureCommit(commit, signal)
    const { facts } = await this.#readCommit(commit)
    const refs = await this.#listRefs(REFS_FRESH_MS, signal)
    const tags = tagsOf(refs).filter((tag) => refs.commits.get(`refs/tags/${tag}`) === commit)
    return { ...facts, tags }
  }

  /** Who signed a commit, or the annotated tag it was asked for by; with `isDeep` its history, too. */
  async signaturesOf(
    { targetRevision, tagPrefix }: Pick<SourceLocation, 'targetRevision' | 'tagPrefix'>,
    { revision: commit, isDeep, home, signal }: Omit<SignatureWish, 'project'> & { readonly home: string },
  ): Promise<readonly RevisionSignature[]> {
    await this.#ensureCommit(commit, signal)
    const isRemote = this.localDirectory() === undefined
    if (isDeep && isRemote) await this.#fetchEverything(signal)
    const tagRef = tagNamed(await this.#listRefs(REFS_FRESH_MS, signal), commit, { targetRevision, tagPrefix })
    if (tagRef !== undefined && isRemote && !isDeep) {
      const only = ['--depth', '1', this.#address.plain, `+${tagRef}:${remoteTag(tagRef)}`]
      await this.#fetch(only, signal).catch((error: unknown) => {
        throw explainGitFailure(error, this.#options.url)
      })
    }
    const { timeoutMs } = this.#options
    return readSignatures({
      gitDirectory: await this.#gitDirectory(),
      home,
      commit,
      tag: tagRef === undefined ? undefined : { name: tagRef, ref: isRemote ? remoteTag(tagRef) : tagRef },
      isDeep,
      signal,
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
    })
  }

  /** Branches and tags as the repository has them now. */
  async refNames(signal?: AbortSignal): Promise<RefNames> {
    // One that is under way may have been answered before what the caller has just heard of; it says its own error.
    await this.#listing?.catch(() => undefined)
    const refs = await this.#listRefs(0, signal)
    return { branches: branchesOf(refs).toSorted(), tags: tagsOf(refs).toSorted() }
  }

  /** Forgets the listing of refs, so that the next resolution asks the repository. */
  forgetRefs(): void {
    this.#refs = undefined
  }

  async close(): Promise<void> {
    const reader = this.#reader
    this.#reader = undefined
    this.#lastTree = undefined
    if (reader !== undefined) (await reader).close()
  }

  async #readCommit(id: string): Promise<Commit> {
    const known = this.#commits.get(id)
    if (known !== undefined) return known
    const object = await (await this.#openReader()).read(`${id}^{commit}`)
    if (object === undefined) throw unresolved(id, 'the repository has no such commit; check targetRevision')
    const commit = parseCommit(object.bytes)
    trim(this.#commits, CACHED_COMMITS)
    this.#commits.set(id, commit)
    return commit
  }

  async #hasCommit(id: string): Promise<boolean> {
    if (this.#commits.has(id)) return true
    const object = await (await this.#openReader()).read(`${id}^{commit}`)
    return object !== undefined
  }

  async #ensureCommit(commit: string, signal?: AbortSignal): Promise<void> {
    if (await this.#hasCommit(commit)) return
    if (this.localDirectory() !== undefined)
      throw unresolved(commit, 'the repository has no such commit; check targetRevision')
    const running = this.#fetching.get(commit)
    if (running !== undefined) return running
    const fetching = this.#alone(async () => {
      // Another project's repository at this address may have fetched it meanwhile.
      if (!(await this.#hasCommit(commit))) await this.#fetchCommit(commit, signal)
    }).finally(() => this.#fetching.delete(commit))
    this.#fetching.set(commit, fetching)
    await fetching
  }

  async #alone(work: () => Promise<void>): Promise<void> {
    return this.#copies.run(await this.#gitDirectory(), work)
  }

  /** Fetches one commit alone; where the server refuses that (an old one, or an id no ref names), all branches and tags. */
  async #fetchCommit(commit: string, signal?: AbortSignal): Promise<void> {
    try {
      await this.#fetch(['--depth', '1', this.#address.plain, `${commit}:refs/capstan/${commit}`], signal)
      await this.#giveUpOldCommits(commit, signal)
    } catch (error) {
      if (!(error instanceof GitError) || !isRefusedWant(error)) throw explainGitFailure(error, this.#options.url)
      await this.#fetchEverything(signal)
      if (!(await this.#hasCommit(commit)))
        throw unresolved(commit, 'the repository has no such commit; check targetRevision')
    }
  }

  /** Keeps the copy from growing with every commit there ever was; what is asked for again is fetched again. */
  async #giveUpOldCommits(current: string, signal?: AbortSignal): Promise<void> {
    const kept = this.#options.keptCommits ?? KEPT_COMMITS
    const environment = { GIT_DIR: await this.#gitDirectory() }
    const run = (args: readonly string[]): Promise<string> =>
      runGit({ args, environment, ...(signal === undefined ? {} : { signal }) })
    const listed = await run(['for-each-ref', '--sort=-committerdate', '--format=%(refname)', 'refs/capstan/'])
    const refs = listed.split('\n').filter((ref) => ref !== '')
    if (refs.length <= kept) return
    // Commits of one second come in no certain order: the one just fetched stays in any case.
    const others = refs.filter((ref) => !ref.endsWith(`/${current}`))
    for (const ref of others.slice(Math.floor(kept / 2))) await run(['update-ref', '-d', ref])
    await this.close()
    this.#commits.clear()
    this.#trees.clear()
    await run(['gc', '--quiet', '--prune=now'])
  }

  async #fetchEverything(signal?: AbortSignal): Promise<void> {
    const isShallow = existsSync(join(await this.#gitDirectory(), 'shallow'))
    const refs = ['+refs/heads/*:refs/remote/heads/*', '+refs/tags/*:refs/remote/tags/*']
    try {
      await this.#fetch([...(isShallow ? ['--unshallow'] : []), this.#address.plain, ...refs], signal)
    } catch (error) {
      throw explainGitFailure(error, this.#options.url)
    }
  }

  async #completeCommit(prefix: string, signal?: AbortSignal): Promise<string> {
    const reader = await this.#openReader()
    const found = await reader.read(`${prefix}^{commit}`)
    if (found !== undefined) return found.id
    if (this.localDirectory() === undefined) {
      await this.#alone(() => this.#fetchEverything(signal))
      const fetched = await reader.read(`${prefix}^{commit}`)
      if (fetched !== undefined) return fetched.id
    }
    throw unresolved(prefix, 'no branch, tag or commit begins so; check targetRevision')
  }

  async #fetch(args: readonly string[], signal?: AbortSignal): Promise<void> {
    const common = [
      '-c',
      'gc.auto=0',
      '-c',
      'protocol.ext.allow=never',
      'fetch',
      '--no-tags',
      '--no-write-fetch-head',
      '--quiet',
    ]
    const gitDirectory = await this.#gitDirectory()
    await this.#timed('fetch', () => this.#withAccess(signal, [...common, ...args], gitDirectory))
  }

  async #listRefs(maxAgeMs: number, signal?: AbortSignal): Promise<Refs> {
    const known = this.#refs
    if (known !== undefined && this.#options.clock.now() - known.atMs < maxAgeMs) return known.refs
    this.#listing ??= this.#askRefs(signal).finally(() => {
      this.#listing = undefined
    })
    return this.#listing
  }

  async #askRefs(signal?: AbortSignal): Promise<Refs> {
    const local = this.localDirectory()
    if (local !== undefined) return this.#keepRefs(await this.#readLocalRefs(local, signal))
    const listed = await this.#askRemoteRefs(signal)
    const hasMoved = this.#listed !== undefined && this.#listed !== listed
    const known = this.#refs
    const refs = this.#keepRefs(!hasMoved && known !== undefined ? known.refs : parseRefs(listed))
    this.#listed = listed
    if (hasMoved) this.#options.onMoved?.()
    return refs
  }

  #keepRefs(refs: Refs): Refs {
    this.#refs = { refs, atMs: this.#options.clock.now() }
    return refs
  }

  #readLocalRefs(gitDirectory: string, signal?: AbortSignal): Promise<Refs> {
    this.#localRefs ??= new LocalRefs(
      gitDirectory,
      async (id) => (await (await this.#openReader()).read(`${id}^{}`))?.id,
    )
    return this.#localRefs.read(signal)
  }

  async #askRemoteRefs(signal?: AbortSignal): Promise<string> {
    try {
      const args = ['-c', 'protocol.ext.allow=never', 'ls-remote', '--symref', '--', this.#address.plain]
      return await this.#timed('ls-remote', () => this.#withAccess(signal, args))
    } catch (error) {
      throw explainGitFailure(error, this.#options.url)
    }
  }

  async #timed(type: GitRequest['type'], run: () => Promise<string>): Promise<string> {
    const { clock, onRequest, url } = this.#options
    if (onRequest === undefined) return run()
    const startMs = clock.now()
    const tell = (hasFailed: boolean): void =>
      onRequest({ repo: printableUrl(url), type, durationMs: clock.now() - startMs, hasFailed })
    try {
      const output = await run()
      tell(false)
      return output
    } catch (error) {
      tell(true)
      throw error
    }
  }

  async #withAccess(signal: AbortSignal | undefined, args: readonly string[], gitDirectory?: string): Promise<string> {
    const { cacheFolder, timeoutMs } = this.#options
    await mkdir(cacheFolder, { recursive: true, mode: 0o700 })
    const prepared = await prepareAccess(this.#address.plain, await this.#access(), cacheFolder)
    try {
      const environment = gitDirectory === undefined ? {} : { GIT_DIR: gitDirectory }
      return await runGit({
        args,
        environment: { ...prepared.environment, ...environment },
        secrets: prepared.secrets,
        ...(timeoutMs === undefined ? {} : { timeoutMs }),
        ...(signal === undefined ? {} : { signal }),
      })
    } finally {
      await prepared.release()
    }
  }

  async #access(): Promise<GitAccess> {
    return withLogin(await this.#options.access(), this.#address)
  }

  #openReader(): Promise<ObjectReader> {
    this.#reader ??= this.#gitDirectory().then((directory) => new ObjectReader(directory, this.#options.clock))
    return this.#reader
  }

  async #gitDirectory(): Promise<string> {
    const local = this.localDirectory()
    if (local !== undefined) return local
    const directory = join(this.#options.cacheFolder, `${sha256Hex(this.#options.url).slice(0, 32)}.git`)
    await makeCopy(directory)
    return directory
  }
}

/** Trees of submodules share what is counted with the one they were reached from: nobody else is given them. */
function isBelow(depth: number | undefined): boolean {
  return depth !== undefined && depth > 0
}

function isRefusedWant(error: GitError): boolean {
  return /not our ref|unadvertised object|couldn't find remote ref|no such remote ref|upload-pack: not our ref/i.test(
    error.stderr,
  )
}

/** Keeps a map from growing: drops the oldest half when it passes its limit. */
function trim<V>(map: Map<string, V>, limit: number): void {
  if (map.size <= limit) return
  for (const key of [...map.keys()].slice(0, limit / 2)) map.delete(key)
}
