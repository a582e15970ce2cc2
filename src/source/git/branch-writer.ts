// Writes files to a branch of a remote repository: fetched, committed on top of what is there, pushed, begun anew where others were faster.
import { mkdir, rm } from 'node:fs/promises'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { type Clock, sleep } from '../../base/clock.ts'
import { sha256Hex } from '../../base/digest.ts'
import { CapstanError } from '../../base/errors.ts'
import { type GitAccess, prepareAccess, withLogin } from './access.ts'
import { GitError, runGit } from './command.ts'
import { explainGitFailure } from './failures.ts'
import { commitStream, type Person, plainMessage, WORK_REF } from './fast-import.ts'
import { splitLogin } from './url.ts'

/** Attempts to push on top of what others pushed meanwhile: of so many that push notes at once each has its turn. */
export const MAX_ATTEMPTS = 10
/** Before the next attempt, times its number. */
export const ATTEMPT_PAUSE_MS = 200

export interface BranchWriterOptions {
  readonly url: string
  /** Copies of repositories stand here, and key files for the time of a command. */
  readonly cacheFolder: string
  readonly clock: Clock
  /** Asked before every contact. */
  readonly access: () => Promise<GitAccess>
  readonly timeoutMs?: number
}

export interface BranchChange {
  /** Written to. Where it does not exist it begins at `base`. */
  readonly branch: string
  /** Where it does not exist it is made, with an empty commit and no past. */
  readonly base: string
  readonly author: Person
  readonly message: string
  /** A note in this namespace goes to the commit, whether new or not. */
  readonly note: { readonly namespace: string; readonly text: string }
  /** Given the ids of what is at these paths, files to be written by path; undefined where there is nothing to commit. */
  readonly filesOver: (head: HeadFiles) => Promise<ReadonlyMap<string, string> | undefined>
  readonly signal?: AbortSignal
}

/** What the branch holds. */
export interface HeadFiles {
  /** True where the file at a path has exactly this text. */
  hasText(path: string, text: string): Promise<boolean>
}

export interface WrittenCommit {
  /** The head of the branch, with the change in it. */
  readonly commit: string
  readonly isNew: boolean
}

/** Writes a change. Throws a `CapstanError` with the host's words. */
export async function writeToBranch(options: BranchWriterOptions, change: BranchChange): Promise<WrittenCommit> {
  checkBranch(change.branch)
  checkBranch(change.base)
  const copy = new Copy(options, change)
  for (let attempt = 1; ; attempt++) {
    try {
      return await copy.write()
    } catch (error) {
      if (!(error instanceof GitError)) throw error
      if (attempt === MAX_ATTEMPTS || isFinal(error)) throw explainGitFailure(error, options.url)
      // A copy that was left half-made is of no use either.
      if (!isRace(error)) await copy.remove()
      await sleep(options.clock, ATTEMPT_PAUSE_MS * attempt, change.signal)
    }
  }
}

/** Others pushed meanwhile (git's and its server's words for it). */
function isRace({ stderr }: GitError): boolean {
  return /fetch first|non-fast-forward|reference already exists|incorrect old value|failed to update ref|cannot lock ref|stale info/i.test(
    stderr,
  )
}

/** What no further attempt changes. */
function isFinal(error: GitError): boolean {
  if (isRace(error)) return false
  return /Authentication failed|could not read (?:Username|Password)|Permission|denied|error: 40[134]|not found|does not appear to be|verification failed|rejected|hook declined|Could not resolve/i.test(
    error.stderr,
  )
}

/** Names that git's own check takes, and that are no option. */
function checkBranch(branch: string): void {
  const isPlain =
    /^[^\s~^:?*[\\\p{Cc}]+$/u.test(branch) && !/^[-/.]|\/\/|\.\.|@\{|[./]$|\.lock(?:\/|$)|\/\./.test(branch)
  if (isPlain && branch.length <= 255) return
  throw new CapstanError('bad-input', `${JSON.stringify(branch.slice(0, 255))} cannot name a branch`)
}

/** A bare copy of the branches alone. */
class Copy {
  readonly #options: BranchWriterOptions
  readonly #change: BranchChange
  readonly #address: ReturnType<typeof splitLogin>
  readonly #folder: string
  #isNewBranch = false

  constructor(options: BranchWriterOptions, change: BranchChange) {
    this.#options = options
    this.#change = change
    this.#address = splitLogin(options.url)
    const name = sha256Hex(JSON.stringify([options.url, change.branch])).slice(0, 32)
    this.#folder = join(options.cacheFolder, `write-${name}.git`)
  }

  async remove(): Promise<void> {
    await rm(this.#folder, { recursive: true, force: true })
  }

  async write(): Promise<WrittenCommit> {
    const { branch, note } = this.#change
    await this.#open()
    const parent = await this.#fetchBranches()
    const files = await this.#change.filesOver({ hasText: (path, text) => this.#hasText(parent, path, text) })
    const commit = files === undefined ? parent : await this.#commit(parent, files)
    const written = { commit, isNew: commit !== parent }
    const notesRef = `refs/notes/${note.namespace}`
    const hasNewNote = await this.#note(commit)
    // A branch that begins where its base is has no commit of its own yet, but is to be there.
    const pushed = [
      ...(written.isNew || this.#isNewBranch ? [`${commit}:refs/heads/${branch}`] : []),
      ...(hasNewNote ? [`${notesRef}:${notesRef}`] : []),
    ]
    if (pushed.length > 0) await this.#remote('push', '--quiet', '--no-verify', this.#address.plain, ...pushed)
    return written
  }

  async #open(): Promise<void> {
    if (existsSync(join(this.#folder, 'HEAD'))) return
    await this.remove()
    await mkdir(this.#folder, { recursive: true, mode: 0o700 })
    await runGit({ args: ['init', '--bare', '--quiet', this.#folder] })
  }

  /** Fetches what there is of both branches and the notes; gives the commit that the change goes on top of. */
  async #fetchBranches(): Promise<string> {
    const { branch, base, note } = this.#change
    const wanted = [`refs/heads/${branch}`, `refs/heads/${base}`, `refs/notes/${note.namespace}`]
    const listed = await this.#remote('ls-remote', '--', this.#address.plain, ...wanted)
    const ids = new Map(
      listed.split('\n').flatMap((line) => {
        const [id = '', ref = ''] = line.split('\t')
        return ref === '' ? [] : [[ref, id] as const]
      }),
    )
    const present = [...new Set(wanted)].filter((ref) => ids.has(ref))
    if (present.length > 0) {
      const refs = present.map((ref) => `+${ref}:${ref}`)
      await this.#remote('fetch', '--quiet', '--no-tags', '--depth', '1', this.#address.plain, ...refs)
    }
    // A note that is not there any more is none.
    if (!ids.has(`refs/notes/${note.namespace}`)) await this.#local('update-ref', '-d', `refs/notes/${note.namespace}`)
    const start = ids.get(`refs/heads/${base}`) ?? (await this.#startBase())
    const head = ids.get(`refs/heads/${branch}`)
    this.#isNewBranch = head === undefined && branch !== base
    return head ?? start
  }

  /** An empty first commit for the base, which others sync from even before anything is written to it. */
  async #startBase(): Promise<string> {
    const { base, author } = this.#change
    const message = `Initial commit for ${base}`
    const commit = await this.#import(commitStream({ author, message, atMs: this.#options.clock.now() }))
    await this.#remote('push', '--quiet', '--no-verify', this.#address.plain, `${commit}:refs/heads/${base}`)
    return commit
  }

  async #commit(parent: string, files: ReadonlyMap<string, string>): Promise<string> {
    const { author, message } = this.#change
    return this.#import(commitStream({ author, message, atMs: this.#options.clock.now(), parent, files }))
  }

  async #import(stream: Buffer): Promise<string> {
    await this.#local('update-ref', '-d', WORK_REF)
    await runGit({ args: ['fast-import', '--quiet', '--force'], input: stream, ...this.#common() })
    return (await this.#local('rev-parse', WORK_REF)).trim()
  }

  async #hasText(commit: string, path: string, text: string): Promise<boolean> {
    const listed = await this.#local('ls-tree', '-z', commit, '--', path)
    const id = /^\d+ blob (?<id>[0-9a-f]+)\t/.exec(listed)?.groups?.['id']
    if (id === undefined) return false
    const args = ['hash-object', '--stdin', '--no-filters']
    return (await runGit({ args, input: Buffer.from(text), ...this.#common() })).trim() === id
  }

  /** True where the commit had no such note yet. */
  async #note(commit: string): Promise<boolean> {
    const { note, author } = this.#change
    const text = plainMessage(note.text)
    if ((await this.#noteOf(commit)) === text) return false
    const { name, email } = author
    const person = {
      GIT_AUTHOR_NAME: name,
      GIT_AUTHOR_EMAIL: email,
      GIT_COMMITTER_NAME: name,
      GIT_COMMITTER_EMAIL: email,
    }
    const args = ['notes', `--ref=${note.namespace}`, 'add', '-f', '-F', '-', commit]
    const { environment, ...common } = this.#common()
    await runGit({ args, input: Buffer.from(text), ...common, environment: { ...environment, ...person } })
    return true
  }

  async #noteOf(commit: string): Promise<string | undefined> {
    try {
      return await this.#local('notes', `--ref=${this.#change.note.namespace}`, 'show', commit)
    } catch (error) {
      if (error instanceof GitError && /no note found/i.test(error.stderr)) return undefined
      throw error
    }
  }

  #local(...args: readonly string[]): Promise<string> {
    return runGit({ args, ...this.#common() })
  }

  async #remote(...args: readonly string[]): Promise<string> {
    const { cacheFolder, access } = this.#options
    const prepared = await prepareAccess(this.#address.plain, withLogin(await access(), this.#address), cacheFolder)
    try {
      const { environment, ...common } = this.#common()
      return await runGit({
        args: ['-c', 'protocol.ext.allow=never', '-c', 'gc.autoDetach=false', ...args],
        ...common,
        environment: { ...prepared.environment, ...environment },
        secrets: prepared.secrets,
      })
    } finally {
      await prepared.release()
    }
  }

  #common(): {
    readonly environment: Record<string, string>
    readonly timeoutMs?: number
    readonly signal?: AbortSignal
  } {
    const { timeoutMs } = this.#options
    const { signal } = this.#change
    return {
      environment: { GIT_DIR: this.#folder },
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
      ...(signal === undefined ? {} : { signal }),
    }
  }
}
