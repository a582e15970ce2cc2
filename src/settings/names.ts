// Names of the Secrets that the API makes for repositories, credentials and clusters.
import { CapstanError } from '../base/errors.ts'

export type RepositorySecretPrefix = 'repo' | 'repo-write' | 'creds' | 'creds-write'

const FNV_OFFSET = 0x811c9dc5
const FNV_PRIME = 0x01000193

/** The 32-bit FNV-1a hash of a text's UTF-8 bytes, as Go's hash/fnv computes it. */
export function fnv32a(text: string): number {
  let hash = FNV_OFFSET
  for (const byte of Buffer.from(text, 'utf8')) hash = Math.imul(hash ^ byte, FNV_PRIME)
  return hash >>> 0
}

/** `repo-<hash of url and project>` (argo-cd v3.5.1 `util/db/repository_secrets.go`). */
export function repositorySecretName(prefix: RepositorySecretPrefix, url: string, project: string = ''): string {
  return `${prefix}-${fnv32a(url + project)}`
}

/** `cluster-<host>-<hash of server>`; throws `bad-input` where the server is no URL. */
export function clusterSecretName(server: string): string {
  let host: string
  try {
    host = new URL(server).hostname
  } catch (error) {
    throw new CapstanError('bad-input', `cluster server ${JSON.stringify(server)} is no URL: write https://host:port`, {
      cause: error,
    })
  }
  const plain = host
    .toLowerCase()
    .replace(/^\[|\]$/g, '')
    .replaceAll(':', '-')
  return `cluster-${plain}-${fnv32a(server)}`
}
