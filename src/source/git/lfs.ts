// Files of Git LFS, fetched by its batch API with the repository's own credentials, checked and kept by their SHA-256.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { sha256Hex } from '../../base/digest.ts'
import { CapstanError, type ErrorCode, messageOf } from '../../base/errors.ts'
import { assertForeignHost } from '../addresses.ts'
import { BlobCache } from '../charts/blob-cache.ts'
import { download } from '../charts/download.ts'
import { callHttp, type HttpAnswer, shownUrl } from '../http-call.ts'
import type { ServerTrust } from '../http-agents.ts'
import { authorizationOf, type GitAccess, withoutCredentials } from './access.ts'
import { MAX_OBJECT_BYTES } from './cat-file.ts'
import { endpointOf, type LfsEndpoint } from './lfs-endpoint.ts'
import type { LfsPointer } from './lfs-pointer.ts'
import { authenticateOverSsh } from './lfs-ssh.ts'
import { protocolOf } from './url.ts'

/** A file of LFS is read into memory like any other of Git. */
export const MAX_LFS_BYTES: number = MAX_OBJECT_BYTES
/** The answer about one file has less than a kilobyte. */
export const MAX_BATCH_BYTES: number = 256 * 1024
/** Time for the batch answer; the file itself has as long as a chart. */
export const BATCH_TIMEOUT_MS = 30_000

const MEDIA_TYPE = 'application/vnd.git-lfs+json'

export interface LfsOptions {
  /** Of the repository, without a login. */
  readonly url: string
  /** `lfs.url` of the commit's .lfsconfig. */
  readonly configuredUrl: () => Promise<string | undefined>
  readonly access: () => Promise<GitAccess>
  /** Files fetched are kept here; key files of ssh stand here for the time of a command. */
  readonly cacheFolder: string
  /** Of a repository on this disk, whose files of LFS lie beside its objects. */
  readonly localDirectory: string | undefined
  readonly batchTimeoutMs?: number
}

/** The files of LFS of one repository. Callers for the same file at the same time share one request. */
export class LfsFiles {
  readonly #options: LfsOptions
  readonly #blobs: BlobCache
  readonly #fetching = new Map<string, Promise<Uint8Array>>()

  constructor(options: LfsOptions) {
    this.#options = options
    this.#blobs = new BlobCache(join(options.cacheFolder, 'lfs', sha256Hex(options.url).slice(0, 32)))
  }

  /** The file; undefined where the repository is registered without `enableLfs`. Throws `CapstanError` naming the path. */
  async read(pointer: LfsPointer, path: string): Promise<Uint8Array | undefined> {
    const access = await this.#options.access()
    if (access.lfs !== true) return undefined
    const { oid, size } = pointer
    if (size > MAX_LFS_BYTES) {
      throw new CapstanError(
        'limit',
        `${path}: the LFS object ${oid} has ${size} bytes; at most ${MAX_LFS_BYTES} are read`,
      )
    }
    const known = await this.#blobs.get(oid)
    if (known !== undefined) return known.bytes
    const underWay = this.#fetching.get(oid)
    if (underWay !== undefined) return underWay
    const fetching = this.#fetch(pointer, access)
      .catch((error: unknown) => Promise.reject(inFile(error, path)))
      .finally(() => this.#fetching.delete(oid))
    this.#fetching.set(oid, fetching)
    return fetching
  }

  async #fetch(pointer: LfsPointer, access: GitAccess): Promise<Uint8Array> {
    const { localDirectory } = this.#options
    if (localDirectory !== undefined) return checked(await readLocal(localDirectory, pointer.oid), pointer)
    const endpoint = await this.#endpoint(access)
    const bytes = checked(await fetchObject(pointer, endpoint, this.#options.batchTimeoutMs), pointer)
    await this.#blobs.put(bytes, pointer.oid)
    return bytes
  }

  async #endpoint(access: GitAccess): Promise<LfsEndpoint> {
    const { url, configuredUrl, cacheFolder } = this.#options
    const configured = await configuredUrl()
    if (configured !== undefined && originOf(configured) !== originOf(url)) {
      // Content names it: nothing that is registered for the repository goes there.
      return {
        url: configured.replace(/\/+$/, ''),
        headers: {},
        trust: { ...trustOf(access), insecure: false },
        isTrusted: false,
      }
    }
    if (protocolOf(url) === 'ssh' && configured === undefined) return authenticateOverSsh(url, access, cacheFolder)
    const authorization = authorizationOf(access)
    const headers: Record<string, string> = authorization === undefined ? {} : { Authorization: authorization }
    return { url: configured?.replace(/\/+$/, '') ?? endpointOf(url), headers, trust: trustOf(access), isTrusted: true }
  }
}

function trustOf(access: GitAccess): ServerTrust {
  const { knownHosts: _, lfs: _l, ...trust } = withoutCredentials(access)
  const { tlsClientCertificate, tlsClientKey } = access
  if (tlsClientCertificate === undefined || tlsClientKey === undefined) return trust
  return { ...trust, tlsClientCertificate, tlsClientKey }
}

function originOf(url: string): string {
  return URL.parse(url)?.origin ?? ''
}

async function readLocal(gitDirectory: string, oid: string): Promise<Uint8Array> {
  const path = join(gitDirectory, 'lfs', 'objects', oid.slice(0, 2), oid.slice(2, 4), oid)
  try {
    return await readFile(path)
  } catch (error) {
    throw new CapstanError(
      'not-found',
      `the LFS object ${oid} is not in the repository: run git lfs fetch --all there`,
      {
        cause: error,
      },
    )
  }
}

interface Download {
  readonly href: string
  readonly headers: Readonly<Record<string, string>>
}

async function fetchObject(
  pointer: LfsPointer,
  endpoint: LfsEndpoint,
  timeoutMs: number = BATCH_TIMEOUT_MS,
): Promise<Uint8Array> {
  if (!endpoint.isTrusted) await assertForeign(endpoint.url)
  const { href, headers } = await askBatch(pointer, endpoint, timeoutMs)
  const isOwn = originOf(href) === originOf(endpoint.url)
  const { trust } = endpoint
  const fetched = await download({
    url: href,
    // A client certificate is the host's own business.
    access: isOwn ? trust : { ...withoutCredentials(trust), insecure: false },
    owner: '',
    headers: isOwn ? { ...endpoint.headers, ...headers } : headers,
    maxBytes: pointer.size,
    checkAddress: async (address) => {
      if (address.origin !== originOf(endpoint.url)) await assertForeign(address.href)
    },
  })
  return fetched.isUnchanged ? new Uint8Array() : fetched.bytes
}

/** A server's answer must not lead to this machine or to a metadata service. */
async function assertForeign(address: string): Promise<void> {
  await assertForeignHost(URL.parse(address)?.hostname ?? '', 'objects of Git LFS are not read from there')
}

async function askBatch({ oid, size }: LfsPointer, endpoint: LfsEndpoint, timeoutMs: number): Promise<Download> {
  const url = `${endpoint.url}/objects/batch`
  const answer = await callHttp({
    method: 'POST',
    url,
    headers: { Accept: MEDIA_TYPE, 'Content-Type': MEDIA_TYPE, ...endpoint.headers },
    body: JSON.stringify({
      operation: 'download',
      transfers: ['basic'],
      objects: [{ oid, size }],
      hash_algo: 'sha256',
    }),
    trust: endpoint.trust,
    maxBytes: MAX_BATCH_BYTES,
    timeoutMs,
  })
  if (answer.status !== 200) throw refused(answer, url)
  const object = objectOf(answer, oid, url)
  const { error, actions } = object
  if (error !== undefined) {
    const { code, message } = Object(error)
    throw new CapstanError(code === 404 ? 'not-found' : 'unavailable', `[${oid}] ${plain(message)}: [${plain(code)}]`)
  }
  const { href, header } = Object(Object(actions).download)
  if (typeof href !== 'string') throw noAnswer(url)
  if (endpoint.url.startsWith('https:') && !href.startsWith('https:')) {
    throw new CapstanError('forbidden', `${shownUrl(url)}: names ${shownUrl(href)}, which is not safe`)
  }
  return { href, headers: headersOf(header) }
}

function objectOf(
  { body }: HttpAnswer,
  oid: string,
  url: string,
): { readonly error?: unknown; readonly actions?: unknown } {
  let objects: unknown
  try {
    objects = Object(JSON.parse(body.toString('utf8'))).objects
  } catch {
    throw noAnswer(url)
  }
  const found: unknown = Array.isArray(objects) ? objects.find((one) => Object(one).oid === oid) : undefined
  if (found === undefined) throw noAnswer(url)
  return Object(found)
}

/** Headers that shape the connection are ours to set. */
const OWN_HEADERS = /^(?:host|connection|content-length|transfer-encoding|upgrade|te|trailer)$/i

function headersOf(header: unknown): Record<string, string> {
  const entries = Object.entries(Object(header)).filter(
    (entry): entry is [string, string] =>
      typeof entry[1] === 'string' &&
      /^[\w-]+$/.test(entry[0]) &&
      !OWN_HEADERS.test(entry[0]) &&
      !/[\r\n\0]/.test(entry[1]),
  )
  return Object.fromEntries(entries)
}

function refused({ status, statusText }: HttpAnswer, url: string): CapstanError {
  const codes: Readonly<Record<number, ErrorCode>> = { 401: 'unauthenticated', 403: 'forbidden', 404: 'not-found' }
  return new CapstanError(codes[status] ?? 'unavailable', `batch response: ${shownUrl(url)} answered ${statusText}`)
}

function noAnswer(url: string): CapstanError {
  return new CapstanError('unavailable', `batch response: ${shownUrl(url)} sent no answer of the LFS API`)
}

function plain(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number'
    ? String(value)
        .replaceAll(/[\p{Cc}]+/gu, ' ')
        .slice(0, 300)
    : ''
}

function checked(bytes: Uint8Array, { oid, size }: LfsPointer): Uint8Array {
  if (bytes.length === size && sha256Hex(bytes) === oid) return bytes
  throw new CapstanError(
    'unavailable',
    `the LFS object ${oid} came with other content: ${bytes.length} bytes of ${size}`,
  )
}

function inFile(error: unknown, path: string): unknown {
  if (!(error instanceof CapstanError)) return error
  return new CapstanError(error.code, `${path}: cannot fetch it from Git LFS: ${messageOf(error)}`, { cause: error })
}
