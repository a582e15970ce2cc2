// Public keys as gpg reads them: a folder of their own for each set of keys, in which all of them are trusted.
import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { sha256Hex } from '../../base/digest.ts'
import { CapstanError, messageOf } from '../../base/errors.ts'
import { gitEnvironment } from './command.ts'

const run = promisify(execFile)

/** Importing some hundred keys takes a second or two. */
const GPG_TIMEOUT_MS = 60_000

/**
 * Whoever put a key here trusts it, as upstream does by giving each ultimate trust. Nothing is asked of key servers, and no
 * agent is started: there is no private key to guard.
 */
const CONFIGURATION = 'trust-model always\nno-auto-key-retrieve\nno-autostart\nbatch\nno-tty\nno-permission-warning\n'

export interface KeyringOptions {
  /** Where the folders stand; made when first needed. */
  readonly folder: string
  /** Armoured public keys by their name in argocd-gpg-keys-cm. */
  readonly keys: () => Readonly<Record<string, string>>
}

/** Gives gpg's home for the keys as they are now. */
export class Keyring {
  readonly #options: KeyringOptions
  readonly #homes = new Map<string, Promise<string>>()

  constructor(options: KeyringOptions) {
    this.#options = options
  }

  /** Changes with the keys. */
  get version(): string {
    const keys = Object.entries(this.#options.keys()).toSorted(([a], [b]) => (a < b ? -1 : 1))
    return sha256Hex(JSON.stringify(keys)).slice(0, 16)
  }

  /** A GNUPGHOME with the keys. Throws `not-found` without gpg, `bad-input` naming a key that is none. */
  async home(): Promise<string> {
    const { version } = this
    const known = this.#homes.get(version)
    if (known !== undefined) return known
    const made = this.#make(version)
    this.#homes.set(version, made)
    try {
      const home = await made
      await this.#forgetOthers(version)
      return home
    } catch (error) {
      this.#homes.delete(version)
      throw error
    }
  }

  async #make(version: string): Promise<string> {
    const { folder, keys } = this.#options
    await mkdir(folder, { recursive: true, mode: 0o700 })
    const building = await mkdtemp(join(folder, 'new-'))
    try {
      await writeFile(join(building, 'gpg.conf'), CONFIGURATION)
      await gpg(building, ['--list-keys'])
      for (const [name, armoured] of Object.entries(keys())) await importKey(building, name, armoured)
      const home = join(folder, version)
      await rm(home, { recursive: true, force: true })
      await rename(building, home)
      return home
    } catch (error) {
      await rm(building, { recursive: true, force: true })
      throw error
    }
  }

  /** The one before may still be in use: only older ones go. */
  async #forgetOthers(current: string): Promise<void> {
    const names = [...this.#homes.keys()].filter((name) => name !== current)
    for (const name of names.slice(0, -1)) {
      const home = await this.#homes.get(name)
      this.#homes.delete(name)
      if (home !== undefined) await rm(home, { recursive: true, force: true })
    }
  }
}

async function importKey(home: string, name: string, armoured: string): Promise<void> {
  const file = join(home, 'import.asc')
  await writeFile(file, armoured)
  try {
    await gpg(home, ['--import', file])
  } catch (error) {
    if (error instanceof CapstanError && error.code !== 'unavailable') throw error
    throw new CapstanError('bad-input', `argocd-gpg-keys-cm: key ${name} cannot be imported: ${messageOf(error)}`, {
      cause: error,
    })
  } finally {
    await rm(file, { force: true })
  }
}

async function gpg(home: string, args: readonly string[]): Promise<void> {
  try {
    await run('gpg', args, { env: gitEnvironment({ GNUPGHOME: home }), timeout: GPG_TIMEOUT_MS })
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') {
      const advice = 'install GnuPG 2.2 or newer to have signatures verified'
      throw new CapstanError('not-found', `gpg was not found on the PATH: ${advice}`, { cause: error })
    }
    const words = error instanceof Error && 'stderr' in error ? String(error.stderr).trim() : messageOf(error)
    throw new CapstanError('unavailable', words, { cause: error })
  }
}
