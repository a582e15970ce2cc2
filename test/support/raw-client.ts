// Requests as bytes: what no well-behaved client would send, and connections that do not read.
import { Agent, request, type RequestOptions } from 'node:https'
import type { HttpTransportOptions } from '../../src/kube/client/http-transport.ts'

export interface RawAnswer {
  readonly code: number
  readonly text: string
}

export interface RawRequest {
  readonly method: string
  readonly path: string
  readonly type?: string
  readonly body?: string | Buffer
}

export interface RawClient {
  send(given: RawRequest): Promise<RawAnswer>
  /** Begins a GET and never reads its answer; resolves with how to end it once the head has come. */
  openUnread(path: string): Promise<() => void>
  close(): void
}

/** Speaks to the server of a kubeconfig with its credentials. */
export function rawClient(options: HttpTransportOptions, connections = 8): RawClient {
  const url = new URL(options.server)
  const agent = new Agent({ keepAlive: true, maxSockets: connections })
  const base: RequestOptions = {
    host: url.hostname,
    port: url.port,
    rejectUnauthorized: options.insecure !== true && options.ca !== undefined,
    ...(options.ca === undefined ? {} : { ca: options.ca }),
    ...(options.clientCertificate === undefined ? {} : { cert: options.clientCertificate }),
    ...(options.clientKey === undefined ? {} : { key: options.clientKey.reveal() }),
  }
  const authorization = options.token === undefined ? {} : { authorization: `Bearer ${options.token.reveal()}` }
  return {
    send: ({ method, path, type, body }) => {
      const { promise, resolve, reject } = Promise.withResolvers<RawAnswer>()
      const headers = { ...authorization, ...(type === undefined ? {} : { 'content-type': type }) }
      const sent = request({ ...base, agent, method, path, headers }, (response) => {
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.on('end', () => resolve({ code: response.statusCode ?? 0, text: Buffer.concat(chunks).toString() }))
        response.on('error', reject)
      })
      sent.on('error', (error) =>
        reject(new Error(`${method} ${path.slice(0, 200)}: ${error.message}`, { cause: error })),
      )
      sent.end(body)
      return promise
    },
    openUnread: (path) => {
      const { promise, resolve, reject } = Promise.withResolvers<() => void>()
      const sent = request({ ...base, agent: false, method: 'GET', path, headers: authorization }, (response) => {
        response.pause()
        response.on('error', () => undefined) // it is ended on purpose, by one side or the other
        resolve(() => sent.destroy())
      })
      sent.on('error', reject)
      sent.end()
      return promise
    },
    close: () => agent.destroy(),
  }
}
