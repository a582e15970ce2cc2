// One run of imagepullsecrets-manager: each entry by itself, then what no entry wants any more is cleaned up.
import type { Clock } from '../../base/clock.ts'
import { messageOf } from '../../base/errors.ts'
import { KubeError, type KubeClient, type ResourceType } from '../../kube/client/client.ts'
import type { KubeObject } from '../../kube/object.ts'
import { parseAccountSelection } from '../../pull-secrets/account-selection.ts'
import { type AccountView, entryChange, entryPatch } from '../../pull-secrets/account-entries.ts'
import type { ManagerConfig, ManagerEntry } from '../../pull-secrets/manager-config.ts'
import { CREATED_BY, isManaged, MANAGER, managerSecret, typeOf, whyDue } from '../../pull-secrets/manager-secret.ts'
import { DOCKER_CONFIG_TYPE, PULL_SECRET_MANAGER } from '../../pull-secrets/secret-object.ts'
import type { IssuedLogin } from '../../registry/issued-login.ts'
import type { LoginIssuer } from '../../registry/issue.ts'

export interface ManagerRunOptions {
  readonly client: KubeClient
  readonly config: ManagerConfig
  readonly issuer: LoginIssuer
  readonly clock: Clock
  /** 0 to 1; spreads renewals. */
  readonly random: number
  /** Says what would be done, and does nothing. */
  readonly isDryRun: boolean
  /** False: nothing is cleaned up. */
  readonly cleansUp: boolean
  /** Takes each line of the original's log, and ours. */
  readonly say: (line: string) => void
  readonly signal: AbortSignal
}

export interface ManagerResult {
  readonly created: number
  readonly patched: number
  readonly unchanged: number
  readonly skipped: number
  readonly deleted: number
  /** What went wrong, without values. */
  readonly failures: readonly string[]
}

/** Never throws but for an abort, and where the Secrets cannot be listed. */
export async function runManager(options: ManagerRunOptions): Promise<ManagerResult> {
  return new ManagerRun(options).run()
}

class ManagerRun {
  readonly #options: ManagerRunOptions
  readonly #counts = { created: 0, patched: 0, unchanged: 0, skipped: 0, deleted: 0 }
  readonly #failures: string[] = []
  #known = new Map<string, KubeObject>()
  #type: ResourceType | undefined

  constructor(options: ManagerRunOptions) {
    this.#options = options
  }

  async run(): Promise<ManagerResult> {
    const { client, config, say, signal } = this.#options
    this.#type = await client.resourceOf({ group: '', kind: 'Secret', version: 'v1' }, signal)
    const { items } = await client.list(this.#secretType(), { labelSelector: `${CREATED_BY}=${MANAGER}`, signal })
    this.#known = new Map(items.map((secret) => [keyOf(secret), secret]))
    for (const { message, name } of config.faults) this.#fail(name === undefined ? message : `${name}: ${message}`)
    for (const entry of config.entries) {
      if (entry.plain.length > 0) {
        say(`${entry.name}: ${entry.plain.join(', ')} in clear text; refer to a Secret instead (secretKeyRef)`)
      }
      for (const namespace of entry.namespaces) await this.#tend(entry, namespace)
    }
    if (this.#options.cleansUp) await this.#cleanUp()
    return { ...this.#counts, failures: this.#failures }
  }

  #secretType(): ResourceType {
    if (this.#type === undefined) throw new Error('the cluster serves no Secrets')
    return this.#type
  }

  /** One entry that cannot be served leaves the others alone. */
  async #tend(entry: ManagerEntry, namespace: string): Promise<void> {
    const { clock, random, say, signal } = this.#options
    const known = this.#known.get(`${namespace}/${entry.name}`)
    try {
      const why = known === undefined ? undefined : whyDue(known, entry, clock.now(), random)
      if (known !== undefined && why === undefined) this.#counts.unchanged++
      else if (known === undefined) await this.#create(entry, namespace)
      else await this.#patch(entry, known)
      if (entry.serviceAccounts !== undefined) await this.#enter(entry, namespace, entry.serviceAccounts)
    } catch (error) {
      signal.throwIfAborted()
      const status = error instanceof KubeError ? `(${error.status})` : ''
      const text = `${status}${messageOf(error)}`
      say(text)
      this.#fail(`${namespace}/${entry.name}: ${text}`)
    }
  }

  async #create(entry: ManagerEntry, namespace: string): Promise<void> {
    const { client, say, isDryRun, signal } = this.#options
    const ref = { type: this.#secretType(), namespace, name: entry.name }
    if ((await client.get(ref, signal)) !== undefined) {
      say(`secret(${entry.name}) already exist but not managed by imagepullsecret-manager. it will be skipped.`)
      this.#counts.skipped++
      return
    }
    say(`secret(${entry.name}) not found, it will be created.`)
    say(`Creating ${entry.name}...`)
    if (!isDryRun) {
      const secret = managerSecret(entry, namespace, await this.#login(entry))
      await client.create(ref.type, secret, { fieldManager: PULL_SECRET_MANAGER, signal })
    }
    this.#counts.created++
  }

  /** In place, so that the kubelet still knows it; a Secret of another type cannot be changed and is made anew. */
  async #patch(entry: ManagerEntry, known: KubeObject): Promise<void> {
    const { client, say, isDryRun, signal } = this.#options
    const { namespace = '' } = known.metadata
    const ref = { type: this.#secretType(), namespace, name: entry.name }
    say(`Patching ${entry.name}...`)
    if (!isDryRun) {
      const secret = managerSecret(entry, namespace, await this.#login(entry))
      if (typeOf(known) === DOCKER_CONFIG_TYPE) {
        const { labels = {}, annotations = {} } = secret.metadata
        // Annotations of what expires are taken out of what does not.
        const gone = Object.keys(known.metadata.annotations ?? {}).filter((name) => name.startsWith('capstan.dev/'))
        const merged = { ...Object.fromEntries(gone.map((name) => [name, null])), ...annotations }
        const patch = { metadata: { labels, annotations: merged }, data: secret['data'] ?? {} }
        await client.patch(ref, 'merge', patch, { fieldManager: PULL_SECRET_MANAGER, signal })
      } else {
        await client.delete(ref, { preconditions: preconditionsOf(known), signal })
        await client.create(ref.type, secret, { fieldManager: PULL_SECRET_MANAGER, signal })
      }
    }
    this.#counts.patched++
  }

  async #login({ login }: ManagerEntry): Promise<IssuedLogin> {
    const { issuer, clock, signal } = this.#options
    if (login.kind === 'static') return { ...login, issuedAt: new Date(clock.now()) }
    const region = login.kind === 'ecr' ? login.region : 'us-east-1'
    const suffix = region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com'
    const address = `000000000000.dkr.ecr.${region}.${suffix}`
    return issuer.issue({ address, kind: login.kind, login }, signal)
  }

  /** Adds the name to the accounts that the entry asks for; the original does not. */
  async #enter(entry: ManagerEntry, namespace: string, accounts: string): Promise<void> {
    const { client, isDryRun, signal } = this.#options
    const type = await client.resourceOf({ group: '', kind: 'ServiceAccount', version: 'v1' }, signal)
    if (type === undefined || isDryRun) return
    const selection = parseAccountSelection(accounts)
    const { items } = await client.list(type, { namespace, signal })
    for (const account of items as readonly AccountView[]) {
      if (!selection.selects(account)) continue
      const patch = entryPatch(account, entryChange(account, [entry.name], []))
      const ref = { type, namespace, name: account.metadata.name ?? '' }
      if (patch !== undefined) await client.patch(ref, 'json', patch, { fieldManager: PULL_SECRET_MANAGER, signal })
    }
  }

  /** An entry that cannot be read may be the one that wants a Secret: then nothing that could be its own is deleted. */
  async #cleanUp(): Promise<void> {
    const { client, config, say, isDryRun, signal } = this.#options
    if (config.faults.some(({ name }) => name === undefined)) {
      say('nothing is cleaned up: an entry of the configuration cannot be read')
      return
    }
    const wanted = new Set(
      config.entries.flatMap(({ name, namespaces }) => namespaces.map((place) => `${place}/${name}`)),
    )
    const broken = new Set(config.faults.map(({ name }) => name))
    for (const [key, secret] of this.#known) {
      const { name = '', namespace = '' } = secret.metadata
      if (wanted.has(key) || broken.has(name) || !isManaged(secret)) continue
      say(`Found a deprecated secret(${name})`)
      say(`Deleting ${name}...`)
      try {
        const ref = { type: this.#secretType(), namespace, name }
        if (!isDryRun) await client.delete(ref, { preconditions: preconditionsOf(secret), signal })
        this.#counts.deleted++
      } catch (error) {
        signal.throwIfAborted()
        this.#fail(`${key}: ${messageOf(error)}`)
      }
    }
  }

  #fail(message: string): void {
    this.#failures.push(message)
    this.#options.say(message)
  }
}

function keyOf({ metadata }: KubeObject): string {
  return `${metadata.namespace ?? ''}/${metadata.name ?? ''}`
}

function preconditionsOf({ metadata: { uid } }: KubeObject): { readonly uid?: string } {
  return uid === undefined ? {} : { uid }
}
