// The logins of registries while they are valid: issued once for all namespaces, renewed in time, asked for no more often than allowed.
import { backoffDelayMs } from '../../base/backoff.ts'
import type { Cancel, Clock } from '../../base/clock.ts'
import { CapstanError, messageOf } from '../../base/errors.ts'
import { withAbort } from '../../base/with-abort.ts'
import { renewalDelayMs, renewAtMs } from '../../pull-secrets/renewal.ts'
import type { WrittenLogin } from '../../pull-secrets/secret-object.ts'
import type { LoginIssuer } from '../../registry/issue.ts'
import type { IssuedLogin } from '../../registry/issued-login.ts'
import type { RegistryCredential } from '../../settings/registry-credential.ts'
import { configurationHash } from '../../settings/registry-identity.ts'

/** A service that does not answer in this time has failed. */
const ISSUE_TIMEOUT_MS = 30_000
/** However long a failure lasts, it is looked at again after this; configuration that was put right is used at once anyway. */
const MAX_RETRY_MS = 900_000
const RETRY_JITTER = 0.2
/** The clock of the process that wrote a login may be so far ahead. */
const MAX_AHEAD_MS = 300_000
/** No registry's tokens live longer. */
const MAX_LIFE_MS = 7 * 86_400_000

export interface LoginsOptions {
  readonly issuer: LoginIssuer
  readonly clock: Clock
  readonly random: () => number
  /** Between two attempts for one credential; see `PullSecretTimes`. */
  readonly retryMs: number
  /** Logins nobody uses are not renewed. */
  readonly isUsed: (credential: string) => boolean
  /** Told when the login of a credential is another one, or how it stands has changed. */
  readonly onChange: (credential: string) => void
  readonly onIssued: (credential: RegistryCredential, error: string | undefined) => void
}

/** How the login of a credential stands. */
export interface LoginState {
  readonly expiresAt: Date | undefined
  readonly issuedAt: Date | undefined
  /** Why the last attempt failed; undefined after one that went well. */
  readonly error: string | undefined
}

interface Entry {
  credential: RegistryCredential
  configuration: string
  login: WrittenLogin | undefined
  /** Of another configuration: it is not written any more, but stands in Secrets until there is a new one. */
  previous: WrittenLogin | undefined
  error: string | undefined
  failures: number
  /** No attempt before this time. */
  notBeforeMs: number
  issuing: Promise<void> | undefined
  cancel: Cancel | undefined
}

/** Runs until `stop`. */
export class Logins {
  readonly #options: LoginsOptions
  readonly #entries = new Map<string, Entry>()
  readonly #stopping = new AbortController()

  constructor(options: LoginsOptions) {
    this.#options = options
  }

  async stop(): Promise<void> {
    this.#stopping.abort(new Error('the propagation of registry credentials stops'))
    const entries = [...this.#entries.values()]
    for (const { cancel } of entries) cancel?.()
    await Promise.all(entries.map(async ({ issuing }) => issuing?.catch(() => undefined)))
  }

  /** Takes the credentials as they are now; answers whose login is no longer what it was. A changed configuration is not waited with. */
  take(credentials: readonly RegistryCredential[]): readonly string[] {
    const changed: string[] = []
    const ids = new Set(credentials.map(({ id }) => id))
    for (const [id, { cancel }] of this.#entries) {
      if (ids.has(id)) continue
      cancel?.()
      this.#entries.delete(id)
      changed.push(id)
    }
    for (const credential of credentials) if (this.#takeOne(credential)) changed.push(credential.id)
    return changed
  }

  /** Takes a login that was found in a Secret, issued for this configuration before this process began. */
  adopt(id: string, configuration: string, login: WrittenLogin): void {
    const entry = this.#entries.get(id)
    if (entry === undefined || entry.credential.login.kind === 'static' || entry.configuration !== configuration) return
    if (!isLater(login, entry.login) || !this.#isValid(login) || !isPlausible(login, this.#options.clock.now())) return
    this.#set(entry, login)
  }

  /** The login to write now; undefined where there is none that is valid. */
  current(id: string): WrittenLogin | undefined {
    const login = this.#entries.get(id)?.login
    return login !== undefined && this.#isValid(login) ? login : undefined
  }

  /** The same, issued where there is none. Throws why it cannot be, also where it is too soon to ask again. */
  async get(id: string, signal: AbortSignal): Promise<WrittenLogin> {
    const entry = this.#entries.get(id)
    if (entry === undefined) throw new CapstanError('not-found', `there is no registry credential ${id}`)
    const known = this.current(id)
    if (known !== undefined) return known
    if (entry.issuing === undefined && this.#options.clock.now() < entry.notBeforeMs) throw failed(entry)
    await withAbort(this.#issue(entry), signal)
    const issued = entry.login
    if (issued === undefined) throw failed(entry)
    return issued
  }

  stateOf(id: string): LoginState {
    const entry = this.#entries.get(id)
    const login = entry?.login ?? entry?.previous
    return { expiresAt: login?.expiresAt, issuedAt: login?.issuedAt, error: entry?.error }
  }

  #takeOne(credential: RegistryCredential): boolean {
    const configuration = configurationHash(credential)
    const known = this.#entries.get(credential.id)
    const entry = known ?? newEntry(credential, configuration)
    this.#entries.set(credential.id, entry)
    const isSame = known !== undefined && known.configuration === configuration
    const isSameSecret = isSame && known.credential.source.resourceVersion === credential.source.resourceVersion
    entry.credential = credential
    entry.configuration = configuration
    if (isSameSecret) return false
    if (credential.login.kind === 'static') return this.#takeStatic(entry, credential.login)
    // Somebody has changed something: what failed before may go well now.
    entry.notBeforeMs = 0
    entry.failures = 0
    if (isSame) {
      if (entry.error !== undefined) this.#schedule(entry, 0)
      return false
    }
    if (known !== undefined) this.#renewNow(entry)
    return known !== undefined
  }

  #takeStatic(entry: Entry, { username, password }: { username: string; password: WrittenLogin['password'] }): boolean {
    const { login } = entry
    const isSame = login?.username === username && login.password.reveal() === password.reveal()
    entry.error = undefined
    entry.cancel?.()
    if (isSame && login?.expiresAt === undefined) return false
    entry.login = { username, password, issuedAt: new Date(this.#options.clock.now()) }
    return true
  }

  /** Secrets keep the old one until the new one is there: it may be valid still. */
  #renewNow(entry: Entry): void {
    entry.previous = entry.login
    entry.login = undefined
    entry.cancel?.()
    if (this.#options.isUsed(entry.credential.id)) this.#schedule(entry, 0)
  }

  #isValid({ expiresAt }: WrittenLogin): boolean {
    return expiresAt === undefined || expiresAt.getTime() > this.#options.clock.now()
  }

  #set(entry: Entry, login: WrittenLogin): void {
    const { random, retryMs, clock } = this.#options
    entry.login = login
    entry.previous = undefined
    entry.error = undefined
    entry.failures = 0
    entry.notBeforeMs = 0
    const { issuedAt, expiresAt } = login
    if (expiresAt === undefined) return
    this.#schedule(entry, renewalDelayMs({ issuedAt, expiresAt }, clock.now(), random(), retryMs))
  }

  #schedule(entry: Entry, delayMs: number): void {
    entry.cancel?.()
    entry.cancel = this.#options.clock.schedule(Math.max(0, delayMs), () => {
      if (this.#stopping.signal.aborted || this.#entries.get(entry.credential.id) !== entry) return
      if (!this.#options.isUsed(entry.credential.id)) {
        // Whoever needs it next has another one issued.
        entry.login = undefined
        return
      }
      this.#issue(entry).catch(() => undefined) // noted in the entry
    })
  }

  #issue(entry: Entry): Promise<void> {
    entry.issuing ??= this.#ask(entry).finally(() => {
      entry.issuing = undefined
    })
    return entry.issuing
  }

  async #ask(entry: Entry): Promise<void> {
    const { clock, onIssued, onChange } = this.#options
    const { credential, configuration } = entry
    const timeout = new AbortController()
    const cancel = clock.schedule(ISSUE_TIMEOUT_MS, () =>
      timeout.abort(new CapstanError('timeout', `no answer within ${ISSUE_TIMEOUT_MS / 1000} seconds`)),
    )
    try {
      const signal = AbortSignal.any([this.#stopping.signal, timeout.signal])
      const login = await this.#issueNew(entry, signal)
      if (entry.configuration === configuration) this.#set(entry, login)
      else this.#schedule(entry, 0)
      onIssued(credential, undefined)
    } catch (error) {
      if (this.#stopping.signal.aborted) return
      if (entry.configuration === configuration) {
        this.#fail(entry, messageOf(error))
        onIssued(credential, entry.error)
      } else this.#schedule(entry, 0) // of what is no longer configured
    } finally {
      cancel()
    }
    onChange(credential.id)
  }

  /** The issuer may have one to share; at a renewal the same one, or one that is due itself, is no renewal. */
  async #issueNew({ credential, login: known }: Entry, signal: AbortSignal): Promise<IssuedLogin> {
    const { issuer, clock, retryMs } = this.#options
    const login = await issuer.issue(credential, signal)
    const { issuedAt, expiresAt } = login
    if (known === undefined || expiresAt === undefined) return login
    const isDue = renewAtMs({ issuedAt, expiresAt }, 0, retryMs) <= clock.now()
    return isDue || !isLater(login, known) ? issuer.issue(credential, signal, { isFresh: true }) : login
  }

  /** The old one stays; the next attempt is a minute away at least. */
  #fail(entry: Entry, error: string): void {
    const { clock, random, retryMs } = this.#options
    entry.error = error
    entry.failures++
    const backoff = { baseMs: retryMs, maxMs: Math.max(retryMs, MAX_RETRY_MS), jitter: RETRY_JITTER, random }
    const delayMs = backoffDelayMs(backoff, entry.failures)
    entry.notBeforeMs = clock.now() + delayMs
    this.#schedule(entry, delayMs)
  }
}

function newEntry(credential: RegistryCredential, configuration: string): Entry {
  return {
    credential,
    configuration,
    login: undefined,
    previous: undefined,
    error: undefined,
    failures: 0,
    notBeforeMs: 0,
    issuing: undefined,
    cancel: undefined,
  }
}

function isLater(login: WrittenLogin, known: WrittenLogin | undefined): boolean {
  return known === undefined || login.issuedAt.getTime() > known.issuedAt.getTime()
}

function isPlausible({ issuedAt, expiresAt }: WrittenLogin, nowMs: number): boolean {
  if (issuedAt.getTime() > nowMs + MAX_AHEAD_MS) return false
  return expiresAt !== undefined && expiresAt.getTime() - issuedAt.getTime() <= MAX_LIFE_MS
}

function failed({ credential, error }: Entry): CapstanError {
  return new CapstanError('unavailable', error ?? `registry credential ${credential.id} has no login`)
}
