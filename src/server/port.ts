// One TCP port for several protocols: the first bytes of a connection say which server it is for.
import type { EventEmitter } from 'node:events'
import { createServer, type Server, type Socket } from 'node:net'

export interface PortServers {
  /** HTTP/1.1. */
  readonly http: EventEmitter
  /** HTTP/2 without TLS; made when it is first needed. */
  readonly http2: () => Promise<EventEmitter | undefined>
  /** TLS; undefined: there is no certificate, and the connection is ended. */
  readonly tls: () => Promise<EventEmitter | undefined>
}

/** First byte of a TLS handshake (RFC 8446, 5.1). */
const HANDSHAKE = 0x16
/** How HTTP/2 begins where both know it beforehand (RFC 9113, 3.4); no method of HTTP/1.1 begins so. */
const PREFACE = Buffer.from('PRI ')
/** A connection that says nothing is ended, as one that begins a request and stops. */
export const FIRST_BYTES_TIMEOUT_MS = 20_000

/** A server that passes each connection on to the one it is for. */
export function createPort(servers: PortServers, socketOptions: { readonly keepAliveInitialDelay: number }): Server {
  return createServer({ keepAlive: true, noDelay: true, pauseOnConnect: false, ...socketOptions }, (socket) => {
    const timer = setTimeout(() => socket.destroy(), FIRST_BYTES_TIMEOUT_MS)
    const onError = (): void => {
      socket.destroy()
    }
    socket.on('error', onError)
    socket.once('close', () => clearTimeout(timer))
    let held = Buffer.alloc(0)
    const look = (): void => {
      const more: unknown = socket.read()
      if (Buffer.isBuffer(more)) held = Buffer.concat([held, more])
      // Too few bytes to tell HTTP/2 from a POST.
      const isOpen = held.length < PREFACE.length && PREFACE.subarray(0, held.length).equals(held)
      if (isOpen) {
        socket.once('readable', look)
        return
      }
      clearTimeout(timer)
      socket.removeListener('error', onError)
      void pass(socket, held, servers)
    }
    socket.once('readable', look)
  })
}

async function pass(socket: Socket, first: Buffer, servers: PortServers): Promise<void> {
  // Until its server listens, somebody must hear of a reset.
  const onError = (): void => {
    socket.destroy()
  }
  socket.on('error', onError)
  try {
    const server = await serverFor(first, servers)
    if (server === undefined || socket.destroyed) {
      socket.destroy()
      return
    }
    socket.unshift(first)
    server.emit('connection', socket)
  } catch {
    socket.destroy()
  } finally {
    socket.removeListener('error', onError)
  }
}

async function serverFor(first: Buffer, servers: PortServers): Promise<EventEmitter | undefined> {
  if (first[0] === HANDSHAKE) return servers.tls()
  return first.subarray(0, PREFACE.length).equals(PREFACE) ? servers.http2() : servers.http
}
