// Which credentials an image gets: the kubelet's own rules (pkg/credentialprovider/keyring.go and secrets/secrets.go, v1.36.3).
import { createHash } from 'node:crypto'
import type { KubeObject } from '../kube/object.ts'
import { readDockerConfig, type DockerConfigKind, type DockerCredential } from './docker-config.ts'
import { matchGoPath } from '../base/path-pattern.ts'
import { parseGoUrl, splitHostPort, type GoUrl } from './go-url.ts'

/** A Secret as far as pulling is concerned. */
export interface PullSecret {
  readonly uid: string
  readonly namespace: string
  readonly name: string
  readonly type: string
  /** Base64, by key. */
  readonly data: Readonly<Record<string, string>>
}

/** Names the Secret a credential came from; delete and create gives a new uid. */
export interface SecretCoordinates {
  readonly uid: string
  readonly namespace: string
  readonly name: string
}

export interface TrackedCredential extends DockerCredential {
  /** The key it stands under, normalised: `registry.example.com/team`. */
  readonly key: string
  readonly source: SecretCoordinates
  /** Of user, password and email; tells equal credentials without showing them. */
  readonly hash: string
}

/** All credentials of a pod's Secrets, in the order of its `imagePullSecrets`. */
export interface Keyring {
  /** Every credential that matches a name such as `docker.io/library/nginx`, in the order they are tried; none: pull anonymously. */
  lookup(imageName: string): readonly TrackedCredential[]
  /** What it holds credentials for, normalised, in the order of matching. */
  keys(): readonly string[]
}

/**
 * The keyring of some Secrets; those of another type, or without the key of their type, are skipped. ONE that cannot be
 * read spoils all: throws `DockerConfigError`, and the kubelet pulls nothing then, however good the others are.
 */
export function keyringOf(secrets: readonly PullSecret[]): Keyring {
  const entries = new Map<string, TrackedCredential[]>()
  for (const secret of secrets) {
    const kind = kindOf(secret)
    if (kind === undefined) continue
    const text = Buffer.from(secret.data[`.${kind}`] ?? '', 'base64').toString('utf8')
    for (const [written, credential] of readDockerConfig(text, kind)) add(entries, written, track(credential, secret))
  }
  const index = [...entries.keys()].toSorted(compareBytes).toReversed()
  const patterns = index.flatMap((key) => {
    const url = parseGoUrl(`https://${key}`)
    return url === undefined ? [] : [{ pattern: partsOf(url), credentials: entries.get(key) ?? [] }]
  })
  return {
    keys: () => index,
    lookup(imageName) {
      const url = parseGoUrl(`https://${imageName}`)
      const target = url === undefined ? undefined : partsOf(url)
      const found = target === undefined ? [] : patterns.filter(({ pattern }) => isMatch(pattern, target))
      if (found.length > 0) return found.flatMap(({ credentials }) => credentials)
      return isDefaultRegistry(imageName) ? (entries.get(DEFAULT_REGISTRY) ?? []) : []
    },
  }
}

/** Undefined for what is no Secret of pull credentials: the kubelet skips it without a word. */
function kindOf({ type, data }: PullSecret): DockerConfigKind | undefined {
  if (type === 'kubernetes.io/dockerconfigjson' && (data['.dockerconfigjson'] ?? '') !== '') return 'dockerconfigjson'
  return type === 'kubernetes.io/dockercfg' && (data['.dockercfg'] ?? '') !== '' ? 'dockercfg' : undefined
}

/** The part of a Secret that matters here. */
export function pullSecretOf(object: KubeObject): PullSecret {
  // v1 Secret, checked by the server: `type` is a string and `data` a map of base64 texts.
  const { type = 'Opaque', data = {} } = object as { readonly type?: string } & {
    readonly data?: Readonly<Record<string, string>>
  }
  const { uid = '', namespace = '', name = '' } = object.metadata
  return { uid, namespace, name, type, data }
}

/** Host and path of a key; an address of Docker's old API counts as its host. Undefined for a key that is no address: it is ignored. */
export function normalizedKey(written: string): string | undefined {
  const url = parseGoUrl(/^https?:\/\//.test(written) ? written : `https://${written}`)
  if (url === undefined) return undefined
  const path = /^\/v[12]\//.test(url.path) ? url.path.slice('/v1'.length) : url.path
  return path === '/' ? url.host : url.host + path
}

const DEFAULT_REGISTRY = 'index.docker.io'

function add(
  entries: Map<string, TrackedCredential[]>,
  written: string,
  credential: Omit<TrackedCredential, 'key'>,
): void {
  const key = normalizedKey(written)
  if (key === undefined) return
  const known = entries.get(key)
  // The same key in two Secrets: both are kept and tried.
  if (known === undefined) entries.set(key, [{ ...credential, key }])
  else known.push({ ...credential, key })
}

function track(credential: DockerCredential, { uid, namespace, name }: PullSecret): Omit<TrackedCredential, 'key'> {
  const { username, password, email } = credential
  const text = JSON.stringify([username, password.reveal(), email])
  const hash = createHash('sha256').update(text).digest('hex')
  return { ...credential, source: { uid, namespace, name }, hash }
}

interface Parts {
  readonly labels: readonly string[]
  readonly port: string
  readonly path: string
}

function partsOf({ host: hostAndPort, path }: GoUrl): Parts {
  const { host, port } = splitHostPort(hostAndPort)
  return { labels: host.split('.'), port, path }
}

/** Ports as texts, as many labels, a path that the image's begins with (`/team` matches `/teamx`), globs label by label. */
function isMatch(pattern: Parts, target: Parts): boolean {
  return (
    pattern.port === target.port &&
    pattern.labels.length === target.labels.length &&
    target.path.startsWith(pattern.path) &&
    pattern.labels.every((label, index) => matchGoPath(label, target.labels[index] ?? ''))
  )
}

/**
 * Where nothing matched, Docker Hub's credential is offered to its own images, but also to those of `localhost/…` and of
 * any host without a dot or a port.
 */
function isDefaultRegistry(imageName: string): boolean {
  const slash = imageName.indexOf('/')
  const first = slash < 0 ? imageName : imageName.slice(0, slash)
  if (first === '') return false
  return slash < 0 || first === 'docker.io' || first === DEFAULT_REGISTRY || !/[.:]/.test(first)
}

/** As bytes: UTF-16 puts characters beyond U+FFFF before U+E000. */
function compareBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b))
}
