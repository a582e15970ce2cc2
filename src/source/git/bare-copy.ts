// Copies of remote repositories on disk: made whole, and changed by one command at a time.
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { runGit } from './command.ts'

/** Git's lock files in a copy that a fetch leaves when it is killed. */
const LOCKS = ['shallow.lock', 'packed-refs.lock', 'config.lock', 'HEAD.lock']

/** Whole or not at all: repositories of other projects at the same address look for it at the same time. */
export async function makeCopy(directory: string): Promise<void> {
  if (existsSync(join(directory, 'HEAD'))) return
  await mkdir(dirname(directory), { recursive: true, mode: 0o700 })
  const made = await mkdtemp(`${directory}.`)
  try {
    await runGit({ args: ['init', '--bare', '--quiet', made] })
    await rename(made, directory)
  } catch (error) {
    await rm(made, { recursive: true, force: true })
    if (!existsSync(join(directory, 'HEAD'))) throw error
  }
}

/** Runs work on a copy when all that was begun on it before has ended: two fetches into one copy fail over its locks. */
export class CopyQueue {
  readonly #tails = new Map<string, Promise<unknown>>()

  async run<T>(directory: string, work: () => Promise<T>): Promise<T> {
    const before = this.#tails.get(directory)
    const running = (async (): Promise<T> => {
      await before?.catch(() => undefined) // told to whoever asked for it
      await removeLocks(directory)
      return work()
    })()
    this.#tails.set(directory, running)
    try {
      return await running
    } finally {
      if (this.#tails.get(directory) === running) this.#tails.delete(directory)
    }
  }
}

/** A lock of this age is nobody's: commands of git end before. */
const ABANDONED_MS = 600_000

/** What a process that was killed has left: nobody else would ever take it away. */
async function removeLocks(directory: string): Promise<void> {
  for (const name of LOCKS) {
    const path = join(directory, name)
    const ageMs = await stat(path).then(
      ({ mtimeMs }) => Date.now() - mtimeMs,
      () => 0, // there is none
    )
    if (ageMs > ABANDONED_MS) await rm(path, { force: true })
  }
}
