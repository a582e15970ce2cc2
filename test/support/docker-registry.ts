// Debian's docker-registry (distribution 2.8), with htpasswd or token login, and images pushed to it.
import { createHash, generateKeyPairSync, randomUUID, X509Certificate, type KeyObject } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import bcrypt from 'bcryptjs'
import { SignJWT } from 'jose'
import { request } from 'undici'
import { createCertificate } from '../../src/base/x509.ts'
import { temporaryFolder } from './git.ts'
import { startProgram } from './processes.ts'
import { freePort } from './free-port.ts'

export interface DockerRegistry {
  /** `127.0.0.1:40123` */
  readonly host: string
  /** Gives a user a password, from the next request on. */
  setPassword(user: string, password: string): void
  /** Pushes an image of one small layer; its digest. */
  push(login: { readonly user: string; readonly password: string }, repository: string, tag: string): Promise<string>
}

const HOUR_MS = 3_600_000
const MANIFEST_TYPE = 'application/vnd.docker.distribution.manifest.v2+json'

/** Starts it behind Basic login; the file of passwords is read again whenever it has changed. */
export async function startHtpasswdRegistry(t: TestContext): Promise<DockerRegistry> {
  const folder = temporaryFolder(t)
  const file = join(folder, 'htpasswd')
  writeFileSync(file, '')
  const host = await serve(t, folder, `auth: {htpasswd: {realm: "Registry, of tests", path: ${file}}}`)
  return {
    host,
    setPassword: (user, password) => writeFileSync(file, `${user}:${bcrypt.hashSync(password, 4)}\n`),
    push: (login, repository, tag) => push({ host, repository, authorization: basic(login) }, tag),
  }
}

/** Starts it behind a token server of ours, which it trusts by certificate. */
export async function startTokenRegistry(t: TestContext): Promise<DockerRegistry> {
  const folder = temporaryFolder(t)
  const passwords = new Map<string, string>()
  const keys = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const now = Date.now()
  const certificate = createCertificate({
    subject: { commonName: 'tokens' },
    keyPair: keys,
    notBefore: new Date(now - HOUR_MS),
    notAfter: new Date(now + HOUR_MS),
    isCa: true,
    usages: ['digitalSignature', 'certSign'],
  })
  writeFileSync(join(folder, 'root.pem'), certificate)
  const chain = [new X509Certificate(certificate).raw.toString('base64')]
  const tokens = createServer((incoming, response) => {
    void answerToken(incoming, { passwords, chain, key: keys.privateKey }).then(({ status, body }) =>
      response.writeHead(status).end(body),
    )
  })
  await new Promise<void>((resolve) => tokens.listen(0, '127.0.0.1', resolve))
  t.after(() => tokens.close())
  // Listening on TCP: the address is an object.
  const realm = `http://127.0.0.1:${(tokens.address() as AddressInfo).port}/token`
  const auth = `auth: {token: {realm: "${realm}", service: "registry, of tests", issuer: tests, rootcertbundle: ${folder}/root.pem}}`
  const host = await serve(t, folder, auth)
  return {
    host,
    setPassword: (user, password) => void passwords.set(user, password),
    async push(login, repository, tag) {
      const query = new URLSearchParams({ service: 'registry, of tests', scope: `repository:${repository}:pull,push` })
      const answer = await request(`${realm}?${query.toString()}`, { headers: { authorization: basic(login) } })
      // Our own answer, above.
      const { token } = (await answer.body.json()) as { readonly token: string }
      return push({ host, repository, authorization: `Bearer ${token}` }, tag)
    },
  }
}

interface TokenServer {
  readonly passwords: ReadonlyMap<string, string>
  /** Certificates in base64, the signer's first. */
  readonly chain: string[]
  readonly key: KeyObject
}

async function answerToken(
  { method, url = '', headers }: IncomingMessage,
  { passwords, chain, key }: TokenServer,
): Promise<{ readonly status: number; readonly body: string }> {
  if (method !== 'GET') return { status: 405, body: '' }
  const { searchParams } = new URL(url, 'http://tokens')
  const { encoded } = /^Basic (?<encoded>.+)$/.exec(headers.authorization ?? '')?.groups ?? {}
  const text = Buffer.from(encoded ?? '', 'base64').toString('utf8')
  const user = text.slice(0, Math.max(0, text.indexOf(':')))
  const isRight = encoded !== undefined && passwords.get(user) === text.slice(user.length + 1)
  if (encoded !== undefined && !isRight) return { status: 401, body: '' }
  const seconds = Math.floor(Date.now() / 1000)
  const token = await new SignJWT({ access: isRight ? searchParams.getAll('scope').map(accessOf) : [] })
    .setProtectedHeader({ alg: 'ES256', typ: 'JWT', x5c: chain })
    .setIssuer('tests')
    .setSubject(user)
    .setAudience(searchParams.get('service') ?? '')
    .setIssuedAt(seconds)
    .setNotBefore(seconds - 10)
    .setExpirationTime(seconds + 300)
    .setJti(randomUUID())
    .sign(key)
  return { status: 200, body: JSON.stringify({ token, expires_in: 300 }) }
}

function accessOf(scope: string): {
  readonly type: string
  readonly name: string
  readonly actions: readonly string[]
} {
  const [type = '', name = '', actions = ''] = scope.split(':')
  return { type, name, actions: actions.split(',') }
}

async function serve(t: TestContext, folder: string, auth: string): Promise<string> {
  const port = await freePort()
  const file = join(folder, 'config.yml')
  const storage = `storage: {filesystem: {rootdirectory: ${join(folder, 'data')}}}`
  writeFileSync(file, `version: 0.1\nlog: {level: info}\n${storage}\nhttp: {addr: "127.0.0.1:${port}"}\n${auth}\n`)
  await startProgram(t, ['docker-registry', 'serve', file], /listening on/)
  return `127.0.0.1:${port}`
}

interface Target {
  readonly host: string
  readonly repository: string
  readonly authorization: string
}

async function push(target: Target, tag: string): Promise<string> {
  const config = await pushBlob(
    target,
    JSON.stringify({ architecture: 'amd64', os: 'linux', rootfs: { type: 'layers', diff_ids: [] } }),
  )
  const layer = await pushBlob(target, `layer of ${tag}`)
  const manifest = JSON.stringify({
    schemaVersion: 2,
    mediaType: MANIFEST_TYPE,
    config: { mediaType: 'application/vnd.docker.container.image.v1+json', ...config },
    layers: [{ mediaType: 'application/vnd.docker.image.rootfs.diff.tar.gzip', ...layer }],
  })
  const { host, repository, authorization } = target
  const headers = { authorization, 'content-type': MANIFEST_TYPE }
  const url = `http://${host}/v2/${repository}/manifests/${tag}`
  const { statusCode, body } = await request(url, { method: 'PUT', headers, body: manifest })
  if (statusCode !== 201) throw new Error(`push of ${repository}:${tag}: ${statusCode} ${await body.text()}`)
  await body.dump()
  return sha256(manifest)
}

async function pushBlob(
  { host, repository, authorization }: Target,
  text: string,
): Promise<{ readonly digest: string; readonly size: number }> {
  const headers = { authorization }
  const started = await request(`http://${host}/v2/${repository}/blobs/uploads/`, { method: 'POST', headers })
  await started.body.dump()
  const url = new URL(String(started.headers['location']), `http://${host}`)
  url.searchParams.set('digest', sha256(text))
  const type = { 'content-type': 'application/octet-stream' }
  const { statusCode, body } = await request(url, { method: 'PUT', headers: { ...headers, ...type }, body: text })
  if (statusCode !== 201) throw new Error(`push to ${repository}: ${statusCode} ${await body.text()}`)
  await body.dump()
  return { digest: sha256(text), size: text.length }
}

function basic({ user, password }: { readonly user: string; readonly password: string }): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`
}

function sha256(text: string): string {
  return `sha256:${createHash('sha256').update(text).digest('hex')}`
}
