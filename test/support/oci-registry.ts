// A container registry on this machine: images without layers, open or behind Basic or token login, and a record of what it was asked.
import { createHash, randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { TestContext } from 'node:test'

export type LoginMode = 'open' | 'basic' | 'token'

export interface RegistryUser {
  readonly password: string
  /** Repositories it may pull, by how their names begin. Default: all. */
  readonly mayPull?: readonly string[]
}

export interface OciRegistryOptions {
  readonly login?: LoginMode
  readonly users?: Readonly<Record<string, RegistryUser>>
  /** Repositories that anyone may pull, by how their names begin (with tokens only). */
  readonly publicRepositories?: readonly string[]
  /** Asked before anything else; true: it has answered. */
  readonly intercept?: (request: IncomingMessage, response: ServerResponse) => boolean
}

export interface RecordedRequest {
  readonly method: string
  readonly url: string
  readonly authorization: string | undefined
}

export interface OciRegistry {
  /** `127.0.0.1:40123` */
  readonly host: string
  /** May be changed while it runs: passwords rotate. */
  readonly users: Map<string, RegistryUser>
  readonly requests: RecordedRequest[]
  /** Puts an image there; its digest. */
  addImage(repository: string, tag: string, platforms?: readonly string[]): string
  /** How many requests for manifests of a repository it has answered well. */
  pulls(repository: string): number
  /** Takes every image of a repository away. */
  removeRepository(repository: string): void
}

const IMAGE_TYPE = 'application/vnd.oci.image.manifest.v1+json'
const INDEX_TYPE = 'application/vnd.oci.image.index.v1+json'

interface Stored {
  readonly text: string
  readonly type: string
}

/** Listens on a free port until the test ends. */
export async function startOciRegistry(
  t: Pick<TestContext, 'after'>,
  options: OciRegistryOptions = {},
): Promise<OciRegistry> {
  const registry = new Registry(options)
  const server = createServer((request, response) => registry.answer(request, response))
  // A client that tries TLS first is told so by the closed connection.
  server.on('clientError', (_error, socket) => socket.destroy())
  await listen(server)
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  // Listening on TCP: the address is an object.
  const { port } = server.address() as AddressInfo
  registry.host = `127.0.0.1:${port}`
  return registry
}

function listen(server: Server): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  server.listen(0, '127.0.0.1', resolve)
  return promise
}

class Registry implements OciRegistry {
  host = ''
  readonly users: Map<string, RegistryUser>
  readonly requests: RecordedRequest[] = []
  readonly #options: OciRegistryOptions
  /** By `repository:tag` and `repository@digest`. */
  readonly #manifests = new Map<string, Stored & { readonly digest: string }>()
  readonly #tokens = new Map<string, { readonly user: string | undefined; readonly scope: string }>()
  readonly #pulls = new Map<string, number>()

  constructor(options: OciRegistryOptions) {
    this.#options = options
    this.users = new Map(Object.entries(options.users ?? {}))
  }

  addImage(repository: string, tag: string, platforms: readonly string[] = ['linux/amd64', 'linux/arm64']): string {
    const listed = platforms.map((platform) => {
      const [os = '', architecture = ''] = platform.split('/')
      const config = {
        mediaType: 'application/vnd.oci.image.config.v1+json',
        digest: digestOf(repository + tag + platform),
        size: 1000,
      }
      const layer = {
        mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip',
        digest: digestOf(platform),
        size: 4_000_000,
      }
      const manifest = { schemaVersion: 2, mediaType: IMAGE_TYPE, config, layers: [layer] }
      const digest = this.#store(repository, { text: JSON.stringify(manifest), type: IMAGE_TYPE })
      return { mediaType: IMAGE_TYPE, digest, size: 500, platform: { os, architecture } }
    })
    const text = JSON.stringify({ schemaVersion: 2, mediaType: INDEX_TYPE, manifests: listed })
    const digest = this.#store(repository, { text, type: INDEX_TYPE })
    this.#manifests.set(`${repository}:${tag}`, { text, type: INDEX_TYPE, digest })
    return digest
  }

  pulls(repository: string): number {
    return this.#pulls.get(repository) ?? 0
  }

  removeRepository(repository: string): void {
    for (const key of this.#manifests.keys()) {
      if (/^[^:@]*/.exec(key)?.[0] === repository) this.#manifests.delete(key)
    }
  }

  answer(request: IncomingMessage, response: ServerResponse): void {
    const { method = '', url = '', headers } = request
    this.requests.push({ method, url, authorization: headers.authorization })
    if (this.#options.intercept?.(request, response) === true) return
    const { pathname, searchParams } = new URL(url, 'http://registry')
    if (pathname === '/token') this.#answerToken(request, response, searchParams)
    else if (pathname === '/v2/') this.#answerBase(request, response)
    else this.#answerRepository(request, response, pathname)
  }

  #answerBase(request: IncomingMessage, response: ServerResponse): void {
    if (this.#options.login === undefined || this.#options.login === 'open' || this.#isKnown(request))
      end(response, 200, '{}')
    else this.#challenge(request, response, undefined)
  }

  #isKnown(request: IncomingMessage): boolean {
    return this.#options.login === 'basic'
      ? this.#basicUser(request) !== undefined
      : this.#tokenOf(request) !== undefined
  }

  #answerRepository(request: IncomingMessage, response: ServerResponse, pathname: string): void {
    const {
      repository = '',
      kind,
      target = '',
    } = /^\/v2\/(?<repository>.+)\/(?<kind>manifests|tags)\/(?<target>[^/]+)$/.exec(pathname)?.groups ?? {}
    if (kind === undefined) end(response, 404, '')
    else if (!this.#mayPull(request, repository)) this.#challenge(request, response, repository)
    else if (kind === 'tags') this.#answerTags(request, response, repository)
    else this.#answerManifest(request, response, repository + (target.includes(':') ? '@' : ':') + target)
  }

  #answerManifest(request: IncomingMessage, response: ServerResponse, key: string): void {
    const found = this.#manifests.get(key)
    if (found === undefined) {
      end(response, 404, JSON.stringify({ errors: [{ code: 'MANIFEST_UNKNOWN' }] }))
      return
    }
    const repository = /^[^:@]*/.exec(key)?.[0] ?? ''
    this.#pulls.set(repository, this.pulls(repository) + 1)
    const { text, type, digest } = found
    response.writeHead(200, { 'content-type': type, 'content-length': text.length, 'docker-content-digest': digest })
    response.end(request.method === 'HEAD' ? '' : text)
  }

  #answerTags(request: IncomingMessage, response: ServerResponse, repository: string): void {
    const { searchParams } = new URL(request.url ?? '', 'http://registry')
    const all = [...this.#manifests.keys()]
      .filter((key) => key.startsWith(`${repository}:`))
      .map((key) => key.slice(repository.length + 1))
      .toSorted()
    const last = searchParams.get('last') ?? ''
    // Two a page, whatever was asked for: a registry may.
    const page = all.filter((tag) => tag > last).slice(0, 2)
    const more = all.some((tag) => tag > (page.at(-1) ?? ''))
    if (more) response.setHeader('link', `</v2/${repository}/tags/list?last=${page.at(-1)}&n=2>; rel="next"`)
    end(response, 200, JSON.stringify({ name: repository, tags: page }))
  }

  #mayPull(request: IncomingMessage, repository: string): boolean {
    const { login = 'open' } = this.#options
    if (login === 'open') return true
    if (login === 'basic') return this.#allows(this.#basicUser(request), repository)
    const token = this.#tokenOf(request)
    return (
      token !== undefined &&
      token.scope.split(' ').includes(`repository:${repository}:pull`) &&
      this.#allows(token.user, repository)
    )
  }

  #allows(user: string | undefined, repository: string): boolean {
    const isPublic = this.#options.publicRepositories?.some((prefix) => repository.startsWith(prefix)) ?? false
    if (isPublic) return true
    const known = user === undefined ? undefined : this.users.get(user)
    if (known === undefined) return false
    return known.mayPull?.some((prefix) => repository.startsWith(prefix)) ?? true
  }

  #basicUser({ headers }: IncomingMessage): string | undefined {
    const { encoded } = /^Basic (?<encoded>.+)$/.exec(headers.authorization ?? '')?.groups ?? {}
    const text = Buffer.from(encoded ?? '', 'base64').toString('utf8')
    const user = text.slice(0, Math.max(0, text.indexOf(':')))
    const isRight = this.users.get(user)?.password === text.slice(user.length + 1)
    return encoded !== undefined && isRight ? user : undefined
  }

  #tokenOf({ headers }: IncomingMessage): { readonly user: string | undefined; readonly scope: string } | undefined {
    return this.#tokens.get(/^Bearer (?<token>.+)$/.exec(headers.authorization ?? '')?.groups?.['token'] ?? '')
  }

  #answerToken(request: IncomingMessage, response: ServerResponse, query: URLSearchParams): void {
    const isAnonymous = request.headers.authorization === undefined
    const user = this.#basicUser(request)
    if (request.method !== 'GET') end(response, 405, '')
    else if (!isAnonymous && user === undefined)
      end(response, 401, JSON.stringify({ errors: [{ code: 'UNAUTHORIZED' }] }))
    else {
      const token = randomUUID()
      this.#tokens.set(token, { user, scope: query.getAll('scope').join(' ') })
      end(response, 200, JSON.stringify({ token, expires_in: 300 }))
    }
  }

  #challenge(request: IncomingMessage, response: ServerResponse, repository: string | undefined): void {
    const scope = repository === undefined ? '' : `,scope="repository:${repository}:pull"`
    const error = this.#tokenOf(request) === undefined ? '' : ',error="insufficient_scope"'
    const header =
      this.#options.login === 'basic'
        ? 'Basic realm="Registry, of tests"'
        : `Bearer realm="http://${this.host}/token",service="registry, of tests"${scope}${error}`
    response.setHeader('www-authenticate', header)
    end(response, 401, JSON.stringify({ errors: [{ code: 'UNAUTHORIZED' }] }))
  }

  #store(repository: string, stored: Stored): string {
    const digest = digestOf(stored.text)
    this.#manifests.set(`${repository}@${digest}`, { ...stored, digest })
    return digest
  }
}

function digestOf(text: string): string {
  return `sha256:${createHash('sha256').update(text).digest('hex')}`
}

function end(response: ServerResponse, status: number, body: string): void {
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) })
  response.end(body)
}
