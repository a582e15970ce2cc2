// Brings the propagated Secrets and entries of one namespace to what its Applications need: writes what differs, removes what nobody uses.
import { sleep, type Clock } from '../../base/clock.ts'
import { messageOf } from '../../base/errors.ts'
import type { PullSecretAuthor } from '../../pull-secrets/authorship.ts'
import { createMatcher, type CredentialMatcher } from '../../pull-secrets/credential-match.ts'
import { parseAccountSelection, type AccountSelection } from '../../pull-secrets/account-selection.ts'
import { propagatedIn } from '../../pull-secrets/account-entries.ts'
import { type LivePullSecret, pullSecretName, type WrittenLogin } from '../../pull-secrets/secret-object.ts'
import { type NamespaceUse, type Refusal, type WantedCredential, wantedIn } from '../../pull-secrets/wanted-secrets.ts'
import type { RegistryCredential } from '../../settings/registry-credential.ts'
import type { ClusterView, FollowedAccount } from './cluster-view.ts'
import type { Fingerprints } from './fingerprints.ts'
import { removeSecret, type SecretOutcome, writeSecret } from './write-secret.ts'
import { writeEntries } from './write-entries.ts'

/** What to do with a Secret or an entry that is not wanted. */
export interface RemovalDelay {
  /** When to look again; 0: now. */
  readonly againMs: number
  /** Absent where it cannot be told yet: then it stays. */
  readonly isUnused?: true
}

export interface NamespaceTask {
  readonly view: ClusterView
  readonly namespace: string
  readonly uses: readonly NamespaceUse[]
  readonly match: CredentialMatcher<RegistryCredential>
  readonly openTo: readonly string[]
  /** Of the settings; a credential may say otherwise. */
  readonly serviceAccounts: string
  readonly fingerprints: Fingerprints
  readonly author: PullSecretAuthor
  readonly login: (credential: RegistryCredential) => Promise<WrittenLogin>
  /** Undefined: what nobody uses stays. */
  readonly removalDelay: ((secret: string, live: LivePullSecret | undefined) => RemovalDelay) | undefined
  /** How long an account that is named and not there is waited for. */
  readonly accountTimeoutMs: number
  /** 0, or how long an account is to be left alone, as somebody keeps taking the entry out. */
  readonly repairDelay: (account: FollowedAccount, names: readonly string[]) => number
  readonly clock: Clock
  readonly signal: AbortSignal
}

export interface WrittenSecret {
  readonly credential: RegistryCredential
  readonly name: string
  readonly outcome: SecretOutcome
  readonly applications: readonly string[]
}

export interface NamespaceReport {
  readonly written: readonly WrittenSecret[]
  /** Accounts that were given names. */
  readonly given: readonly { readonly account: string; readonly names: readonly string[] }[]
  readonly removed: readonly string[]
  readonly refusals: readonly Refusal[]
  /** By Application: what is wrong, holding nothing secret. */
  readonly problems: ReadonlyMap<string, readonly string[]>
  /** When to look again; undefined: when something changes. */
  readonly againMs: number | undefined
  /** Applications by id of each credential whose Secret is in place. */
  readonly users: ReadonlyMap<string, readonly string[]>
}

/** Nothing of one credential keeps the others from being written. Rejects only for an abort. */
export async function propagateNamespace(task: NamespaceTask): Promise<NamespaceReport> {
  return new NamespacePass(task).run()
}

const DEFAULT_ACCOUNT = { metadata: { name: 'default' } }
const ACCOUNT_POLL_MS = 25
/** A Secret of somebody else's may be taken away; nothing tells of it. */
const FOREIGN_RETRY_MS = 60_000
const FAILURE_RETRY_MS = 10_000

class NamespacePass {
  readonly #task: NamespaceTask
  readonly #written: WrittenSecret[] = []
  readonly #given: { account: string; names: readonly string[] }[] = []
  readonly #removed: string[] = []
  readonly #problems = new Map<string, string[]>()
  /** Names of Secrets by id of the credential. */
  readonly #inPlace = new Map<string, string>()
  #againMs: number | undefined

  constructor(task: NamespaceTask) {
    this.#task = task
  }

  async run(): Promise<NamespaceReport> {
    const { uses, match, openTo } = this.#task
    const { wanted, refusals } = wantedIn(uses, match, { openTo })
    for (const { application, image, reason } of refusals) this.#problem([application], `image ${image}: ${reason}`)
    await Promise.all([...wanted.values()].map((one) => this.#write(one)))
    const unwanted = this.#unwanted(wanted)
    await this.#entries(wanted, unwanted)
    await this.#remove(unwanted)
    return {
      written: this.#written,
      given: this.#given,
      removed: this.#removed,
      refusals,
      problems: this.#problems,
      againMs: this.#againMs,
      users: new Map([...this.#inPlace.keys()].map((id) => [id, wanted.get(id)?.applications ?? []])),
    }
  }

  async #write({ credential, applications }: WantedCredential<RegistryCredential>): Promise<void> {
    const { view, namespace, login, author, signal } = this.#task
    const name = pullSecretName(credential)
    const live = view.secretsIn(namespace).find((secret) => secret.name === name)
    try {
      const wish = { credential, namespace, login: await login(credential), applications, author }
      const outcome = view.foreignIn(namespace).includes(name)
        ? 'foreign'
        : await writeSecret(view, wish, { live, fingerprints: this.#task.fingerprints, signal })
      this.#written.push({ credential, name, outcome, applications })
      if (outcome !== 'foreign') this.#inPlace.set(credential.id, name)
      else {
        this.#again(FOREIGN_RETRY_MS)
        this.#problem(
          applications,
          `Secret ${namespace}/${name} exists and was not made by the propagation of registry credentials of this control plane: delete it, or switch the propagation off for the namespace`,
        )
      }
    } catch (error) {
      signal.throwIfAborted()
      // What stands there may be valid still.
      if (live !== undefined) this.#inPlace.set(credential.id, name)
      this.#again(FAILURE_RETRY_MS)
      this.#problem(applications, `registry credential ${credential.id} in namespace ${namespace}: ${messageOf(error)}`)
    }
  }

  /** Names of Secrets and entries that nobody wants, and that may go. */
  #unwanted(wanted: ReadonlyMap<string, WantedCredential<RegistryCredential>>): ReadonlySet<string> {
    const { view, namespace, removalDelay } = this.#task
    const names = new Set([...wanted.values()].map(({ credential }) => pullSecretName(credential)))
    const secrets = new Map(view.secretsIn(namespace).map((secret) => [secret.name, secret]))
    const entries = view.accountsIn(namespace).flatMap(propagatedIn)
    const foreign = new Set(view.foreignIn(namespace))
    const candidates = [...new Set([...secrets.keys(), ...entries])]
    const unwanted = candidates.filter((name) => !names.has(name) && !foreign.has(name))
    return new Set(
      unwanted.filter((name) => {
        const delay = removalDelay?.(name, secrets.get(name))
        if (delay === undefined) return false
        const mayGo = delay.isUnused === true && delay.againMs <= 0
        if (!mayGo) this.#again(delay.againMs)
        return mayGo
      }),
    )
  }

  async #entries(
    wanted: ReadonlyMap<string, WantedCredential<RegistryCredential>>,
    unwanted: ReadonlySet<string>,
  ): Promise<void> {
    const { view, namespace } = this.#task
    const selections = new Map<string, AccountSelection>()
    for (const [id, name] of this.#inPlace) {
      const one = wanted.get(id)
      if (one === undefined) continue
      const selection = parseAccountSelection(one.credential.options.serviceAccounts ?? this.#task.serviceAccounts)
      if (selection.fault !== undefined) this.#problem(one.applications, selection.fault)
      selections.set(name, selection)
    }
    await this.#awaitAccounts([...selections.values()])
    await Promise.all(view.accountsIn(namespace).map((account) => this.#account(account, selections, unwanted)))
  }

  async #account(
    account: FollowedAccount,
    selections: ReadonlyMap<string, AccountSelection>,
    unwanted: ReadonlySet<string>,
  ): Promise<void> {
    const { view, namespace, clock, signal } = this.#task
    const name = account.metadata.name ?? ''
    const wanted = [...selections].filter(([, selection]) => selection.selects(account)).map(([secret]) => secret)
    const present = propagatedIn(account)
    // No longer selected; what somebody else has written into the list is that one's.
    const excluded = account.isListOurs
      ? present.filter((secret) => selections.get(secret)?.selects(account) === false)
      : []
    const missing = wanted.filter((secret) => !present.includes(secret))
    const delayMs = missing.length === 0 ? 0 : this.#task.repairDelay(account, missing)
    if (delayMs > 0) {
      this.#again(delayMs)
      return
    }
    try {
      const wish = { namespace, name, wanted, unwanted: [...unwanted, ...excluded] }
      const { add } = await writeEntries(view, wish, account, { clock, signal })
      if (add.length > 0) this.#given.push({ account: name, names: add })
    } catch (error) {
      signal.throwIfAborted()
      this.#again(FAILURE_RETRY_MS)
      const applications = this.#task.uses.map(({ application }) => application)
      this.#problem(applications, `ServiceAccount ${namespace}/${name}: ${messageOf(error)}`)
    }
  }

  /** A namespace that was just made has no account yet; it is patched as soon as it comes, whatever comes of the waiting. */
  async #awaitAccounts(selections: readonly AccountSelection[]): Promise<void> {
    const { view, namespace, accountTimeoutMs, clock, signal } = this.#task
    if (accountTimeoutMs === 0 || selections.length === 0) return
    const isDefaultWanted = selections.some((selection) => selection.selects(DEFAULT_ACCOUNT))
    const endMs = clock.now() + accountTimeoutMs
    const isThere = (): boolean => view.accountsIn(namespace).some(({ metadata }) => metadata.name === 'default')
    while (isDefaultWanted && !isThere() && clock.now() < endMs) await sleep(clock, ACCOUNT_POLL_MS, signal)
    if (selections.some(({ isDefaultAlone }) => !isDefaultAlone)) await this.#readAccounts()
  }

  /** Those that the sync itself has just brought. */
  async #readAccounts(): Promise<void> {
    const { view, namespace, signal } = this.#task
    try {
      await view.readAccounts(namespace, signal)
    } catch {
      signal.throwIfAborted()
      this.#again(FAILURE_RETRY_MS) // what the watches tell will do until then
    }
  }

  /** Entries first: a ServiceAccount never names what is gone. */
  async #remove(unwanted: ReadonlySet<string>): Promise<void> {
    const { view, namespace, signal } = this.#task
    const left = new Set(view.accountsIn(namespace).flatMap(propagatedIn))
    for (const secret of view.secretsIn(namespace)) {
      if (!unwanted.has(secret.name) || left.has(secret.name)) continue
      try {
        await removeSecret(view, secret, signal)
        this.#removed.push(secret.name)
      } catch (error) {
        signal.throwIfAborted()
        this.#again(FAILURE_RETRY_MS)
        this.#problem(secret.applications, `Secret ${namespace}/${secret.name} cannot be removed: ${messageOf(error)}`)
      }
    }
  }

  #problem(applications: readonly string[], message: string): void {
    for (const application of applications) {
      const known = this.#problems.get(application)
      if (known === undefined) this.#problems.set(application, [message])
      else known.push(message)
    }
  }

  #again(delayMs: number): void {
    this.#againMs = this.#againMs === undefined ? delayMs : Math.min(this.#againMs, delayMs)
  }
}

/** A matcher over the credentials that are propagated at all. */
export function matcherOf(credentials: readonly RegistryCredential[]): CredentialMatcher<RegistryCredential> {
  return createMatcher(credentials.filter(({ options }) => options.isPropagated))
}
