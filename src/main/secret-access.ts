// From Secrets of the control plane to the keys and Vaults that applications of a project may use.
import { readFile } from 'node:fs/promises'
import type { Clock } from '../base/clock.ts'
import { messageOf } from '../base/errors.ts'
import type { Log } from '../base/log.ts'
import type { SecretSources } from '../desired/secrets.ts'
import { readAgeIdentities, type AgeIdentity } from '../render/secrets/sops/age-keys.ts'
import type { KeyRing } from '../render/secrets/sops/data-key.ts'
import { createVaultClient, type VaultClient } from '../render/secrets/vault/client.ts'
import { VaultReader } from '../render/secrets/vault/key-value.ts'
import type { DecryptionKeys, VaultSettings } from '../settings/secret-keys.ts'
import { execTimeoutMs } from './tool-environment.ts'

export interface SecretAccessOptions {
  readonly clock: Clock
  readonly log: Log
  /** Read anew each time; equal lists are the same object. */
  readonly keys: () => readonly DecryptionKeys[]
  readonly vaults: () => readonly VaultSettings[]
  /** False leaves encrypted files to others (`sops.enabled` of argocd-cm). */
  readonly isSopsEnabled: () => boolean
}

export interface SecretAccess extends SecretSources {
  close(): Promise<void>
}

export function createSecretAccess(options: SecretAccessOptions): SecretAccess {
  const rings = new KeyRings(options)
  const vaults = new Vaults(options)
  return {
    keys: (project) => rings.of(project),
    vault: (project) => vaults.of(project),
    close: () => vaults.close(),
  }
}

class KeyRings {
  readonly #options: SecretAccessOptions
  #madeOf: readonly DecryptionKeys[] | undefined
  #rings = new Map<string, Promise<KeyRing>>()

  constructor(options: SecretAccessOptions) {
    this.#options = options
  }

  async of(project: string): Promise<KeyRing | undefined> {
    if (!this.#options.isSopsEnabled()) return undefined
    const all = this.#options.keys()
    if (all !== this.#madeOf) this.#rings = new Map()
    this.#madeOf = all
    const known = this.#rings.get(project)
    if (known !== undefined) return known
    const made = this.#make(all.filter((one) => one.project === '' || one.project === project))
    this.#rings.set(project, made)
    return made
  }

  async #make(secrets: readonly DecryptionKeys[]): Promise<KeyRing> {
    const identities: AgeIdentity[] = []
    for (const { place, key, text } of secrets.flatMap(({ ageKeys }) => ageKeys)) {
      try {
        identities.push(...(await readAgeIdentities(text.reveal())))
      } catch (error) {
        this.#options.log.error('an age key is left out', { secret: place, key, error: messageOf(error) })
      }
    }
    const gpgTimeoutMs = execTimeoutMs()
    const pgpKeys = secrets.flatMap((secret) => secret.pgpKeys)
    return { identities, pgpKeys, ...(gpgTimeoutMs === undefined ? {} : { gpgTimeoutMs }) }
  }
}

interface OpenVault {
  readonly client: VaultClient
  readonly reader: VaultReader
}

class Vaults {
  readonly #options: SecretAccessOptions
  readonly #open = new Map<VaultSettings, OpenVault>()

  constructor(options: SecretAccessOptions) {
    this.#options = options
  }

  /** The project's own connection, else the one for all. */
  of(project: string): VaultReader | undefined {
    const all = this.#options.vaults()
    this.#closeOthers(new Set(all))
    const settings =
      all.find((one) => one.project === project && project !== '') ?? all.find((one) => one.project === '')
    if (settings === undefined) return undefined
    const known = this.#open.get(settings)
    if (known !== undefined) return known.reader
    const { clock } = this.#options
    const client = createVaultClient({ connection: settings, clock, readToken: (path) => readFile(path, 'utf8') })
    const made = { client, reader: new VaultReader(client, settings) }
    this.#open.set(settings, made)
    return made.reader
  }

  async close(): Promise<void> {
    await Promise.all([...this.#open.values()].map(({ client }) => client.close()))
    this.#open.clear()
  }

  /** A changed Secret is another connection: the token of the old one is forgotten. */
  #closeOthers(current: ReadonlySet<VaultSettings>): void {
    for (const [settings, { client }] of this.#open) {
      if (current.has(settings)) continue
      this.#open.delete(settings)
      client.close().catch((error: unknown) => {
        this.#options.log.warn('a connection to Vault did not close', { error: messageOf(error) })
      })
    }
  }
}
