// What answers behind every port of a simulated pod: HTTP requests get a page that says who was asked what, other bytes come back as they are.
import type { ForwardedConnection } from '../apiserver/hooks.ts'

export interface EchoFacts {
  readonly namespace: string
  readonly pod: string
  readonly node: string
  readonly port: number
}

/** Head of an HTTP request; longer ones are echoed as plain bytes. */
export const MAX_HEAD_BYTES: number = 16 * 1024

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']
const REQUEST_LINE = /^(?<method>[A-Z]+) (?<target>\S+) HTTP\/1\.(?<minor>[01])\r?\n/

/** Serves one connection until the client has sent everything. */
export async function echoConnection(connection: ForwardedConnection, facts: EchoFacts): Promise<void> {
  let waiting: Buffer = Buffer.alloc(0)
  for (let data = await connection.read(); data !== undefined; data = await connection.read()) {
    waiting = Buffer.concat([waiting, data])
    for (;;) {
      const step = nextStep(waiting)
      if (step.kind === 'more') break
      if (step.kind === 'bytes') return echoBytes(connection, waiting)
      waiting = waiting.subarray(step.length)
      // The body is of no interest, but is not the next request either.
      waiting = await skipBody(connection, waiting, step.bodyLength)
      await connection.write(page(step, facts))
      if (step.closes) return
    }
  }
  await connection.write(waiting)
}

async function echoBytes(connection: ForwardedConnection, first: Buffer): Promise<void> {
  await connection.write(first)
  for (let data = await connection.read(); data !== undefined; data = await connection.read())
    await connection.write(data)
}

async function skipBody(connection: ForwardedConnection, waiting: Buffer, length: number): Promise<Buffer> {
  let rest = waiting
  let left = length
  while (left > rest.length) {
    left -= rest.length
    const data = await connection.read()
    if (data === undefined) return Buffer.alloc(0)
    rest = Buffer.from(data)
  }
  return rest.subarray(left)
}

interface HttpRequest {
  readonly kind: 'request'
  readonly method: string
  readonly target: string
  /** Bytes of the head. */
  readonly length: number
  readonly bodyLength: number
  readonly closes: boolean
}

function nextStep(data: Buffer): HttpRequest | { readonly kind: 'more' } | { readonly kind: 'bytes' } {
  if (data.length === 0) return { kind: 'more' }
  const start = data.toString('latin1', 0, Math.min(data.length, MAX_HEAD_BYTES))
  const mayBeHttp = METHODS.some((method) => `${method} `.startsWith(start.slice(0, method.length + 1)))
  if (!mayBeHttp) return { kind: 'bytes' }
  const end = /\r?\n\r?\n/.exec(start)
  if (end === null) return data.length >= MAX_HEAD_BYTES || isOtherLine(start) ? { kind: 'bytes' } : { kind: 'more' }
  const groups = REQUEST_LINE.exec(start)?.groups
  if (groups === undefined) return { kind: 'bytes' }
  const head = start.slice(0, end.index + 2)
  const header = (name: string): string =>
    new RegExp(`^${name}:[ \\t]*(?<value>[^\\r\\n]*)`, 'im').exec(head)?.groups?.['value'] ?? ''
  return {
    kind: 'request',
    method: groups['method'] ?? '',
    target: groups['target'] ?? '',
    length: end.index + end[0].length,
    bodyLength: Number.parseInt(header('content-length'), 10) || 0,
    closes: closesAfter(header('connection').toLowerCase(), groups['minor'] === '0'),
  }
}

/** HTTP/1.0 keeps a connection only where both say so. */
function closesAfter(connection: string, isOld: boolean): boolean {
  return isOld ? connection !== 'keep-alive' : connection === 'close'
}

/** A first line that is whole and no request line. */
function isOtherLine(start: string): boolean {
  return start.includes('\n') && !REQUEST_LINE.test(start)
}

function page({ method, target, closes }: HttpRequest, facts: EchoFacts): string {
  const body = [
    'This pod is simulated: nothing listens on its ports.',
    `pod: ${facts.namespace}/${facts.pod}`,
    `node: ${facts.node}`,
    `port: ${facts.port}`,
    `request: ${method} ${target}`,
    '',
  ].join('\n')
  const head = [
    'HTTP/1.1 200 OK',
    'Content-Type: text/plain; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(body)}`,
    `Connection: ${closes ? 'close' : 'keep-alive'}`,
    'X-Capstan-Simulated: true',
  ].join('\r\n')
  return `${head}\r\n\r\n${method === 'HEAD' ? '' : body}`
}
