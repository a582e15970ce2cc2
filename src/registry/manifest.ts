// Manifests of images: single ones and those that list one for each platform.
import { RegistryError } from './registry-error.ts'

/** What is asked for: single manifests and lists, of Docker and of the OCI (containerd's list). */
export const MANIFEST_TYPES: readonly string[] = [
  'application/vnd.docker.distribution.manifest.v2+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.oci.image.index.v1+json',
]

export interface Platform {
  readonly os: string
  readonly architecture: string
}

export interface ListedManifest {
  readonly digest: string
  readonly platform: Platform | undefined
}

export type Manifest =
  | { readonly kind: 'list'; readonly manifests: readonly ListedManifest[] }
  | {
      readonly kind: 'image'
      /** Digest of the configuration: the image's own id. Undefined for Docker's oldest form. */
      readonly config: string | undefined
      /** Configuration and layers, as they are transferred. */
      readonly contentBytes: number
    }

/** Reads a manifest of either kind. Throws `RegistryError` for anything else. */
export function parseManifest(text: string): Manifest {
  const json = parseObject(text)
  const { manifests, config, layers } = json
  if (Array.isArray(manifests)) return { kind: 'list', manifests: manifests.filter(isMap).map(listed) }
  if (!isMap(config) && json['schemaVersion'] !== 1) {
    throw new RegistryError('invalid-answer', 'the registry sent something that is no manifest')
  }
  const parts = [config, ...(Array.isArray(layers) ? layers : [])].filter(isMap)
  const contentBytes = parts.reduce((sum, { size }) => sum + (typeof size === 'number' ? size : 0), 0)
  return { kind: 'image', config: isMap(config) ? textOf(config['digest']) : undefined, contentBytes }
}

/** The manifest for a platform. Throws as containerd does where there is none. */
export function manifestFor(manifests: readonly ListedManifest[], wanted: Platform): string {
  const found = manifests.find(
    ({ platform }) => platform?.os === wanted.os && platform.architecture === wanted.architecture,
  )
  if (found === undefined) throw new RegistryError('not-found', 'no match for platform in manifest: not found')
  return found.digest
}

type JsonMap = Readonly<Record<string, unknown>>

function parseObject(text: string): JsonMap {
  try {
    const json: unknown = JSON.parse(text)
    if (isMap(json)) return json
  } catch {
    // Falls through to the one error for everything that is no manifest.
  }
  throw new RegistryError('invalid-answer', 'the registry sent something that is no manifest')
}

function listed(entry: JsonMap): ListedManifest {
  const { digest, platform } = entry
  const read = isMap(platform)
    ? { os: textOf(platform['os']) ?? '', architecture: textOf(platform['architecture']) ?? '' }
    : undefined
  return { digest: textOf(digest) ?? '', platform: read }
}

function isMap(value: unknown): value is JsonMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}
