// OCI registries as chart sources ask for them, over the registry client's sessions.
import { createHash } from 'node:crypto'
import type { Clock } from '../base/clock.ts'
import { Secret } from '../base/secret.ts'
import { HttpExchange, unexpectedStatus, type ExchangeAnswer } from '../registry/http-exchange.ts'
import { MAX_MANIFEST_BYTES, MAX_TAG_PAGES } from '../registry/registry-client.ts'
import { RegistryError } from '../registry/registry-error.ts'
import { RegistrySession } from '../registry/registry-session.ts'
import type { ChartAccess } from '../source/charts/access.ts'
import { isWithoutProxy } from '../source/no-proxy.ts'
import type { OciLayer, OciManifest, OciOptions, OciRegistry } from '../source/charts/oci.ts'

/** Charts and artifacts have image manifests; anything else is no content to render. */
const MANIFEST_TYPES =
  'application/vnd.oci.image.manifest.v1+json, application/vnd.docker.distribution.manifest.v2+json'
const TAGS_PER_PAGE = 1000
/** Charts are larger than manifests and come from storage further away. */
const CONTENT_TIMEOUT_MS = 120_000

/** A registry client for charts. Every call logs in with what its access says, so that a changed credential acts at once. */
export function createChartRegistry(clock: Clock, tagsPerPage: number = TAGS_PER_PAGE): OciRegistry {
  return {
    ping: (repository, options) => inSession(clock, repository, options, ping),
    tags: (repository, options) => inSession(clock, repository, options, (call) => listTags(call, tagsPerPage)),
    manifest: (repository, reference, options) =>
      inSession(clock, repository, options, (call) => fetchManifest(call, reference)),
    blob: (repository, digest, options) =>
      inSession(clock, repository, options, (call) => fetchBlob(call, digest, options.maxBytes)),
  }
}

/** One repository in one session. */
interface Call {
  readonly path: string
  request(path: string, options: { readonly accept?: string; readonly maxBytes: number }): Promise<ExchangeAnswer>
}

async function inSession<T>(
  clock: Clock,
  repository: string,
  { access, signal }: OciOptions,
  work: (call: Call) => Promise<T>,
): Promise<T> {
  const slash = repository.indexOf('/')
  const host = slash < 0 ? repository : repository.slice(0, slash)
  const path = slash < 0 ? '' : repository.slice(slash + 1)
  const rules = { insecureHosts: access.plainHttp === true ? [host] : [] }
  const exchange = new HttpExchange({ ...rules, ...trustOf(access, host), timeoutMs: CONTENT_TIMEOUT_MS })
  const session = new RegistrySession({
    exchange,
    clock,
    rules,
    host: host === 'docker.io' ? 'registry-1.docker.io' : host,
    credential: credentialOf(access),
    plainHosts: new Set(),
  })
  const scope = `repository:${path}:pull`
  const cancel = signal === undefined ? {} : { signal }
  try {
    return await work({
      path,
      request: (at, options) => session.request({ method: 'GET', path: at, scope, ...options, ...cancel }),
    })
  } finally {
    await exchange.close()
  }
}

function credentialOf({ username = '', password }: ChartAccess): { username: string; password: Secret } | undefined {
  return username === '' && password === undefined ? undefined : { username, password: password ?? new Secret('') }
}

function trustOf(access: ChartAccess, host: string): object {
  const { caCertificates, tlsClientCertificate, tlsClientKey, proxy, noProxy } = access
  const isProxied = proxy !== undefined && proxy !== '' && !isWithoutProxy(host, noProxy)
  return {
    ...(caCertificates === undefined ? {} : { ca: caCertificates }),
    ...(access.insecure === true ? { insecure: true } : {}),
    ...(tlsClientCertificate === undefined || tlsClientKey === undefined
      ? {}
      : { clientCertificate: tlsClientCertificate, clientKey: tlsClientKey.reveal() }),
    ...(isProxied ? { proxy } : {}),
  }
}

/** `/v2/` answers 200 to whoever may come in (OCI distribution specification, end-1). */
async function ping(call: Call): Promise<void> {
  const answer = await call.request('/v2/', { maxBytes: MAX_MANIFEST_BYTES })
  if (answer.status !== 200) throw failure(answer, call.path)
}

async function listTags(call: Call, tagsPerPage: number): Promise<readonly string[]> {
  const tags: string[] = []
  let at: string | undefined = `/v2/${call.path}/tags/list?n=${tagsPerPage}`
  for (let page = 0; at !== undefined; page++) {
    if (page === MAX_TAG_PAGES)
      throw new RegistryError('limit', `${call.path}: more than ${MAX_TAG_PAGES} pages of tags`)
    const answer: ExchangeAnswer = await call.request(at, { maxBytes: MAX_MANIFEST_BYTES })
    if (answer.status !== 200) throw failure(answer, call.path)
    const { tags: listed } = tableOf(jsonOf(answer))
    if (Array.isArray(listed)) tags.push(...listed.filter((tag) => typeof tag === 'string'))
    at = nextPage(answer)
  }
  return tags
}

/** `Link: </v2/app/tags/list?last=b&n=1000>; rel="next"`: followed on the same host alone. */
function nextPage({ headers, url }: ExchangeAnswer): string | undefined {
  const { link } = headers
  const target =
    typeof link === 'string' ? /<(?<target>[^>]*)>\s*;\s*rel="?next"?/.exec(link)?.groups?.['target'] : undefined
  const next = target === undefined ? null : URL.parse(target, url)
  return next === null || next.host !== url.host ? undefined : next.pathname + next.search
}

async function fetchManifest(call: Call, reference: string): Promise<OciManifest> {
  const answer = await call.request(`/v2/${call.path}/manifests/${encodeURIComponent(reference)}`, {
    accept: MANIFEST_TYPES,
    maxBytes: MAX_MANIFEST_BYTES,
  })
  if (answer.status !== 200) throw failure(answer, `${call.path}:${reference}`)
  const digest = `sha256:${createHash('sha256').update(answer.body).digest('hex')}`
  if (reference.startsWith('sha256:') && reference !== digest) throw wrongContent(digest, reference)
  const manifest = tableOf(jsonOf(answer))
  const annotations = Object.entries(tableOf(manifest['annotations']))
  return {
    digest,
    configMediaType: textOf(tableOf(manifest['config'])['mediaType']),
    layers: Array.isArray(manifest['layers']) ? manifest['layers'].map(layerOf) : [],
    annotations: Object.fromEntries(annotations.map(([key, value]) => [key, textOf(value)])),
  }
}

function layerOf(value: unknown): OciLayer {
  const { mediaType, digest, size } = tableOf(value)
  return { mediaType: textOf(mediaType), digest: textOf(digest), size: typeof size === 'number' ? size : 0 }
}

async function fetchBlob(call: Call, digest: string, maxBytes: number): Promise<Uint8Array> {
  const answer = await call.request(`/v2/${call.path}/blobs/${digest}`, { maxBytes })
  if (answer.status !== 200) throw failure(answer, `${call.path}@${digest}`)
  const actual = `sha256:${createHash('sha256').update(answer.body).digest('hex')}`
  if (actual !== digest) throw wrongContent(actual, digest)
  return answer.body
}

function failure(answer: ExchangeAnswer, name: string): RegistryError {
  if (answer.status === 404) return new RegistryError('not-found', `${name}: not found`, { status: 404 })
  return unexpectedStatus('GET', answer)
}

function wrongContent(actual: string, wanted: string): RegistryError {
  return new RegistryError('invalid-answer', `the registry sent content of digest ${actual} for ${wanted}`)
}

function jsonOf({ body, url }: ExchangeAnswer): unknown {
  try {
    return JSON.parse(body.toString('utf8')) as unknown
  } catch (error) {
    throw new RegistryError('invalid-answer', `${url.host}: sent an answer that is no JSON`, { cause: error })
  }
}

function tableOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {}
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}
