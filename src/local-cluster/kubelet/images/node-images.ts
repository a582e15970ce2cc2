// The images on one simulated node, and whose credentials opened them (kubelet/images/pullmanager, v1.36.3).
import { LruCache } from '../../../base/lru.ts'
import { canonicalName, parseImageReference, type ImageReference } from '../../../registry/image-reference.ts'
import type { SecretCoordinates, TrackedCredential } from '../../../registry/keyring.ts'

/**
 * `imagePullCredentialsVerificationPolicy`: whether a pod must show credentials for an image that is there already.
 * Since 1.35 (KubeletEnsureSecretPulledImages) that is so for every image the kubelet pulled itself.
 */
export type VerificationPolicy = 'NeverVerify' | 'NeverVerifyPreloadedImages' | 'AlwaysVerify'

export interface NodeImage {
  /** As containers report it: `docker.io/library/nginx:1.27`. */
  readonly name: string
  /** `docker.io/library/nginx@sha256:…` */
  readonly repoDigest: string
  /** Which content it is, whatever it is called. */
  readonly id: string
}

/** A node has room for so many images; what was not asked for longest goes, as the kubelet's garbage collection has it. */
export const MAX_IMAGES = 2000
/** writeRecordWhileMatchingLimit: so many Secrets are remembered for one image. */
export const MAX_REMEMBERED_SECRETS = 100

interface PullRecord {
  /** Pulled without credentials: open to every pod. */
  isPublic: boolean
  /** Hash of the credential, by coordinates of its Secret. */
  readonly secrets: Map<string, string>
}

/** A class because it remembers. */
export class NodeImages {
  readonly #images = new LruCache<NodeImage>({ maxSize: MAX_IMAGES * 2 })
  /** By content and repository: the same content may be public in one repository and private in another. */
  readonly #records = new LruCache<PullRecord>({ maxSize: MAX_IMAGES })
  readonly #pulled = new LruCache<true>({ maxSize: MAX_IMAGES })
  readonly #policy: VerificationPolicy

  constructor(policy: VerificationPolicy = 'NeverVerifyPreloadedImages') {
    this.#policy = policy
  }

  /** The image of that name, if it is there. */
  find(reference: ImageReference): NodeImage | undefined {
    return this.#images.get(canonicalName(reference))
  }

  /** Puts an image there that nobody pulled, as those that come with a node. */
  preload(text: string, digest: string): void {
    this.#store(parseImageReference(text), { digest, id: digest })
  }

  /** Remembers a pull and the credential that opened it; none: an anonymous one. */
  pulled(
    reference: ImageReference,
    content: { readonly digest: string; readonly id: string },
    credential: TrackedCredential | undefined,
  ): NodeImage {
    const image = this.#store(reference, content)
    this.#pulled.set(image.id, true)
    const record = this.#record(image, reference)
    if (credential === undefined) record.isPublic = true
    else this.#remember(record, credential)
    return image
  }

  /** Whether a pod must pull an image that is there, to show that it may. `credentials` is asked only where they matter. */
  mustPull(image: NodeImage, reference: ImageReference, credentials: () => readonly TrackedCredential[]): boolean {
    if (!this.#needsVerification(image)) return false
    const record = this.#records.get(recordKey(image, reference))
    if (record === undefined) return true
    if (record.isPublic) return false
    // The same credential in whatever Secret, or the same Secret whatever it holds now.
    const match = credentials().find(
      ({ hash, source }) => [...record.secrets.values()].includes(hash) || record.secrets.has(coordinates(source)),
    )
    if (match !== undefined) this.#remember(record, match)
    return match === undefined
  }

  #needsVerification(image: NodeImage): boolean {
    switch (this.#policy) {
      case 'NeverVerify':
        return false
      case 'NeverVerifyPreloadedImages':
        return this.#pulled.get(image.id) === true
      case 'AlwaysVerify':
        return true
    }
  }

  #store(reference: ImageReference, { digest, id }: { readonly digest: string; readonly id: string }): NodeImage {
    const repoDigest = `${reference.name}@${digest}`
    const image = { name: canonicalName(reference), repoDigest, id }
    this.#images.set(image.name, image)
    if (image.name !== repoDigest) this.#images.set(repoDigest, { ...image, name: repoDigest })
    return image
  }

  #record(image: NodeImage, reference: ImageReference): PullRecord {
    const key = recordKey(image, reference)
    const known = this.#records.get(key)
    if (known !== undefined) return known
    const record: PullRecord = { isPublic: false, secrets: new Map() }
    this.#records.set(key, record)
    return record
  }

  #remember({ secrets }: PullRecord, { source, hash }: TrackedCredential): void {
    const key = coordinates(source)
    if (secrets.has(key) || secrets.size < MAX_REMEMBERED_SECRETS) secrets.set(key, hash)
  }
}

function recordKey(image: NodeImage, { name }: ImageReference): string {
  return `${image.id} ${name}`
}

function coordinates({ uid, namespace, name }: SecretCoordinates): string {
  return `${namespace}/${name}/${uid}`
}
