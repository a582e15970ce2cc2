// A proxy on loopback that speaks SOCKS 5 and CONNECT, lets in one login, and keeps which hosts it was asked for.
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import type { TestContext } from 'node:test'

export interface Proxy {
  /** `127.0.0.1:40123` */
  readonly host: string
  /** `host:port` of each connection that was let through. */
  readonly asked: string[]
}

interface Login {
  readonly username: string
  readonly password: string
}

export async function startProxy(t: TestContext, login: Login): Promise<Proxy> {
  const asked: string[] = []
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    socket.on('close', () => sockets.delete(socket))
    void serve(socket, login, asked)
  })
  const { promise, resolve } = Promise.withResolvers<void>()
  server.listen(0, '127.0.0.1', resolve)
  await promise
  t.after(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return { host: `127.0.0.1:${(server.address() as AddressInfo).port}`, asked }
}

async function serve(socket: Socket, login: Login, asked: string[]): Promise<void> {
  const first = await next(socket)
  if (first[0] === 5) await serveSocks(socket, login, asked)
  else serveConnect(socket, { login, asked, head: first.toString('latin1') })
}

/** Clients of these tests write each message in one piece and wait for its answer. */
async function next(socket: Socket): Promise<Buffer> {
  const { promise, resolve } = Promise.withResolvers<Buffer>()
  socket.once('data', (chunk: Buffer) => {
    socket.pause()
    resolve(chunk)
  })
  socket.resume()
  return promise
}

async function serveSocks(socket: Socket, { username, password }: Login, asked: string[]): Promise<void> {
  socket.write(Buffer.from([5, 2]))
  const said = await next(socket)
  const end = 2 + (said[1] ?? 0)
  const isRight = said.toString('utf8', 2, end) === username && said.toString('utf8', end + 1) === password
  socket.write(Buffer.from([1, isRight ? 0 : 1]))
  if (!isRight) return void socket.end()
  const wish = await next(socket)
  const host = wish.toString('utf8', 5, 5 + (wish[4] ?? 0))
  const port = wish.readUInt16BE(5 + (wish[4] ?? 0))
  join(socket, { host, port, asked }, Buffer.from([5, 0, 0, 1, 0, 0, 0, 0, 0, 0]))
}

function serveConnect(
  socket: Socket,
  { login, asked, head }: { readonly login: Login; readonly asked: string[]; readonly head: string },
): void {
  const { host = '', port = '' } = /^CONNECT (?<host>[^: ]+):(?<port>\d+) /.exec(head)?.groups ?? {}
  const wanted = Buffer.from(`${login.username}:${login.password}`).toString('base64')
  if (!head.includes(`Basic ${wanted}`)) {
    socket.end(
      'HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm="p"\r\nConnection: close\r\nContent-Length: 0\r\n\r\n',
    )
    return
  }
  join(socket, { host, port: Number(port), asked }, Buffer.from('HTTP/1.1 200 OK\r\n\r\n'))
}

function join(
  socket: Socket,
  { host, port, asked }: { readonly host: string; readonly port: number; readonly asked: string[] },
  answer: Buffer,
): void {
  asked.push(`${host}:${port}`)
  const target = connect(port, host, () => {
    socket.write(answer)
    socket.pipe(target).pipe(socket)
  })
  target.on('error', () => socket.destroy())
  socket.on('close', () => target.destroy())
}
