// AWS signature version 4: a URL or a request that proves who made it.
import { createHmac } from 'node:crypto'
import { sha256Hex } from './digest.ts'
import type { Secret } from './secret.ts'

export interface AwsCredentials {
  readonly accessKeyId: string
  readonly secretAccessKey: Secret
  readonly sessionToken?: Secret
  readonly expiresAtMs?: number
}

export interface SigningScope {
  readonly credentials: AwsCredentials
  readonly region: string
  readonly service: string
  readonly nowMs: number
}

const ALGORITHM = 'AWS4-HMAC-SHA256'

/** The URL with its signature in the query; `headers` are signed with it and must be sent, `host` among them by itself. */
export function presignUrl(
  url: URL,
  scope: SigningScope,
  more: {
    readonly expiresSeconds: number
    readonly headers?: Readonly<Record<string, string>>
    readonly body?: string
  },
): URL {
  const { credentials, nowMs } = scope
  const headers = withHost(url, more.headers ?? {})
  const signed = new URL(url)
  const query = signed.searchParams
  query.set('X-Amz-Algorithm', ALGORITHM)
  query.set('X-Amz-Credential', `${credentials.accessKeyId}/${scopeText(scope)}`)
  query.set('X-Amz-Date', timeText(nowMs))
  query.set('X-Amz-Expires', String(more.expiresSeconds))
  if (credentials.sessionToken !== undefined) query.set('X-Amz-Security-Token', credentials.sessionToken.reveal())
  query.set('X-Amz-SignedHeaders', namesOf(headers))
  const bodyHash = more.body ?? sha256Hex('')
  const signature = sign(canonicalRequest({ method: 'GET', url: signed, headers, bodyHash }), scope)
  signed.search = `${canonicalQuery(signed)}&X-Amz-Signature=${signature}`
  return signed
}

/** The headers that sign a POST, of a form unless `more` names another content type; `more` is signed with them. */
export function signPost(
  url: URL,
  body: string,
  scope: SigningScope,
  more: Readonly<Record<string, string>> = {},
): Readonly<Record<string, string>> {
  const { credentials, nowMs } = scope
  const headers = withHost(url, {
    'content-type': 'application/x-www-form-urlencoded; charset=utf-8',
    'x-amz-date': timeText(nowMs),
    ...(credentials.sessionToken === undefined ? {} : { 'x-amz-security-token': credentials.sessionToken.reveal() }),
    ...more,
  })
  const signature = sign(canonicalRequest({ method: 'POST', url, headers, bodyHash: sha256Hex(body) }), scope)
  const credential = `${credentials.accessKeyId}/${scopeText(scope)}`
  const authorization = `${ALGORITHM} Credential=${credential}, SignedHeaders=${namesOf(headers)}, Signature=${signature}`
  return { ...headers, authorization }
}

interface Signable {
  readonly method: string
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
  readonly bodyHash: string
}

function canonicalRequest({ method, url, headers, bodyHash }: Signable): string {
  const lines = Object.keys(headers)
    .toSorted()
    .map((name) => `${name}:${(headers[name] ?? '').trim().replace(/ +/g, ' ')}\n`)
  return [method, url.pathname, canonicalQuery(url), lines.join(''), namesOf(headers), bodyHash].join('\n')
}

function canonicalQuery(url: URL): string {
  return [...url.searchParams]
    .map(([name, value]) => `${encode(name)}=${encode(value)}`)
    .toSorted()
    .join('&')
}

function sign(request: string, scope: SigningScope): string {
  const text = [ALGORITHM, timeText(scope.nowMs), scopeText(scope), sha256Hex(request)].join('\n')
  const date = timeText(scope.nowMs).slice(0, 8)
  const parts = [date, scope.region, scope.service, 'aws4_request']
  let key: string | Buffer = `AWS4${scope.credentials.secretAccessKey.reveal()}`
  for (const part of parts) key = createHmac('sha256', key).update(part).digest()
  return createHmac('sha256', key).update(text).digest('hex')
}

function scopeText({ region, service, nowMs }: SigningScope): string {
  return `${timeText(nowMs).slice(0, 8)}/${region}/${service}/aws4_request`
}

/** `20130524T000000Z` */
function timeText(ms: number): string {
  return new Date(ms).toISOString().replace(/[-:]|\.\d+/g, '')
}

function withHost(url: URL, headers: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return { host: url.host, ...headers }
}

function namesOf(headers: Readonly<Record<string, string>>): string {
  return Object.keys(headers).toSorted().join(';')
}

/** RFC 3986: what encodeURIComponent leaves alone but AWS does not. */
function encode(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)
}
