// The configuration of imagepullsecrets-manager: its entries as they are, and what may stand there beside.
import { CapstanError, messageOf } from '../base/errors.ts'
import { Secret } from '../base/secret.ts'
import { parseYaml } from '../lang/yaml/read.ts'
import type { RegistryLogin } from '../settings/registry-credential.ts'

/** A ConfigMap holds no more. */
export const MAX_CONFIG_LENGTH: number = 1 << 20
export const MAX_ENTRIES = 5000

export type ManagerType = 'ECR' | 'DOCKER'

export interface ManagerEntry {
  /** Of the Secret. */
  readonly name: string
  readonly namespaces: readonly string[]
  readonly type: ManagerType
  readonly login: RegistryLogin
  /** Under which the login is written; undefined: what the registry names (ECR). */
  readonly registry: string | undefined
  readonly email: string
  /** Names of fields whose values stand in the configuration in clear. */
  readonly plain: readonly string[]
  /** ServiceAccounts that get the entry, as `parseAccountSelection` reads them; undefined: none, as the original has it. */
  readonly serviceAccounts: string | undefined
}

/** An entry that cannot be used: its message names fields and never a value. */
export interface ManagerFault {
  readonly message: string
  /** What it would have been, where that can be told: it is not cleaned up. */
  readonly name: string | undefined
}

export interface ManagerConfig {
  readonly entries: readonly ManagerEntry[]
  readonly faults: readonly ManagerFault[]
}

/** Where a value stands that is not in the configuration: `{secretKeyRef: {name, key}}`, `{env: NAME}` or `{file: PATH}`. */
export type ValueReference =
  | { readonly secretKeyRef: { readonly name: string; readonly key: string } }
  | { readonly env: string }
  | { readonly file: string }

/** Gives the value a reference leads to; throws where there is none. */
export type ResolveValue = (reference: ValueReference) => Promise<string>

const BOT = 'bot@imagepullsecret.manager'
const NAME = /^[a-z0-9](?:[-a-z0-9.]{0,251}[a-z0-9])?$/
const REGION = /^[a-z0-9][a-z0-9-]{1,31}$/
/** `DOCKERHUB` is how the original's description spells it. */
const TYPES: Readonly<Record<string, ManagerType>> = { ECR: 'ECR', DOCKER: 'DOCKER', DOCKERHUB: 'DOCKER' }

type Fields = Readonly<Record<string, unknown>>

/**
 * Reads `credentials.yaml`: a list under `secrets` or `credentials`, or both, at the top or below `config`. An empty list is
 * meant; a text without either key is not: throws `bad-input`, so that nothing is cleaned up by mistake.
 */
export async function readManagerConfig(text: string, resolve: ResolveValue): Promise<ManagerConfig> {
  const entries: ManagerEntry[] = []
  const faults: ManagerFault[] = []
  for (const item of listIn(text)) {
    const fields = asFields(item)
    try {
      entries.push(await readEntry(fields, resolve))
    } catch (error) {
      faults.push({ message: messageOf(error), name: textIn(fields, 'name') })
    }
  }
  return { entries, faults }
}

function listIn(text: string): readonly unknown[] {
  if (text.length > MAX_CONFIG_LENGTH) throw wrong('the configuration is larger than 1 MiB')
  let document: unknown
  try {
    document = parseYaml(text)
  } catch {
    // The parser's words would quote the line, and with it a key.
    throw wrong('the configuration is no YAML')
  }
  const outer = asFields(document)
  const inner = 'config' in outer ? asFields(outer['config']) : outer
  const keys = ['secrets', 'credentials'].filter((key) => key in inner)
  if (keys.length === 0)
    throw wrong('the configuration has neither secrets nor credentials: write credentials: [] for none')
  const list = keys.flatMap((key) => {
    const value = inner[key] ?? []
    if (!Array.isArray(value)) throw wrong(`${key} in the configuration is no list`)
    return value as readonly unknown[]
  })
  if (list.length > MAX_ENTRIES) throw wrong(`the configuration has more than ${MAX_ENTRIES} entries`)
  return list
}

async function readEntry(entry: Fields, resolve: ResolveValue): Promise<ManagerEntry> {
  const missing = ['name', 'type', 'credential'].filter((key) => entry[key] === undefined || entry[key] === null)
  if (namespacesOf(entry).length === 0) missing.push('kubernetes_namespace')
  if (missing.length > 0) throw invalid(`${missing.join(', ')} missing`)
  const name = textIn(entry, 'name') ?? ''
  if (!NAME.test(name)) throw invalid('name is no name of a Secret')
  const type = TYPES[textIn(entry, 'type') ?? '']
  if (type === undefined) throw wrong(`Unknown type: ${(textIn(entry, 'type') ?? '').slice(0, 64)}`)
  const namespaces = namespacesOf(entry)
  if (!namespaces.every((namespace) => NAME.test(namespace)))
    throw invalid('kubernetes_namespace is no name of a namespace')
  const values = new Values(asFields(entry['credential']), resolve)
  const serviceAccounts = textIn(entry, 'service_accounts')
  const credential = type === 'ECR' ? await readEcr(values) : await readDocker(values)
  return { name, namespaces, type, ...credential, plain: values.plain, serviceAccounts }
}

type Credential = Pick<ManagerEntry, 'login' | 'registry' | 'email'>

/** Keys are required as in the original, unless `aws_identity: environment` says that the process' own are meant. */
async function readEcr(values: Values): Promise<Credential> {
  const isOwn = (await values.text('aws_identity')) === 'environment'
  values.require(['aws_ecr_repository_region', ...(isOwn ? [] : ['aws_access_key_id', 'aws_secret_access_key'])])
  const region = (await values.text('aws_ecr_repository_region')) ?? ''
  if (!REGION.test(region)) throw invalid('aws_ecr_repository_region is no region')
  const [accessKeyId, secretAccessKey, sessionToken, arn, externalId] = await Promise.all(
    ['aws_access_key_id', 'aws_secret_access_key', 'aws_session_token', 'aws_role_arn', 'aws_external_id'].map((key) =>
      values.secret(key),
    ),
  )
  const role = arn && { arn: arn.reveal(), ...(externalId === undefined ? {} : { externalId: externalId.reveal() }) }
  const aws = {
    ...(accessKeyId === undefined ? {} : { accessKeyId: accessKeyId.reveal() }),
    ...(secretAccessKey === undefined ? {} : { secretAccessKey }),
    ...(sessionToken === undefined ? {} : { sessionToken }),
    roles: role === undefined ? [] : [role],
  }
  return { login: { kind: 'ecr', region, aws }, registry: undefined, email: BOT }
}

async function readDocker(values: Values): Promise<Credential> {
  values.require(['docker_registry', 'docker_user', 'docker_password', 'docker_email'])
  const [registry = '', username = '', email = ''] = await Promise.all(
    ['docker_registry', 'docker_user', 'docker_email'].map((key) => values.text(key)),
  )
  const password = (await values.secret('docker_password')) ?? new Secret('')
  return { login: { kind: 'static', username, password }, registry, email }
}

/** The values of a credential, each as it stands or from where it says. */
class Values {
  readonly #fields: Fields
  readonly #resolve: ResolveValue
  readonly plain: string[] = []

  constructor(fields: Fields, resolve: ResolveValue) {
    this.#fields = fields
    this.#resolve = resolve
  }

  require(keys: readonly string[]): void {
    const missing = keys.filter((key) => [undefined, null, ''].includes(this.#fields[key] as never)) // whatever it is
    if (missing.length > 0) throw invalid(`credential: ${missing.join(', ')} missing`)
  }

  async text(key: string): Promise<string | undefined> {
    const value = this.#fields[key]
    if (value === undefined || value === null || value === '') return undefined
    if (typeof value === 'string') return value
    if (typeof value === 'number') return String(value)
    const reference = referenceIn(value)
    if (reference === undefined) throw invalid(`credential: ${key} is neither a text nor a reference`)
    return this.#resolve(reference)
  }

  async secret(key: string): Promise<Secret | undefined> {
    if (typeof this.#fields[key] === 'string' && /password|secret|token/.test(key)) this.plain.push(key)
    const text = await this.text(key)
    return text === undefined ? undefined : new Secret(text)
  }
}

function referenceIn(value: unknown): ValueReference | undefined {
  const fields = asFields(value)
  const [env, file, secretKeyRef] = [textIn(fields, 'env'), textIn(fields, 'file'), asFields(fields['secretKeyRef'])]
  if (env !== undefined) return { env }
  if (file !== undefined) return { file }
  const [name, key] = [textIn(secretKeyRef, 'name'), textIn(secretKeyRef, 'key')]
  return name === undefined || key === undefined ? undefined : { secretKeyRef: { name, key } }
}

function namespacesOf(entry: Fields): readonly string[] {
  const [one, more] = [entry['kubernetes_namespace'], entry['kubernetes_namespaces']]
  const list: readonly unknown[] = Array.isArray(more) ? more : []
  return [...new Set([one, ...list].filter((name) => typeof name === 'string' && name !== ''))] as readonly string[] // filtered
}

function asFields(value: unknown): Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {}
}

function textIn(fields: Fields, key: string): string | undefined {
  const value = fields[key]
  return typeof value === 'string' && value !== '' ? value : undefined
}

/** The original's words; of the entry it names fields alone. */
function invalid(problem: string): CapstanError {
  return wrong(`Data invalid format: ${problem}`)
}

function wrong(message: string): CapstanError {
  return new CapstanError('bad-input', message)
}
