// A port on loopback in front of a server, which may fall silent: it then accepts everything and answers nothing.
import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type NetConnectOpts, type Socket } from 'node:net'
import type { TestContext } from 'node:test'

export interface Relay {
  readonly port: number
  /** From now on nothing passes, in no direction; connections stay open, and new ones are accepted. */
  silence(): void
  /** Resolves when something has been asked that will not be answered. */
  untilAsked(): Promise<void>
}

/** Passes everything on to the target, byte by byte; ended with the test. */
export async function startRelay(t: TestContext, target: NetConnectOpts): Promise<Relay> {
  const sockets = new Set<Socket>()
  const asked = Promise.withResolvers<void>()
  let isSilent = false
  const keep = (socket: Socket): void => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    // Either end may break off: the other one learns of it below.
    socket.on('error', () => socket.destroy())
  }
  const server = createServer((near) => {
    keep(near)
    const far = connect(target)
    keep(far)
    near.on('data', (bytes) => (isSilent ? asked.resolve() : far.write(bytes)))
    far.on('data', (bytes) => !isSilent && near.write(bytes))
    near.on('close', () => far.destroy())
    far.on('close', () => !isSilent && near.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    server.close()
    for (const socket of sockets) socket.destroy()
  })
  // Listening on TCP, so there is an address with a port.
  const { port } = server.address() as AddressInfo
  const silence = (): void => {
    isSilent = true
  }
  return { port, silence, untilAsked: () => asked.promise }
}
