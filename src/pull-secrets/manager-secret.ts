// The Secrets of imagepullsecrets-manager: what they hold, what their labels say, and whether one is due.
import { sha256Hex } from '../base/digest.ts'
import type { JsonObject, KubeObject } from '../kube/object.ts'
import { dockerConfigKey, normalizeRegistryAddress } from '../settings/registry-address.ts'
import { configurationHash } from '../settings/registry-identity.ts'
import type { ManagerEntry } from './manager-config.ts'
import { renewAtMs } from './renewal.ts'
import { DOCKER_CONFIG_TYPE, type WrittenLogin } from './secret-object.ts'

/** The original's labels. */
export const CREATED_BY = 'created_by'
export const MANAGER = 'imagepullsecrets-manager'
export const REPO_TYPE = 'repo_type'
export const EXPIRATION = 'token_expiration_date'
const ISSUED_AT = 'capstan.dev/issued-at'
const EXPIRES_AT = 'capstan.dev/expires-at'
const CONFIGURATION = 'capstan.dev/registry-configuration'
const CONTENT = 'capstan.dev/content-sha256'
const DATA_KEY = '.dockerconfigjson'
/** Tokens of ECR live so long; the original's Secrets say their end alone. */
const ECR_LIFE_MS = 12 * 3_600_000

/** What is to stand there; only for a login that was just issued, or one that does not expire. */
export function managerSecret(
  { name, type, registry, email, ...entry }: ManagerEntry,
  namespace: string,
  login: WrittenLogin & { readonly proxyEndpoint?: string },
): KubeObject & JsonObject {
  const { username, password, expiresAt, issuedAt, proxyEndpoint = '' } = login
  const auth = Buffer.from(`${username}:${password.reveal()}`, 'utf8').toString('base64')
  const fields = { username, password: password.reveal(), email, auth }
  const url = registry === undefined ? proxyEndpoint : keyFor(registry)
  const content = Buffer.from(JSON.stringify({ auths: { [url]: fields } }), 'utf8').toString('base64')
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      name,
      namespace,
      labels: { [CREATED_BY]: MANAGER, [REPO_TYPE]: type, [EXPIRATION]: expirationText(expiresAt) },
      annotations: {
        [CONFIGURATION]: configurationOf({ name, type, registry, email, ...entry }),
        ...(expiresAt === undefined
          ? {}
          : {
              [ISSUED_AT]: issuedAt.toISOString(),
              [EXPIRES_AT]: expiresAt.toISOString(),
              // Of a token that nobody could guess; a password's is not written.
              [CONTENT]: sha256Hex(content),
            }),
      },
    },
    type: DOCKER_CONFIG_TYPE,
    data: { [DATA_KEY]: content },
  }
}

/** Why a Secret of the manager is to be written anew; undefined where it is right. `random` 0 to 1 spreads renewals. */
export function whyDue(secret: KubeObject, entry: ManagerEntry, nowMs: number, random: number): string | undefined {
  const { labels = {}, annotations = {} } = secret.metadata
  if (typeOf(secret) !== DOCKER_CONFIG_TYPE) return 'its type is another'
  if (labels[REPO_TYPE] !== entry.type) return 'the type of its registry has changed'
  if (entry.login.kind === 'static') {
    const wanted = managerSecret(entry, '', { ...entry.login, issuedAt: new Date(nowMs) })
    const isSame = contentOf(wanted) === contentOf(secret) && labels[EXPIRATION] === expirationText(undefined)
    return isSame ? undefined : 'its content differs'
  }
  if (![undefined, configurationOf(entry)].includes(annotations[CONFIGURATION])) return 'its configuration has changed'
  if (![undefined, sha256Hex(contentOf(secret))].includes(annotations[CONTENT])) return 'somebody has changed it'
  return whyTokenDue(secret, nowMs, random)
}

function whyTokenDue(secret: KubeObject, nowMs: number, random: number): string | undefined {
  const expiresAt = expirationOf(secret)
  if (expiresAt === undefined) return 'its end is not known'
  const issuedMs = Date.parse(secret.metadata.annotations?.[ISSUED_AT] ?? '')
  const issuedAt = new Date(Number.isNaN(issuedMs) ? expiresAt.getTime() - ECR_LIFE_MS : issuedMs)
  return nowMs >= renewAtMs({ issuedAt, expiresAt }, random, 60_000) ? 'its token is due' : undefined
}

/** Whether the manager made it: by the label alone, as the original has it. */
export function isManaged({ metadata }: KubeObject): boolean {
  return metadata.labels?.[CREATED_BY] === MANAGER
}

/** When its token ends, in UTC; what was written by the original counts too. */
export function expirationOf({ metadata }: KubeObject): Date | undefined {
  const exact = Date.parse(metadata.annotations?.[EXPIRES_AT] ?? '')
  if (!Number.isNaN(exact)) return new Date(exact)
  const seconds = Number(metadata.labels?.[EXPIRATION] ?? '')
  return Number.isFinite(seconds) && seconds > 0 ? new Date(seconds * 1000) : undefined
}

export function typeOf(secret: KubeObject): string {
  const { type = '' } = secret as KubeObject & { readonly type?: string } // v1 Secret
  return type
}

/** Unix seconds as Python prints a float, `None` for what does not expire. */
function expirationText(expiresAt: Date | undefined): string {
  if (expiresAt === undefined) return 'None'
  const seconds = expiresAt.getTime() / 1000
  return Number.isInteger(seconds) ? `${seconds}.0` : String(seconds)
}

/** `docker.io` is taken and written as docker and containerd want it; what is no address stays as it is. */
function keyFor(registry: string): string {
  try {
    return dockerConfigKey(normalizeRegistryAddress(registry))
  } catch {
    return registry
  }
}

function configurationOf({ type, login, registry = '' }: ManagerEntry): string {
  return configurationHash({ address: `${type}:${registry}`, kind: login.kind, login } as Parameters<
    typeof configurationHash
  >[0]) // all it reads
}

function contentOf(secret: KubeObject): string {
  const { data = {} } = secret as KubeObject & { readonly data?: Readonly<Record<string, string>> }
  return data[DATA_KEY] ?? ''
}
