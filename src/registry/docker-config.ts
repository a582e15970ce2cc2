// Docker's files of registry credentials, as the kubelet reads them (pkg/credentialprovider/config.go, v1.36.3).
import { CapstanError } from '../base/errors.ts'
import { Secret } from '../base/secret.ts'
import { decodeBase64 } from './base64.ts'

/** What stands under one key; `identitytoken`, `registrytoken`, `credHelpers` and `credsStore` are not read. */
export interface DockerCredential {
  readonly username: string
  readonly password: Secret
  readonly email: string
}

/** By key as written: a host, a host with a path, an address. */
export type DockerConfig = ReadonlyMap<string, DockerCredential>

/** `dockerconfigjson`: `{"auths": {…}}`; `dockercfg`, the older form: the same map without `auths`. */
export type DockerConfigKind = 'dockerconfigjson' | 'dockercfg'

/** A docker config that cannot be used; the message is the one the kubelet shows and holds nothing of the content. */
export class DockerConfigError extends CapstanError {
  constructor(message: string) {
    super('bad-input', message)
    this.name = 'DockerConfigError'
  }
}

/** Kubernetes keeps no larger Secret. */
export const MAX_CONFIG_LENGTH: number = 1 << 20

/**
 * Reads a docker config; names of fields may differ in case, and `null` counts as absent, as in Go. Throws
 * `DockerConfigError` with Go's words for a wrong type (the first in the document) or an unusable `auth`.
 */
export function readDockerConfig(text: string, kind: DockerConfigKind): DockerConfig {
  if (text.length > MAX_CONFIG_LENGTH) throw new DockerConfigError('docker config is larger than 1 MiB')
  const json = parse(text)
  const config = new Map<string, DockerCredential>()
  if (kind === 'dockercfg') readEntries(config, json, { at: '', type: `${PACKAGE}.DockerConfig` })
  else readConfigJson(config, json)
  return config
}

/** A docker config for one registry, as `docker login` and the kubelet read it; `auth` is base64 of the UTF-8 of `user:password`. */
export function dockerConfigJson(registry: string, credential: DockerCredential): Secret {
  const { username, password, email } = credential
  const auth = Buffer.from(`${username}:${password.reveal()}`, 'utf8').toString('base64')
  const entry = { username, password: password.reveal(), ...(email === '' ? {} : { email }), auth }
  return new Secret(JSON.stringify({ auths: { [registry]: entry } }))
}

const PACKAGE = 'credentialprovider'

type JsonMap = Readonly<Record<string, unknown>>

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // Its message would quote the content.
    const isCut = text.trim() === ''
    throw new DockerConfigError(isCut ? 'unexpected end of JSON input' : 'docker config is not valid JSON')
  }
}

/** An unusable entry ends the reading at once; any other wrong type is told once everything was read (Go's decoder). */
function readConfigJson(config: Map<string, DockerCredential>, json: unknown): void {
  if (json === null) return
  if (!isMap(json)) throw wrongType(json, { at: '', type: `${PACKAGE}.DockerConfigJSON` })
  let fault: DockerConfigError | undefined
  for (const [name, value] of Object.entries(json)) {
    const place = { at: 'DockerConfigJSON.auths', type: `${PACKAGE}.DockerConfig` }
    if (/^httpheaders$/iu.test(name)) fault ??= headerFault(value)
    else if (!/^auths$/iu.test(name)) continue
    else if (value === null || isMap(value)) readEntries(config, value, place)
    else fault ??= wrongType(value, place)
  }
  if (fault !== undefined) throw fault
}

/** Headers are not used, but a wrong type here spoils the whole file as anywhere else. */
function headerFault(value: unknown): DockerConfigError | undefined {
  const at = 'DockerConfigJSON.HttpHeaders'
  if (value === null) return undefined
  if (!isMap(value)) return wrongType(value, { at, type: 'map[string]string' })
  const wrong = Object.values(value).find((one) => one !== null && typeof one !== 'string')
  return wrong === undefined ? undefined : wrongType(wrong, { at, type: 'string' })
}

interface Place {
  /** Go's struct and field; empty outside any. */
  readonly at: string
  readonly type: string
}

function readEntries(config: Map<string, DockerCredential>, json: unknown, place: Place): void {
  if (json === null) return
  if (!isMap(json)) throw wrongType(json, place)
  for (const [key, entry] of Object.entries(json)) config.set(key, readEntry(entry, place.at))
}

function readEntry(entry: unknown, at: string): DockerCredential {
  const fields = { username: '', password: '', email: '', auth: '' }
  if (entry !== null) {
    if (!isMap(entry)) throw wrongType(entry, { at, type: `${PACKAGE}.dockerConfigEntryWithAuth` })
    readFields(fields, entry, at)
  }
  const { username, password, email, auth } = fields
  // `auth` overrides the two.
  return auth === '' ? { username, password: new Secret(password), email } : { ...decodeAuth(auth), email }
}

function readFields(fields: Record<string, string>, entry: JsonMap, at: string): void {
  for (const [name, value] of Object.entries(entry)) {
    const field = Object.keys(fields).find((known) => new RegExp(`^${known}$`, 'iu').test(name))
    if (field === undefined || value === null) continue
    const place = at === '' ? 'dockerConfigEntryWithAuth' : at
    if (typeof value !== 'string') throw wrongType(value, { at: `${place}.${field}`, type: 'string' })
    // The table above is this function's to fill.
    Object.assign(fields, { [field]: value })
  }
}

/** Base64 of `user:password`, padded or not, split at the first colon. */
function decodeAuth(auth: string): { readonly username: string; readonly password: Secret } {
  const decoded = decodeBase64(auth, auth.trim().endsWith('='))
  if (typeof decoded === 'number') throw new DockerConfigError(`illegal base64 data at input byte ${decoded}`)
  const text = decoded.toString('utf8')
  const colon = text.indexOf(':')
  if (colon < 0) {
    throw new DockerConfigError('unable to parse auth field, must be formatted as base64(username:password)')
  }
  return { username: text.slice(0, colon), password: new Secret(text.slice(colon + 1)) }
}

function isMap(value: unknown): value is JsonMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function wrongType(value: unknown, { at, type }: Place): DockerConfigError {
  const where = at === '' ? 'value' : `struct field ${at}`
  return new DockerConfigError(`json: cannot unmarshal ${kindOf(value)} into Go ${where} of type ${type}`)
}

function kindOf(value: unknown): string {
  if (Array.isArray(value)) return 'array'
  return typeof value === 'boolean' ? 'bool' : typeof value
}
