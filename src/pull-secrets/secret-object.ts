// The Secret that carries a registry's login into a namespace: its name, what it says of itself, and how it is read again.
import { sha256Hex } from '../base/digest.ts'
import type { Secret } from '../base/secret.ts'
import { PULL_SECRET_PREFIX } from '../diff/pull-secret-entries.ts'
import type { JsonObject, KubeObject } from '../kube/object.ts'
import { dockerConfigJson, readDockerConfig } from '../registry/docker-config.ts'
import { dockerConfigKey } from '../settings/registry-address.ts'
import type { RegistryCredential } from '../settings/registry-credential.ts'
import { configurationHash, identityOf } from '../settings/registry-identity.ts'
import { isOwn, isSealOf, type PullSecretAuthor } from './authorship.ts'

/** On every Secret of ours; its value is the hash in the name. */
export const PULL_SECRET_LABEL = 'capstan.dev/image-pull-secret'
export const ANNOTATIONS = {
  registry: 'capstan.dev/registry-address',
  /** The Secret of the credential, in the control plane's namespace. */
  credential: 'capstan.dev/registry-credential',
  /** Who uses it: `namespace/name` of Applications, with commas between; the first hundred. */
  applications: 'capstan.dev/applications',
  issuedAt: 'capstan.dev/issued-at',
  expiresAt: 'capstan.dev/expires-at',
  /** Of what the login was issued for; nothing secret can be told from it. */
  configuration: 'capstan.dev/registry-configuration',
  /** The control plane that has written it. */
  owner: 'capstan.dev/owner',
  /** Shows a login that expires to be one the owner wrote. */
  seal: 'capstan.dev/login-seal',
} as const

/** Who writes entries, in managedFields; for Secrets see `managerOf`. */
export const PULL_SECRET_MANAGER = 'capstan-pull-secrets'
export const DOCKER_CONFIG_TYPE = 'kubernetes.io/dockerconfigjson'
const DATA_KEY = '.dockerconfigjson'
/** Names of Kubernetes are 253 long, annotations of an object 256 KiB together. */
const MAX_OWNERS = 100
const HASH_LENGTH = 16

/** A login as far as it is written into a Secret. */
export interface WrittenLogin {
  readonly username: string
  readonly password: Secret
  readonly issuedAt: Date
  readonly expiresAt?: Date
}

/** `argocd-image-pull-secret-<hash>` over registry and identity, so that rotation keeps the name. */
export function pullSecretName(credential: RegistryCredential): string {
  return PULL_SECRET_PREFIX + hashOf(credential)
}

function hashOf(credential: RegistryCredential): string {
  return sha256Hex(`${credential.address}\n${identityOf(credential)}`).slice(0, HASH_LENGTH)
}

export interface PullSecretWish {
  readonly credential: RegistryCredential
  readonly namespace: string
  readonly login: WrittenLogin
  /** `namespace/name`, sorted. */
  readonly applications: readonly string[]
  readonly author: PullSecretAuthor
}

/** Who writes Secrets: a manager of its own for each control plane, so that none applies over what another has written. */
export function managerOf({ owner }: PullSecretAuthor): string {
  return `${PULL_SECRET_MANAGER}-${sha256Hex(owner).slice(0, HASH_LENGTH)}`
}

/** What is applied; the same wish gives the same object. */
export function pullSecretObject({
  credential,
  namespace,
  login,
  applications,
  author,
}: PullSecretWish): KubeObject & JsonObject {
  const { username, password, issuedAt, expiresAt } = login
  const configuration = configurationHash(credential)
  const seal = author.seal?.(sealedText(author.owner, { id: credential.id, configuration, login }))
  const config = dockerConfigJson(dockerConfigKey(credential.address), { username, password, email: '' })
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      name: pullSecretName(credential),
      namespace,
      labels: { [PULL_SECRET_LABEL]: hashOf(credential), 'app.kubernetes.io/managed-by': 'argocd' },
      annotations: {
        [ANNOTATIONS.registry]: credential.address,
        [ANNOTATIONS.credential]: credential.id,
        [ANNOTATIONS.applications]: applications.slice(0, MAX_OWNERS).join(','),
        [ANNOTATIONS.configuration]: configuration,
        [ANNOTATIONS.owner]: author.owner,
        ...(expiresAt === undefined
          ? {}
          : {
              [ANNOTATIONS.issuedAt]: issuedAt.toISOString(),
              [ANNOTATIONS.expiresAt]: expiresAt.toISOString(),
              ...(seal === undefined ? {} : { [ANNOTATIONS.seal]: seal }),
            }),
      },
    },
    type: DOCKER_CONFIG_TYPE,
    data: { [DATA_KEY]: Buffer.from(config.reveal(), 'utf8').toString('base64') },
  }
}

interface Sealed {
  readonly id: string
  readonly configuration: string
  readonly login: WrittenLogin
}

function sealedText(owner: string, { id, configuration, login }: Sealed): string {
  const { username, password, issuedAt, expiresAt } = login
  const times = [issuedAt.toISOString(), expiresAt?.toISOString() ?? '']
  return JSON.stringify([owner, id, configuration, username, password.reveal(), ...times])
}

/** A Secret of ours as the cluster has it. */
export interface LivePullSecret {
  readonly name: string
  readonly namespace: string
  readonly uid: string
  readonly credential: string
  readonly applications: readonly string[]
  readonly configuration: string
  readonly owner: string
  readonly expiresAt: Date | undefined
  readonly issuedAt: Date | undefined
  /** Tells whether what stands there is what is wanted, without keeping it. */
  readonly fingerprint: string
}

/** True for a Secret that the propagation of some control plane made: by its name and its label. */
export function isPullSecret({ metadata }: KubeObject): boolean {
  const hash = metadata.labels?.[PULL_SECRET_LABEL]
  return hash !== undefined && metadata.name === PULL_SECRET_PREFIX + hash
}

/** True for one that this control plane has made. */
export function isOwnPullSecret(secret: KubeObject, author: PullSecretAuthor): boolean {
  return isPullSecret(secret) && isOwn(secret.metadata.annotations?.[ANNOTATIONS.owner] ?? '', author)
}

/** What a Secret of ours says of itself. */
export function readPullSecret(secret: KubeObject): LivePullSecret {
  const { name = '', namespace = '', uid = '', annotations = {} } = secret.metadata
  return {
    name,
    namespace,
    uid,
    credential: annotations[ANNOTATIONS.credential] ?? '',
    applications: (annotations[ANNOTATIONS.applications] ?? '').split(',').filter((part) => part !== ''),
    configuration: annotations[ANNOTATIONS.configuration] ?? '',
    owner: annotations[ANNOTATIONS.owner] ?? '',
    expiresAt: dateOf(annotations[ANNOTATIONS.expiresAt]),
    issuedAt: dateOf(annotations[ANNOTATIONS.issuedAt]),
    fingerprint: fingerprintOf(secret),
  }
}

/** The login that a Secret of ours holds; undefined where it cannot be read, as somebody wrote into it. */
export function loginIn(secret: KubeObject): WrittenLogin | undefined {
  const { issuedAt, expiresAt } = readPullSecret(secret)
  if (issuedAt === undefined || expiresAt === undefined) return undefined
  try {
    const [entry] = [...readDockerConfig(contentOf(secret), 'dockerconfigjson').values()]
    return entry && { username: entry.username, password: entry.password, issuedAt, expiresAt }
  } catch {
    return undefined // spoiled: another login is issued, and the Secret put right with it
  }
}

/** The same where this control plane has written it there: whoever may write into a namespace might have put in another one. */
export function sealedLoginIn(secret: KubeObject, author: PullSecretAuthor): WrittenLogin | undefined {
  if (author.seal === undefined || !isOwnPullSecret(secret, author)) return undefined
  const login = loginIn(secret)
  if (login === undefined) return undefined
  const { owner, credential: id, configuration } = readPullSecret(secret)
  const seal = secret.metadata.annotations?.[ANNOTATIONS.seal] ?? ''
  return isSealOf(seal, sealedText(owner, { id, configuration, login }), author) ? login : undefined
}

/** Over all that is ours in the object: type, data, labels and annotations. */
export function fingerprintOf(secret: KubeObject): string {
  // v1 Secret, checked by the server.
  const { type = '', data = {} } = secret as KubeObject & { type?: string; data?: Readonly<Record<string, string>> }
  const { labels = {}, annotations = {} } = secret.metadata
  const own = Object.values(ANNOTATIONS).map((name) => annotations[name] ?? '')
  return sha256Hex(JSON.stringify([type, data, labels[PULL_SECRET_LABEL], own]))
}

function contentOf(secret: KubeObject): string {
  const { data = {} } = secret as KubeObject & { data?: Readonly<Record<string, string>> }
  return Buffer.from(data[DATA_KEY] ?? '', 'base64').toString('utf8')
}

function dateOf(text: string | undefined): Date | undefined {
  const ms = Date.parse(text ?? '')
  return Number.isNaN(ms) ? undefined : new Date(ms)
}
