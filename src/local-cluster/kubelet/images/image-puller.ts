// Pulls as a container runtime does, without the layers: what a name stands for, what it is made of, and containerd's words where it fails.
import type { Clock } from '../../../base/clock.ts'
import { LruCache } from '../../../base/lru.ts'
import { canonicalName, type ImageReference } from '../../../registry/image-reference.ts'
import type { TrackedCredential } from '../../../registry/keyring.ts'
import type { Platform } from '../../../registry/manifest.ts'
import { RegistryClient } from '../../../registry/registry-client.ts'
import { RegistryError } from '../../../registry/registry-error.ts'

export interface PullerOptions {
  readonly clock: Clock
  /** Registries that may be reached over plain http, besides those on this machine. */
  readonly insecureHosts?: readonly string[]
  /** PEM certificates trusted besides the system's. */
  readonly ca?: string
}

export type PullOutcome =
  | {
      readonly ok: true
      readonly digest: string
      /** Of the configuration: the same content has the same id under any name. */
      readonly id: string
      readonly sizeBytes: number
      /** The credential that opened it; undefined: none was needed. */
      readonly credential: TrackedCredential | undefined
    }
  | { readonly ok: false; readonly message: string }

/** The simulated nodes' own. */
const PLATFORM: Platform = { os: 'linux', architecture: 'amd64' }
/** What is behind a digest never changes: it is read once. */
const MAX_KNOWN_DIGESTS = 2000

/** Serves all nodes; close it after use. */
export class ImagePuller {
  readonly #client: RegistryClient
  readonly #known = new LruCache<{ readonly id: string; readonly sizeBytes: number }>({ maxSize: MAX_KNOWN_DIGESTS })

  constructor(options: PullerOptions) {
    this.#client = new RegistryClient(options)
  }

  /** Tries the credentials in their order, or none at all where there are none; messages of all failures together. */
  async pull(
    reference: ImageReference,
    credentials: readonly TrackedCredential[],
    signal: AbortSignal,
  ): Promise<PullOutcome> {
    const failures: string[] = []
    for (const credential of credentials.length === 0 ? [undefined] : credentials) {
      try {
        return { ok: true, credential, ...(await this.#pullAs(reference, credential, signal)) }
      } catch (error) {
        if (!(error instanceof PullFailure)) throw error
        failures.push(error.message)
      }
    }
    return { ok: false, message: aggregate(failures) }
  }

  async close(): Promise<void> {
    await this.#client.close()
  }

  async #pullAs(
    reference: ImageReference,
    tracked: TrackedCredential | undefined,
    signal: AbortSignal,
  ): Promise<{ readonly digest: string; readonly id: string; readonly sizeBytes: number }> {
    // containerd takes a credential without a user for none (ParseAuth).
    const isNamed = tracked !== undefined && tracked.username !== ''
    const access = { signal, ...(isNamed ? { credential: tracked } : {}) }
    const name = canonicalName(reference)
    const { digest } = await orFailure(
      this.#client.resolve(reference, access),
      name,
      `failed to resolve reference "${name}": `,
    )
    const key = `${reference.name}@${digest}`
    const known = this.#known.get(key)
    if (known !== undefined) return { digest, ...known }
    const details = await orFailure(
      this.#client.details(reference, digest, { ...access, platform: PLATFORM }),
      name,
      '',
    )
    const read = { id: details.id ?? digest, sizeBytes: details.sizeBytes }
    this.#known.set(key, read)
    return { digest, ...read }
  }
}

/** A pull that the registry, or the way to it, did not let happen. */
class PullFailure extends Error {}

async function orFailure<T>(step: Promise<T>, name: string, context: string): Promise<T> {
  try {
    return await step
  } catch (error) {
    if (!(error instanceof RegistryError)) throw error
    const text = `failed to pull and unpack image "${name}": ${context}${error.message}`
    throw new PullFailure(`${statusPrefix(error)}${text}`, { cause: error })
  }
}

/** The gRPC code before the message; the kubelet's client takes `Unknown`, which most are, away (cri-client remote_image.go). */
function statusPrefix({ failure }: RegistryError): string {
  if (failure === 'not-found') return 'rpc error: code = NotFound desc = '
  return failure === 'timeout' ? 'rpc error: code = DeadlineExceeded desc = ' : ''
}

/** apimachinery's Aggregate: one as it is, several different ones in brackets. */
function aggregate(messages: readonly string[]): string {
  const different = [...new Set(messages)]
  return different.length === 1 ? (different[0] ?? '') : `[${different.join(', ')}]`
}
