// Image references as Docker writes them: which registry, which repository, which tag or digest.
import { CapstanError } from '../base/errors.ts'

/** An image by its full name; every rule is that of distribution/reference v0.6.0, which Kubernetes 1.36 uses. */
export interface ImageReference {
  /** `docker.io`, `registry.example.com:5000`; empty for names such as `a_b.c/app`, whose first part is no valid host. */
  readonly domain: string
  /** `library/nginx` */
  readonly path: string
  /** `docker.io/library/nginx`: what the kubelet looks up credentials for. */
  readonly name: string
  readonly tag: string | undefined
  /** `sha256:…`; wins over the tag where both are given. */
  readonly digest: string | undefined
}

/** Upstream's refusal of a reference, in upstream's words. */
export class ImageReferenceError extends CapstanError {
  constructor(message: string) {
    super('bad-input', message)
    this.name = 'ImageReferenceError'
  }
}

/** RepositoryNameTotalLengthMax; the registry's address does not count. */
export const MAX_PATH_LENGTH = 255
/** Upstream bounds neither the host nor the digest; no real reference comes near this. */
export const MAX_REFERENCE_LENGTH = 4096

const DEFAULT_DOMAIN = 'docker.io'
const LEGACY_DEFAULT_DOMAIN = 'index.docker.io'
const OFFICIAL_PREFIX = 'library/'
const DEFAULT_TAG = 'latest'

const IDENTIFIER = /^[a-f0-9]{64}$/
const COMPONENT = /^[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*$/
const HOST_LABEL = /^[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?$/
const IPV6 = /^\[[a-fA-F0-9:]+\]$/
const PORT = /^[0-9]+$/
const TAG = /^\w[\w.-]{0,127}$/
const DIGEST = /^[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}$/
/** Hexadecimal digits of the digests that exist (go-digest v1.0.0). */
const DIGEST_LENGTHS: Readonly<Record<string, number>> = { sha256: 64, sha384: 96, sha512: 128 }

/** `nginx` becomes `docker.io/library/nginx` without a tag (`ParseNormalizedNamed`). Throws `ImageReferenceError`. */
export function parseImageReference(text: string): ImageReference {
  if (text.length > MAX_REFERENCE_LENGTH) throw new ImageReferenceError('invalid reference format')
  if (IDENTIFIER.test(text)) {
    throw new ImageReferenceError(`invalid repository name (${text}), cannot specify 64-byte hexadecimal strings`)
  }
  const { domain, rest } = splitDockerDomain(text)
  const colon = rest.indexOf(':')
  const remote = colon < 0 ? rest : rest.slice(0, colon)
  if (remote.toLowerCase() !== remote) {
    throw new ImageReferenceError(`invalid reference format: repository name (${remote}) must be lowercase`)
  }
  return parseFull(`${domain}/${rest}`)
}

/** As containerd names what it pulls: with its digest, else with its tag, `latest` where there is none (`ParseDockerRef`). */
export function canonicalName({ name, tag, digest }: ImageReference): string {
  return digest === undefined ? `${name}:${tag ?? DEFAULT_TAG}` : `${name}@${digest}`
}

/** The text with `:latest` where it has neither tag nor digest, otherwise as written (kubelet `applyDefaultImageTag`). */
export function withDefaultTag(text: string): string {
  const { tag, digest } = parseImageReference(text)
  return tag === undefined && digest === undefined ? `${text}:${DEFAULT_TAG}` : text
}

/** `Always` for `:latest` and for no tag at all, else `IfNotPresent`; a name that cannot be parsed counts as tagged (`SetDefaults_Container`). */
export function defaultPullPolicy(text: string): 'Always' | 'IfNotPresent' {
  const reference = tryParseImageReference(text)
  if (reference === undefined) return 'IfNotPresent'
  const tag = reference.tag ?? (reference.digest === undefined ? DEFAULT_TAG : '')
  return tag === DEFAULT_TAG ? 'Always' : 'IfNotPresent'
}

/** Undefined where the text is no reference. */
export function tryParseImageReference(text: string): ImageReference | undefined {
  try {
    return parseImageReference(text)
  } catch (error) {
    if (error instanceof ImageReferenceError) return undefined
    throw error
  }
}

/** Where the registry's API answers: Docker Hub's is not at the name people write. */
export function registryHost({ domain, name }: ImageReference): string {
  const host = domain === '' ? name.slice(0, name.indexOf('/')) : domain
  return host === DEFAULT_DOMAIN ? 'registry-1.docker.io' : host
}

/** The first part is a host where it looks like one; names of one part on Docker Hub are official ones. */
function splitDockerDomain(text: string): { readonly domain: string; readonly rest: string } {
  const slash = text.indexOf('/')
  if (slash < 0) return { domain: DEFAULT_DOMAIN, rest: OFFICIAL_PREFIX + text }
  const first = text.slice(0, slash)
  const isHost = first === 'localhost' || /[.:]/.test(first) || first.toLowerCase() !== first
  const domain = isHost ? first : DEFAULT_DOMAIN
  const rest = isHost ? text.slice(slash + 1) : text
  if (domain !== DEFAULT_DOMAIN && domain !== LEGACY_DEFAULT_DOMAIN) return { domain, rest }
  // The legacy name of Docker Hub, and the part that official images may leave out.
  return { domain: DEFAULT_DOMAIN, rest: rest.includes('/') ? rest : OFFICIAL_PREFIX + rest }
}

function parseFull(full: string): ImageReference {
  const parts = splitFull(full)
  if (parts === undefined) {
    const isOnlyCase = splitFull(full.toLowerCase()) !== undefined
    throw new ImageReferenceError(isOnlyCase ? 'repository name must be lowercase' : 'invalid reference format')
  }
  if (parts.path.length > MAX_PATH_LENGTH) {
    throw new ImageReferenceError(`repository name must not be more than ${MAX_PATH_LENGTH} characters`)
  }
  if (parts.digest !== undefined) checkDigest(parts.digest)
  return parts
}

function splitFull(full: string): ImageReference | undefined {
  const at = full.indexOf('@')
  const digest = at < 0 ? undefined : full.slice(at + 1)
  const tagged = at < 0 ? full : full.slice(0, at)
  const colon = tagged.lastIndexOf(':')
  const hasTag = colon > tagged.lastIndexOf('/')
  const tag = hasTag ? tagged.slice(colon + 1) : undefined
  const name = hasTag ? tagged.slice(0, colon) : tagged
  if (digest !== undefined && !DIGEST.test(digest)) return undefined
  if (tag !== undefined && !TAG.test(tag)) return undefined
  const repository = splitName(name)
  return repository === undefined ? undefined : { ...repository, name, tag, digest }
}

function splitName(name: string): Pick<ImageReference, 'domain' | 'path'> | undefined {
  const [first = '', ...others] = name.split('/')
  if (!others.every((part) => COMPONENT.test(part))) return undefined
  if (others.length > 0 && isHostAndPort(first)) return { domain: first, path: others.join('/') }
  return COMPONENT.test(first) ? { domain: '', path: name } : undefined
}

function isHostAndPort(text: string): boolean {
  const { host, port } = /^(?<host>\[[^\]]*\]|[^:]*)(?::(?<port>.*))?$/s.exec(text)?.groups ?? {}
  if (host === undefined || (port !== undefined && !PORT.test(port))) return false
  return IPV6.test(host) || host.split('.').every((label) => HOST_LABEL.test(label))
}

/** Throws for a digest of an unknown kind, of a wrong length or with capital letters. */
export function checkDigest(digest: string): void {
  const colon = digest.indexOf(':')
  const algorithm = digest.slice(0, colon)
  const encoded = digest.slice(colon + 1)
  const length = Object.hasOwn(DIGEST_LENGTHS, algorithm) ? DIGEST_LENGTHS[algorithm] : undefined
  if (length === undefined) throw new ImageReferenceError(unknownDigest(digest))
  if (encoded.length !== length) throw new ImageReferenceError('invalid checksum digest length')
  if (!/^[a-f0-9]+$/.test(encoded)) throw new ImageReferenceError('invalid checksum digest format')
}

function unknownDigest(digest: string): string {
  const isWellFormed = /^[a-z0-9]+(?:[.+_-][a-z0-9]+)*:[a-zA-Z0-9=_-]+$/.test(digest)
  return isWellFormed ? 'unsupported digest algorithm' : 'invalid checksum digest format'
}
