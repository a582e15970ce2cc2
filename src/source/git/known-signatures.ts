// Signatures that were verified a moment ago: many applications ask for those of one commit.
import type { Clock } from '../../base/clock.ts'
import { LruCache } from '../../base/lru.ts'
import type { SourceLocation } from '../provider.ts'
import type { RevisionSignature, SignatureWish } from '../signature.ts'
import type { Keyring } from './keyring.ts'
import type { GitRepository } from './repository.ts'

/** Keys expire: what was good is looked at again after this time. */
const FRESH_MS = 5 * 60_000
/** A strict history has a signature per commit. */
const MAX_SIGNATURES = 100_000

export interface KnownSignaturesOptions {
  readonly keyring: Keyring
  readonly clock: Clock
}

interface Known {
  readonly atMs: number
  readonly signatures: readonly RevisionSignature[]
}

export class KnownSignatures {
  readonly #options: KnownSignaturesOptions
  readonly #known = new LruCache<Known>({
    maxSize: MAX_SIGNATURES,
    sizeOf: ({ signatures }) => Math.max(1, signatures.length),
  })

  constructor(options: KnownSignaturesOptions) {
    this.#options = options
  }

  async read(
    repository: GitRepository,
    location: SourceLocation,
    wish: SignatureWish,
  ): Promise<readonly RevisionSignature[]> {
    const { keyring, clock } = this.#options
    const { targetRevision, tagPrefix } = location
    const { project, revision, isDeep } = wish
    const asked = [repository.url, project, targetRevision, tagPrefix, revision, isDeep, keyring.version]
    const key = JSON.stringify(asked)
    const known = this.#known.get(key)
    if (known !== undefined && clock.now() - known.atMs < FRESH_MS) return known.signatures
    const signatures = await repository.signaturesOf(location, { ...wish, home: await keyring.home() })
    this.#known.set(key, { atMs: clock.now(), signatures })
    return signatures
  }
}
