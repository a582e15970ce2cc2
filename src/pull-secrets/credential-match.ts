// Which registered credentials an image would be pulled with, by the kubelet's own rules.
import { Secret } from '../base/secret.ts'
import { dockerConfigJson } from '../registry/docker-config.ts'
import { tryParseImageReference } from '../registry/image-reference.ts'
import { keyringOf, normalizedKey, type PullSecret } from '../registry/keyring.ts'

/** What matching and policy need to know of a credential. */
export interface Addressed {
  readonly id: string
  /** Host, with a path where it is for a part of the registry: `registry.example.com:5000/team`. */
  readonly address: string
  /** Empty or absent: of no project. */
  readonly project?: string
}

/** All credentials whose address fits, the kubelet's first choice first; none for what is no image. */
export type CredentialMatcher<C extends Addressed> = (image: string) => readonly C[]

const DOCKER_HUB = 'docker.io'
const DOCKER_HUB_NAMES = new Set([DOCKER_HUB, 'index.docker.io', 'registry-1.docker.io', 'hub.docker.com'])
/** Answers that are remembered; images of a cluster repeat. */
const MAX_REMEMBERED = 20_000

/** Matches as the kubelet does, but never offers Docker Hub's credential to other hosts as it would. */
export function createMatcher<C extends Addressed>(credentials: readonly C[]): CredentialMatcher<C> {
  const byId = new Map(credentials.map((credential) => [credential.id, credential]))
  const keyring = keyringOf(credentials.map(asSecret))
  const known = new Map<string, readonly C[]>()
  return (image) => {
    const before = known.get(image)
    if (before !== undefined) return before
    const name = tryParseImageReference(image)?.name
    const found = name === undefined ? [] : keyring.lookup(name).map(({ source }) => byId.get(source.uid))
    const matching = found.filter((credential) => credential !== undefined)
    if (known.size >= MAX_REMEMBERED) known.clear()
    known.set(image, matching)
    return matching
  }
}

/** True for every name of Docker Hub as a whole. */
export function isDockerHub(address: string): boolean {
  return DOCKER_HUB_NAMES.has(normalizedKey(address) ?? '')
}

/** A Secret with the address and nothing to show: only where it stands counts here. */
function asSecret({ id, address }: Addressed): PullSecret {
  const key = isDockerHub(address) ? DOCKER_HUB : address
  const config = dockerConfigJson(key, { username: id, password: new Secret(''), email: '' })
  const data = { '.dockerconfigjson': Buffer.from(config.reveal(), 'utf8').toString('base64') }
  return { uid: id, namespace: '', name: id, type: 'kubernetes.io/dockerconfigjson', data }
}
