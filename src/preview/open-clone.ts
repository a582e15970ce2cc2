// A clone on this disk as a preview needs it: what its revisions mean, and its working folder as a commit of its own.
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CapstanError } from '../base/errors.ts'
import { GitError, runGit } from '../source/git/command.ts'
import type { Clone } from './repository-side.ts'

/** What a change goes to where nobody says; the first that there is. */
const USUAL_BASES = ['origin/HEAD', 'origin/main', 'origin/master', 'main', 'master']
/** Whoever the commit of the working folder is by, it never leaves this process' own folder. */
const AUTHOR = { name: 'preview', email: 'preview@localhost' }

export interface CloneWish {
  /** Of the clone, or a folder in it. */
  readonly folder: string
  readonly base?: string | undefined
  /** Absent: the working folder as it is. */
  readonly head?: string | undefined
  /** Compare with where both parted, as a pull request does, rather than with the base as it is now. */
  readonly isMergeBase: boolean
  /** Further addresses of this repository. */
  readonly addresses: readonly string[]
  /** Further branches whose followers see the change. */
  readonly branches: readonly string[]
  readonly signal: AbortSignal
}

export interface OpenedClone {
  readonly clone: Clone
  readonly base: string
  readonly head: string
  /** Removes what it has written, all of it outside of the clone. */
  close(): void
}

/** Resolves both sides. Throws `bad-input` with what to fetch where a side is not there. */
export async function openClone(wish: CloneWish): Promise<OpenedClone> {
  const git = gitIn(wish.folder, wish.signal)
  const top = await topOf(git, wish.folder)
  const shadow = mkdtempSync(join(tmpdir(), 'capstan-preview-'))
  const close = (): void => rmSync(shadow, { recursive: true, force: true })
  try {
    await castShadow(git, shadow)
    const baseName = wish.base ?? (await usualBase(git))
    const base = await commitOf(git, baseName)
    const head =
      wish.head === undefined ? await commitWorkingFolder(git, { shadow, top }) : await commitOf(git, wish.head)
    const clone = {
      folder: shadow,
      addresses: [top, ...(await remotesOf(git)), ...wish.addresses],
      branches: new Set([...(await branchesOf(git, [baseName, wish.head ?? 'HEAD'])), ...wish.branches]),
      resolve: (revision: string) => namedCommit(git, revision),
    }
    return {
      clone,
      base: wish.isMergeBase ? await mergeBase(git, base, { shadow, head, baseName }) : base,
      head,
      close,
    }
  } catch (error) {
    close()
    throw error
  }
}

type Git = (args: readonly string[], environment?: Readonly<Record<string, string>>) => Promise<string>

/** Clones of build machines often belong to somebody else than who builds. */
function gitIn(folder: string, signal: AbortSignal): Git {
  return async (args, environment = {}) =>
    (await runGit({ args: ['-C', folder, '-c', 'safe.directory=*', ...args], environment, signal })).trimEnd()
}

async function topOf(git: Git, folder: string): Promise<string> {
  if (!existsSync(folder)) throw new CapstanError('not-found', `${folder} does not exist`)
  try {
    return await git(['rev-parse', '--show-toplevel'])
  } catch (error) {
    if (!(error instanceof GitError)) throw error
    throw new CapstanError('bad-input', `${folder} is in no Git repository: name a folder of a clone`, { cause: error })
  }
}

/** A bare repository beside the clone that has its objects and refs, and takes what is written: the clone is left as it is. */
async function castShadow(git: Git, shadow: string): Promise<void> {
  await git(['init', '--quiet', '--bare', shadow])
  const objects = await git(['rev-parse', '--path-format=absolute', '--git-path', 'objects'])
  mkdirSync(join(shadow, 'objects', 'info'), { recursive: true })
  writeFileSync(join(shadow, 'objects', 'info', 'alternates'), `${objects}\n`)
  const refs = await git(['for-each-ref', '--format=%(objectname) %(refname)'])
  writeFileSync(join(shadow, 'packed-refs'), `${refs}\n`)
}

async function usualBase(git: Git): Promise<string> {
  for (const name of USUAL_BASES) {
    if ((await namedCommit(git, name)) !== undefined) return name
  }
  throw new CapstanError('bad-input', `the clone has none of ${USUAL_BASES.join(', ')}: say --base REVISION`)
}

async function commitOf(git: Git, revision: string): Promise<string> {
  const commit = await namedCommit(git, revision)
  if (commit !== undefined) return commit
  const branch = revision.replace(/^origin\//, '')
  const advice = `fetch it (git fetch origin ${branch}:refs/remotes/origin/${branch})`
  throw new CapstanError(
    'bad-input',
    `the clone has no revision ${JSON.stringify(revision)}: ${advice} or name another`,
  )
}

/** A branch, a remote's branch, a tag or a commit. */
async function namedCommit(git: Git, revision: string): Promise<string | undefined> {
  for (const name of [revision, `refs/remotes/origin/${revision}`]) {
    const found = await git(['rev-parse', '--quiet', '--verify', '--end-of-options', `${name}^{commit}`]).catch(absent)
    if (found !== undefined) return found
  }
  return undefined
}

function absent(error: unknown): undefined {
  if (error instanceof GitError) return undefined
  throw error
}

async function mergeBase(
  git: Git,
  base: string,
  { shadow, head, baseName }: { readonly shadow: string; readonly head: string; readonly baseName: string },
): Promise<string> {
  const found = await git([`--git-dir=${shadow}`, 'merge-base', base, head]).catch(absent)
  if (found !== undefined) return found
  const advice = 'fetch more history (git fetch --unshallow), or compare with it as it is (--no-merge-base)'
  throw new CapstanError('bad-input', `where this parted from ${baseName} is not in the clone: ${advice}`)
}

/** What is tracked and what is new but not ignored, as `git add --all` would have it; HEAD itself where nothing has changed. */
async function commitWorkingFolder(git: Git, { shadow, top }: { shadow: string; top: string }): Promise<string> {
  const head = await commitOf(git, 'HEAD')
  const index = await git(['rev-parse', '--path-format=absolute', '--git-path', 'index'])
  const own = join(shadow, 'index')
  // What it remembers of the files saves reading each of them.
  if (existsSync(index)) copyFileSync(index, own)
  await copyRules(git, shadow)
  const inShadow = [...(await settingsOf(git)), `--git-dir=${shadow}`, `--work-tree=${top}`]
  const environment = { GIT_INDEX_FILE: own }
  await git([...inShadow, '-c', 'core.bare=false', 'add', '--all', top], environment)
  const tree = await git([...inShadow, 'write-tree'], environment)
  if (tree === (await git(['rev-parse', `${head}^{tree}`]))) return head
  const { name, email } = AUTHOR
  const author = {
    GIT_AUTHOR_NAME: name,
    GIT_AUTHOR_EMAIL: email,
    GIT_COMMITTER_NAME: name,
    GIT_COMMITTER_EMAIL: email,
  }
  return git([...inShadow, 'commit-tree', tree, '-p', head, '-m', 'the working folder'], author)
}

/** What is ignored and how lines end, where only the clone knows it and no file of the repository. */
async function copyRules(git: Git, shadow: string): Promise<void> {
  mkdirSync(join(shadow, 'info'), { recursive: true })
  for (const name of ['exclude', 'attributes']) {
    const path = await git(['rev-parse', '--path-format=absolute', '--git-path', `info/${name}`])
    if (existsSync(path)) copyFileSync(path, join(shadow, 'info', name))
  }
}

/** Settings of the clone that decide what its files are as Git has them; none that runs a program. */
const SETTINGS = '^core\\.(autocrlf|eol|excludesfile|filemode|symlinks)$'

async function settingsOf(git: Git): Promise<readonly string[]> {
  const lines = await git(['config', '--get-regexp', SETTINGS]).catch(absent)
  return (lines ?? '').split('\n').flatMap((line) => (line === '' ? [] : ['-c', line.replace(' ', '=')]))
}

async function remotesOf(git: Git): Promise<readonly string[]> {
  const lines = await git(['config', '--get-regexp', '^remote\\..*\\.url$']).catch(absent)
  return (lines ?? '').split('\n').flatMap((line) => line.split(' ')[1] ?? [])
}

/** Names of branches behind revisions: `origin/main` is main, HEAD what is checked out. */
async function branchesOf(git: Git, revisions: readonly string[]): Promise<readonly string[]> {
  const names = revisions.map(async (revision) => {
    const full = await git(['rev-parse', '--symbolic-full-name', '--end-of-options', revision]).catch(absent)
    return (
      full
        ?.split('\n')
        .at(-1)
        ?.replace(/^refs\/(?:heads|remotes\/[^/]+)\//, '') ?? ''
    )
  })
  return (await Promise.all(names)).filter((name) => name !== '' && name !== 'HEAD')
}
