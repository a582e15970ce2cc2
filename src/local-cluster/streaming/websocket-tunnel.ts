// A web socket as a stream of bytes, for SPDY inside it (client-go v0.36.3 `tunneling_connection.go`).
import { Duplex } from 'node:stream'
import type { RawData, WebSocket } from 'ws'

/** Closing it closes the socket with code 1000, which the client takes for an end and not for an error. */
export function tunnelOf(socket: WebSocket): Duplex {
  const duplex = new Duplex({
    read: () => socket.resume(),
    write: (chunk: Buffer, _encoding, done) => {
      // A socket that has closed is told of by its `close`.
      if (socket.readyState === socket.OPEN) socket.send(chunk, { binary: true }, () => done())
      else done()
    },
    final: (done) => {
      socket.close(1000)
      done()
    },
    destroy: (error, done) => {
      socket.close(1000)
      done(error)
    },
  })
  socket.on('message', (data: RawData) => {
    const chunk = Buffer.isBuffer(data) ? data : Buffer.concat([data].flat().map((one) => Buffer.from(one as Buffer)))
    if (!duplex.push(chunk)) socket.pause()
  })
  socket.on('close', () => duplex.push(null))
  // An error is followed by `close`.
  socket.on('error', () => undefined)
  return duplex
}
