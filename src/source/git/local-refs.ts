// The refs of a repository on this disk, with annotated tags peeled: from its files where they are plain, else from git.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { GitError, runGit } from './command.ts'
import { readRefFiles, type RefSnapshot } from './ref-files.ts'
import { parseRefs, type Refs } from './refs.ts'

/** More objects of unknown kind than this are peeled by one `git show-ref` instead of one by one. */
export const MAX_PEELED_ONE_BY_ONE = 16

/** The id an object's name stands for, with any annotated tag taken off; undefined where there is no such object. */
export type Peel = (id: string) => Promise<string | undefined>

/** Remembers what never changes: which commit a tag object is on. */
export class LocalRefs {
  readonly #gitDirectory: string
  readonly #peel: Peel
  /** Object id → what it is on; a commit is on itself. */
  #peeled: ReadonlyMap<string, string> = new Map()
  #snapshot: RefSnapshot | undefined
  #refs: Refs | undefined

  constructor(gitDirectory: string, peel: Peel) {
    this.#gitDirectory = gitDirectory
    this.#peel = peel
  }

  /** The refs as they stand now; the same object again while nothing has moved. */
  async read(signal?: AbortSignal): Promise<Refs> {
    const snapshot = readRefFiles(this.#gitDirectory, this.#snapshot)
    if (snapshot === undefined) return (await askGit(this.#gitDirectory, signal)).refs
    if (snapshot === this.#snapshot && this.#refs !== undefined) return this.#refs
    const peeled = await this.#peelAll(snapshot, signal)
    // An id that is no object here: git knows how to say so.
    if (peeled === undefined) return (await askGit(this.#gitDirectory, signal)).refs
    const commits = new Map([...snapshot.ids].map(([name, id]) => [name, peeled.get(id) ?? id]))
    this.#peeled = peeled
    this.#snapshot = snapshot
    this.#refs = { head: snapshot.head, commits }
    return this.#refs
  }

  /** Undefined where an object is missing. */
  async #peelAll(snapshot: RefSnapshot, signal?: AbortSignal): Promise<ReadonlyMap<string, string> | undefined> {
    const ids = new Set(snapshot.ids.values())
    const peeled = new Map<string, string>()
    const unknown: string[] = []
    for (const id of ids) {
      const known = this.#peeled.get(id) ?? snapshot.peeled.get(id)
      if (known === undefined) unknown.push(id)
      else peeled.set(id, known)
    }
    if (unknown.length > MAX_PEELED_ONE_BY_ONE) {
      const { peeled: told } = await askGit(this.#gitDirectory, signal)
      for (const id of unknown) {
        const target = told.get(id)
        if (target === undefined) return undefined
        peeled.set(id, target)
      }
      return peeled
    }
    const targets = await Promise.all(unknown.map((id) => this.#peel(id)))
    for (const [index, id] of unknown.entries()) {
      const target = targets[index]
      if (target === undefined) return undefined
      peeled.set(id, target)
    }
    return peeled
  }
}

interface GitAnswer {
  readonly refs: Refs
  /** Object id → what it is on. */
  readonly peeled: ReadonlyMap<string, string>
}

/** `show-ref` ends with 1 where there is none. */
async function askGit(gitDirectory: string, signal?: AbortSignal): Promise<GitAnswer> {
  const head = (await readFile(join(gitDirectory, 'HEAD'), 'utf8')).trim()
  const symref = head.startsWith('ref: ') ? `${head}\tHEAD\n` : ''
  try {
    const listed = await runGit({
      args: ['show-ref', '--head', '--dereference'],
      environment: { GIT_DIR: gitDirectory },
      ...(signal === undefined ? {} : { signal }),
    })
    return { refs: parseRefs(symref + listed.replaceAll(/^(?<id>[0-9a-f]+) /gm, '$<id>\t')), peeled: peeledIn(listed) }
  } catch (error) {
    if (error instanceof GitError && error.stderr.trim() === '') return { refs: parseRefs(symref), peeled: new Map() }
    throw error
  }
}

/** A line `<id> <name>^{}` follows that of the tag it peels. */
function peeledIn(listed: string): ReadonlyMap<string, string> {
  const peeled = new Map<string, string>()
  let last = ''
  for (const line of listed.split('\n')) {
    const id = line.slice(0, line.indexOf(' '))
    if (line.endsWith('^{}')) peeled.set(last, id)
    else if (id !== '') {
      last = id
      if (!peeled.has(id)) peeled.set(id, id)
    }
  }
  return peeled
}
