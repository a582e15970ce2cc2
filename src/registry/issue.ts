// From a registry credential to a user and a password that the registry takes now.
import type { Clock } from '../base/clock.ts'
import { sha256Hex } from '../base/digest.ts'
import { withAbort } from '../base/with-abort.ts'
import { parseRegistryAddress } from '../settings/registry-address.ts'
import type { RegistryCredential, RegistryLogin } from '../settings/registry-credential.ts'
import { kindOfHost } from '../settings/registry-hosts.ts'
import { awsPrincipal, configurationHash } from '../settings/registry-identity.ts'
import { AwsAccess } from './aws-access.ts'
import { issueAzureLogin } from './azure.ts'
import { CloudCalls } from './cloud-calls.ts'
import { ecrQuestion, issueEcrLogin } from './ecr.ts'
import { issueGoogleLogin } from './google.ts'
import type { IssuedLogin } from './issued-login.ts'
import { IssueError } from './issue-error.ts'
import { isLoopback } from './registry-address.ts'

/** What a control plane's process has beside its credentials. */
export interface IssuerOptions {
  readonly clock: Clock
  /** The process' own: where AWS, Google and Azure look for identities, and `AWS_ENDPOINT_URL` and its like. */
  readonly env: Readonly<Record<string, string | undefined>>
}

/** What is needed of a credential to log in with it. */
export type Issuable = Pick<RegistryCredential, 'address' | 'kind' | 'login'>

export interface LoginIssuer {
  /**
   * A login for a credential. One that was issued to the same principal, for the same region, in the first quarter of its life is
   * given again, unless `isFresh` asks for another; who asks while one is on its way gets that. Throws `IssueError`: what is
   * `temporary` may be asked for again soon, `configuration` waits for a person. Or the signal's reason.
   */
  issue(credential: Issuable, signal: AbortSignal, options?: { readonly isFresh?: boolean }): Promise<IssuedLogin>
  close(): Promise<void>
}

/** The part of its life in which a token is as good as a new one: who renews at half of it gets a new one. */
const SHARED_PART = 0.25
/** Tokens are kept for principals that ask; an installation has a handful. */
export const MAX_KEPT = 1000

/** Keeps temporary credentials and young tokens, so that many credentials of one principal cost one call. */
export function createLoginIssuer({ clock, env }: IssuerOptions): LoginIssuer {
  const calls = new CloudCalls()
  const aws = new AwsAccess({ clock, env, calls })
  const kept = new Map<string, IssuedLogin>()
  const underWay = new Map<string, Promise<IssuedLogin>>()
  const closed = new AbortController()

  async function ask({ address, login }: Issuable): Promise<IssuedLogin> {
    const { host } = parseRegistryAddress(address)
    const { signal } = closed
    requireOwnCloud(login, host)
    switch (login.kind) {
      case 'static':
        return { username: login.username, password: login.password, issuedAt: new Date(clock.now()) }
      case 'ecr':
      case 'ecr-public':
        return issueEcrLogin(ecrQuestion(login, host, env), { aws, calls, signal })
      case 'google':
        return issueGoogleLogin(login, { clock, env, calls, signal })
      case 'azure':
        return issueAzureLogin(login, { host, clock, env, calls, signal })
    }
  }

  async function askOnce(key: string, credential: Issuable): Promise<IssuedLogin> {
    try {
      const login = await ask(credential)
      if (kept.size >= MAX_KEPT) kept.clear()
      kept.set(key, login)
      return login
    } finally {
      underWay.delete(key)
    }
  }

  return {
    async issue(credential, signal, { isFresh = false } = {}) {
      signal.throwIfAborted()
      if (credential.login.kind === 'static') return ask(credential)
      const key = shareKey(credential, env)
      const known = kept.get(key)
      if (!isFresh && known !== undefined && isYoung(known, clock.now())) return known
      const asking = underWay.get(key) ?? askOnce(key, credential)
      if (!underWay.has(key)) underWay.set(key, asking)
      return withAbort(asking, signal)
    },
    async close() {
      closed.abort()
      await calls.close()
    },
  }
}

/** Tokens of the control plane's own identity are shown to registries of their cloud alone; Azure's are checked for all identities. */
function requireOwnCloud(login: RegistryLogin, host: string): void {
  const isAmbient =
    login.kind === 'google'
      ? login.serviceAccountKey === undefined
      : (login.kind === 'ecr' || login.kind === 'ecr-public') && login.aws.accessKeyId === undefined
  if (!isAmbient || kindOfHost(host) === login.kind || isLoopback(host)) return
  const text = `${host} is no registry of kind ${login.kind}, and is shown no token of the control plane's own identity: give keys`
  throw new IssueError('configuration', text)
}

function isYoung({ issuedAt, expiresAt }: IssuedLogin, nowMs: number): boolean {
  if (expiresAt === undefined) return false
  const ageMs = nowMs - issuedAt.getTime()
  return ageMs >= 0 && ageMs < (expiresAt.getTime() - issuedAt.getTime()) * SHARED_PART
}

/** Equal for credentials that get the same token: ECR's are good for every registry the principal may read. */
function shareKey(credential: Issuable, env: IssuerOptions['env']): string {
  const { login, address } = credential
  if (login.kind !== 'ecr' && login.kind !== 'ecr-public') return configurationHash(credential)
  const { url, region } = ecrQuestion(login, parseRegistryAddress(address).host, env)
  const text = JSON.stringify([login.kind, url.href, region, awsPrincipal(login.aws)])
  return sha256Hex(text)
}
