// A sidecar for tests: Argo CD's plug-in service on a unix socket, with answers a test decides.
import { createHash } from 'node:crypto'
import { createServer, type Http2Server, type ServerHttp2Stream } from 'node:http2'
import type { TestContext } from 'node:test'
import { cursorOf, readPart, readTag, skipField, textOf, bytesOf } from '../../src/kube/protobuf/wire-reader.ts'
import { readTar, unpackGzip } from '../../src/source/tar.ts'

export interface SentRepository {
  readonly appName: string
  readonly appRelPath: string
  readonly env: Readonly<Record<string, string>>
  /** Texts by path. */
  readonly files: Readonly<Record<string, string>>
  /** The checksum sent is that of the archive. */
  readonly isIntact: boolean
}

export interface CmpAnswers {
  readonly discovery?: boolean
  /** `provideGitCreds` of its description. */
  readonly wantsCredentials?: boolean
  /** A ParametersAnnouncementResponse as it is sent. */
  readonly announcement?: Buffer
  readonly isSupported?: (sent: SentRepository) => boolean
  /** Manifests, or an error as gRPC has it; undefined never answers. */
  readonly generate: (
    sent: SentRepository,
  ) => readonly string[] | { readonly code: number; readonly message: string } | undefined
}

const SERVICE = '/plugin.ConfigManagementPluginService/'

/** Listens on the socket until the test has ended. */
export async function startCmpServer(t: TestContext, socket: string, answers: CmpAnswers): Promise<void> {
  const server: Http2Server = createServer()
  const sessions = new Set<{ destroy(): void }>()
  server.on('session', (session) => sessions.add(session))
  server.on('stream', (stream: ServerHttp2Stream, headers) => {
    stream.on('error', () => undefined) // clients that give up reset their streams
    const chunks: Buffer[] = []
    stream.on('data', (chunk: Buffer) => chunks.push(chunk))
    stream.on('end', () => {
      const method = String(headers[':path']).slice(SERVICE.length)
      respond(stream, answerOf(method, Buffer.concat(chunks), answers))
    })
  })
  await new Promise<void>((resolve) => server.listen(socket, resolve))
  t.after(() => {
    for (const session of sessions) session.destroy()
    server.close()
  })
}

type Answer = Buffer | { readonly code: number; readonly message: string } | undefined

function answerOf(method: string, body: Buffer, answers: CmpAnswers): Answer {
  const { isSupported, generate, announcement } = answers
  if (method === 'CheckPluginConfiguration') return configurationOf(answers)
  if (method === 'GetParametersAnnouncement') return announcement ?? Buffer.alloc(0)
  const sent = sentOf(body)
  if (method === 'MatchRepository') return Buffer.from([...(isSupported?.(sent) === true ? [8, 1] : []), 16, 1])
  const answer = generate(sent)
  return answer === undefined || 'code' in answer ? answer : Buffer.concat(answer.map((text) => field(1, text)))
}

function configurationOf({ discovery, wantsCredentials }: CmpAnswers): Buffer {
  return Buffer.from([...(discovery === true ? [8, 1] : []), ...(wantsCredentials === true ? [16, 1] : [])])
}

function field(number: number, text: string): Buffer {
  const bytes = Buffer.from(text)
  const length: number[] = []
  for (let rest = bytes.length; ; rest >>>= 7) {
    length.push(rest < 128 ? rest : (rest & 127) | 128)
    if (rest < 128) break
  }
  return Buffer.concat([Buffer.from([number * 8 + 2, ...length]), bytes])
}

function respond(stream: ServerHttp2Stream, answer: Answer): void {
  if (answer === undefined || stream.destroyed) return
  const isError = 'code' in answer
  stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true })
  stream.on('wantTrailers', () => {
    stream.sendTrailers(
      isError
        ? { 'grpc-status': String(answer.code), 'grpc-message': encodeURIComponent(answer.message) }
        : { 'grpc-status': '0' },
    )
  })
  if (isError) {
    stream.end()
    return
  }
  const head = Buffer.alloc(5)
  head.writeUInt32BE(answer.length, 1)
  stream.end(Buffer.concat([head, answer]))
}

function sentOf(body: Buffer): SentRepository {
  const texts = new Map<number, string>()
  const env: Record<string, string> = {}
  const pieces: Uint8Array[] = []
  const take = (what: 'file' | number, bytes: Uint8Array): void => {
    if (what === 'file') pieces.push(bytes)
    else if (what === 5) Object.assign(env, entryOf(bytes))
    else texts.set(what, textOf(cursorOf(bytes)))
  }
  for (const message of framesOf(body)) {
    for (const [kind, part] of partsOf(message)) {
      for (const [number, inner] of partsOf(part)) take(kind === 2 ? 'file' : number, inner)
    }
  }
  const archive = Buffer.concat(pieces)
  const entries = archive.length === 0 ? [] : [...readTar(unpackGzip(archive, 2 ** 28))]
  return {
    appName: texts.get(1) ?? '',
    appRelPath: texts.get(2) ?? '',
    env,
    files: Object.fromEntries(entries.map(({ name, content }) => [name, Buffer.from(content).toString('utf8')])),
    isIntact: createHash('sha256').update(archive).digest('hex') === texts.get(3),
  }
}

function* framesOf(body: Buffer): Generator<Uint8Array> {
  for (let at = 0; at + 5 <= body.length;) {
    const length = body.readUInt32BE(at + 1)
    yield body.subarray(at + 5, at + 5 + length)
    at += 5 + length
  }
}

/** Number and bytes of every length-delimited field. */
function partsOf(bytes: Uint8Array): [number, Uint8Array][] {
  const cursor = cursorOf(bytes)
  const parts: [number, Uint8Array][] = []
  while (cursor.position < cursor.end) {
    const { number, type } = readTag(cursor)
    if (type === 2) parts.push([number, bytesOf(readPart(cursor))])
    else skipField(cursor, type)
  }
  return parts
}

function entryOf(bytes: Uint8Array): Record<string, string> {
  const [[, name], [, value]] = [...partsOf(bytes), [2, new Uint8Array()]] as [
    [number, Uint8Array],
    [number, Uint8Array],
  ] // name, value
  return { [textOf(cursorOf(name))]: textOf(cursorOf(value)) }
}
