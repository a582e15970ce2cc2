// A chart repository on loopback for tests: archives made of texts, an index, a login, conditional answers.
import { createHash } from 'node:crypto'
import { createServer as createHttpServer } from 'node:http'
import type { IncomingMessage, RequestListener, Server } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { TestContext } from 'node:test'
import { gzipSync } from 'node:zlib'

const BLOCK = 512

/** A gzipped tar of files; `top` is the folder they stand in. */
export function packFiles(top: string, files: Readonly<Record<string, string>>): Buffer {
  const blocks = Object.entries(files).flatMap(([name, text]) => {
    const bytes = Buffer.from(text)
    const header = Buffer.alloc(BLOCK)
    header.write(top === '' ? name : `${top}/${name}`, 0)
    header.write('0000644\0', 100)
    header.write(`${bytes.length.toString(8).padStart(11, '0')} `, 124)
    header.write('00000000000\0        0', 136)
    header.write('ustar\u000000', 257)
    const sum = header.reduce((total, byte) => total + byte, 0)
    header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
    return [header, bytes, Buffer.alloc((BLOCK - (bytes.length % BLOCK)) % BLOCK)]
  })
  return gzipSync(Buffer.concat([...blocks, Buffer.alloc(2 * BLOCK)]))
}

/** A chart with one ConfigMap that shows its version and `.Values.text`. */
export function simpleChart(name: string, version: string, more: Readonly<Record<string, string>> = {}): Buffer {
  return packFiles(name, {
    'Chart.yaml': `apiVersion: v2\nname: ${name}\nversion: ${version}\n`,
    'values.yaml': 'text: default\n',
    'templates/config.yaml': [
      'apiVersion: v1',
      'kind: ConfigMap',
      'metadata:',
      `  name: {{ .Release.Name }}-${name}`,
      'data:',
      '  version: {{ .Chart.Version | quote }}',
      '  text: {{ .Values.text | quote }}',
      '',
    ].join('\n'),
    ...more,
  })
}

export interface HostedChart {
  readonly name: string
  readonly version: string
  readonly archive: Buffer
  /** Where the index says it is; by default beside it. */
  readonly url?: string
}

export interface ChartHostOptions {
  readonly charts: readonly HostedChart[]
  readonly login?: { readonly username: string; readonly password: string }
  readonly tls?: { readonly key: string; readonly cert: string; readonly ca?: string; readonly requestCert?: boolean }
  /** Files besides the charts, by their paths. */
  readonly files?: Readonly<Record<string, string | Buffer>>
  /** Redirects by path. */
  readonly redirects?: Readonly<Record<string, string>>
}

export interface ChartHost {
  readonly url: string
  /** `METHOD path status`, with `+login` where credentials came. */
  readonly log: string[]
  /** Replaces the charts. */
  publish(charts: readonly HostedChart[]): void
}

/** Serves until the test ends. */
export async function startChartHost(t: TestContext, options: ChartHostOptions): Promise<ChartHost> {
  const log: string[] = []
  let files = filesOf(options)
  const answer: RequestListener = (request, response) => {
    const outcome = outcomeOf(request, { ...options, files })
    log.push(
      `${request.method} ${request.url} ${outcome.status}${request.headers.authorization === undefined ? '' : ' +login'}`,
    )
    response.writeHead(outcome.status, outcome.headers).end(outcome.body)
  }
  const { tls } = options
  const server: Server = tls === undefined ? createHttpServer(answer) : createHttpsServer({ ...tls }, answer)
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  t.after(
    () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  )
  const { port } = server.address() as AddressInfo // listens on a port
  return {
    url: `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}`,
    log,
    publish(charts) {
      files = filesOf({ ...options, charts })
    },
  }
}

function filesOf({ charts, files = {} }: ChartHostOptions): Readonly<Record<string, string | Buffer>> {
  const archives = charts.map(({ name, version, archive }) => [`/${name}-${version}.tgz`, archive] as const)
  return { ...Object.fromEntries(archives), '/index.yaml': indexOf(charts), ...files }
}

/** The index `helm repo index` would write. */
export function indexOf(charts: readonly HostedChart[]): string {
  const names = [...new Set(charts.map(({ name }) => name))].toSorted()
  const entries = names.flatMap((name) => [
    `  ${name}:`,
    ...charts
      .filter((chart) => chart.name === name)
      .flatMap(({ version, archive, url }) => [
        '  - apiVersion: v2',
        '    created: "2026-01-02T03:04:05Z"',
        `    digest: ${createHash('sha256').update(archive).digest('hex')}`,
        `    name: ${name}`,
        '    urls:',
        `    - ${url ?? `${name}-${version}.tgz`}`,
        `    version: ${version}`,
      ]),
  ])
  return ['apiVersion: v1', 'entries:', ...entries, 'generated: "2026-01-02T03:04:05Z"', ''].join('\n')
}

interface HostAnswer {
  readonly status: number
  readonly headers: Record<string, string>
  readonly body: string | Buffer
}

function outcomeOf(request: IncomingMessage, options: ChartHostOptions): HostAnswer {
  const { login, files = {}, redirects = {} } = options
  const wanted = login === undefined ? undefined : `Basic ${btoa(`${login.username}:${login.password}`)}`
  if (wanted !== undefined && request.headers.authorization !== wanted) return { status: 401, headers: {}, body: '' }
  const [path = ''] = (request.url ?? '').split('?')
  const location = redirects[path]
  if (location !== undefined) return { status: 302, headers: { location }, body: '' }
  const body = files[path]
  if (body === undefined) return { status: 404, headers: {}, body: 'not found' }
  const etag = `"${createHash('sha256').update(body).digest('hex').slice(0, 16)}"`
  const isKnown = request.headers['if-none-match'] === etag
  return { status: isKnown ? 304 : 200, headers: { etag }, body: isKnown ? '' : body }
}
