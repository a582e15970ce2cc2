// Secrets of Vault's KV engines, read once for each path and version of a rendering.
import { CapstanError } from '../../../base/errors.ts'
import { isObject } from '../../../kube/json-value.ts'
import type { JsonObject, JsonValue } from '../../../kube/object.ts'
import { compileRegexp, type GoRegexp, matchesRegexp } from '../../../lang/go/regexp/regexp.ts'
import type { VaultClient } from './client.ts'
import type { VaultConnection } from './connection.ts'

export interface VaultRead {
  /** As people write it: `secret/data/db` for KV version 2. */
  readonly path: string
  /** Empty: the latest. */
  readonly version: string
  readonly kvVersion: 1 | 2
}

export interface VaultSecret {
  readonly data: JsonObject
  /** Of KV version 2. */
  readonly version: string | undefined
}

/** Paths of one rendering: each costs a request. */
export const MAX_PATHS = 1000
const MAX_PATH_LENGTH = 1024
/** Requests under way at a time. */
const AT_ONCE = 8

/** Reads secrets in the name of one project. */
export class VaultReader {
  readonly #client: VaultClient
  readonly #connection: VaultConnection
  #pathPattern: GoRegexp | undefined

  constructor(client: VaultClient, connection: VaultConnection) {
    this.#client = client
    this.#connection = connection
  }

  /** Where an object's annotation says nothing. */
  get kvVersion(): 1 | 2 {
    return this.#connection.kvVersion
  }

  /** The secrets by `readKey`. Throws with the path, never with a value. */
  async readAll(reads: readonly VaultRead[], signal?: AbortSignal): Promise<ReadonlyMap<string, VaultSecret>> {
    const wanted = [...new Map(reads.map((read) => [readKey(read), read])).values()]
    if (wanted.length > MAX_PATHS)
      throw new CapstanError('limit', `more than ${MAX_PATHS} paths of Vault are referred to`)
    const found = new Map<string, VaultSecret>()
    for (let start = 0; start < wanted.length; start += AT_ONCE) {
      const some = wanted.slice(start, start + AT_ONCE)
      const secrets = await Promise.all(some.map((read) => this.#read(read, signal)))
      for (const [index, read] of some.entries()) found.set(readKey(read), secrets[index] as VaultSecret) // one for each
    }
    return found
  }

  async #read(read: VaultRead, signal?: AbortSignal): Promise<VaultSecret> {
    const path = this.#checkedPath(read.path)
    const query = read.kvVersion === 2 && read.version !== '' ? `?version=${encodeURIComponent(read.version)}` : ''
    const { status, body } = await this.#client.get(path + query, signal)
    return read.kvVersion === 2 ? secondVersion(read, status, body) : firstVersion(read, status, body)
  }

  #checkedPath(path: string): string {
    const { pathValidation } = this.#connection
    if (pathValidation !== undefined) this.#pathPattern ??= compileRegexp(pathValidation)
    if (this.#pathPattern !== undefined && !matchesRegexp(this.#pathPattern, path)) {
      throw new CapstanError('forbidden', `the path ${path} is disallowed by AVP_PATH_VALIDATION restriction`)
    }
    const parts = path.replaceAll(/^\/+|\/+$/g, '').split('/')
    const isOdd = parts.some((part) => part === '' || part === '.' || part === '..')
    // What is no secrets engine is a question of the policy behind the token; these two never hold secrets of applications.
    if (isOdd || path.length > MAX_PATH_LENGTH || parts[0] === 'sys' || parts[0] === 'auth') {
      throw new CapstanError('bad-input', `${path.slice(0, 200)}: is no path of a secret`)
    }
    return parts.map(encodeURIComponent).join('/')
  }
}

export function readKey({ path, version, kvVersion }: VaultRead): string {
  return JSON.stringify([path, version, kvVersion])
}

function firstVersion({ path }: VaultRead, status: number, body: JsonObject): VaultSecret {
  const { data } = body
  if (status === 404 || !isObject(data)) throw notFound(path)
  return { data, version: undefined }
}

function secondVersion(read: VaultRead, status: number, body: JsonObject): VaultSecret {
  const { path } = read
  const outer = objectOf(body['data'])
  const metadata = objectOf(outer['metadata'])
  const { data } = outer
  if (status === 200 && isObject(data)) return { data, version: versionOf(metadata) }
  if ((metadata['deletion_time'] ?? '') !== '' || metadata['destroyed'] === true) {
    throw new CapstanError('not-found', `${path}: version ${read.version || 'latest'} was deleted in Vault`)
  }
  if (status === 404) throw notFound(path, !path.includes('/data/'))
  const why = path.includes('/data/') ? 'check that kv-v2 is the correct engine' : FORGOTTEN
  throw new CapstanError('not-found', `${path}: Could not get data from Vault, ${why}`)
}

function objectOf(value: JsonValue | undefined): JsonObject {
  return isObject(value) ? value : {}
}

function versionOf({ version }: JsonObject): string | undefined {
  return typeof version === 'number' || typeof version === 'string' ? String(version) : undefined
}

const FORGOTTEN = 'did you forget /data/ in the path for kv-v2?'

function notFound(path: string, hasForgotten: boolean = false): CapstanError {
  return new CapstanError(
    'not-found',
    `Could not find secrets at path ${path} in Vault${hasForgotten ? `: ${FORGOTTEN}` : ''}`,
  )
}
