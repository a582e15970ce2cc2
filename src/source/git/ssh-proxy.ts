// ssh through a proxy: a command that OpenSSH runs for its connection, as it knows no proxies itself.

/** Where the program finds the proxy's address: it may hold a password, which no argument may. */
export const SSH_PROXY_VARIABLE = 'CAPSTAN_SSH_PROXY'

/**
 * Connects to `host port` (its arguments) through the proxy and joins the two streams: SOCKS 5, which is what upstream
 * speaks (`connect-proxy -5`), and CONNECT of HTTP for `http:` and `https:` addresses.
 */
export const SSH_PROXY_PROGRAM: string = `
import { connect } from 'node:net'
import { connect as connectTls } from 'node:tls'

const [host, port] = process.argv.slice(2)
const proxy = new URL(process.env.${SSH_PROXY_VARIABLE})
const [user, password] = [proxy.username, proxy.password].map(decodeURIComponent)
const isHttp = proxy.protocol === 'http:' || proxy.protocol === 'https:'
const place = { host: proxy.hostname.replace(/^\\[|\\]$/g, ''), port: Number(proxy.port || (isHttp ? (proxy.protocol === 'https:' ? 443 : 80) : 1080)) }
const socket = proxy.protocol === 'https:' ? connectTls({ ...place, servername: place.host }) : connect(place)
let received = Buffer.alloc(0)
let wake = () => {}
const keep = (chunk) => { received = Buffer.concat([received, chunk]); wake() }

function fail(text) {
  process.stderr.write('proxy ' + proxy.host + ': ' + text + '\\n')
  process.exit(1)
}

async function take(count) {
  while (received.length < count) await new Promise((resolve) => { wake = resolve })
  const taken = received.subarray(0, count)
  received = received.subarray(count)
  return taken
}

async function socks() {
  socket.write(Buffer.from(user === '' ? [5, 1, 0] : [5, 2, 0, 2]))
  const [, method] = await take(2)
  if (method === 2) {
    const [name, word] = [Buffer.from(user), Buffer.from(password)]
    socket.write(Buffer.concat([Buffer.from([1, name.length]), name, Buffer.from([word.length]), word]))
    if ((await take(2))[1] !== 0) fail('refused the login')
  } else if (method !== 0) fail('takes no login of this kind')
  const name = Buffer.from(host)
  socket.write(Buffer.concat([Buffer.from([5, 1, 0, 3, name.length]), name, Buffer.from([port >> 8, port & 255])]))
  const [, status, , type] = await take(4)
  if (status !== 0) fail('cannot connect to ' + host + ':' + port + ' (SOCKS status ' + status + ')')
  await take((type === 1 ? 4 : type === 4 ? 16 : (await take(1))[0]) + 2)
}

async function tunnel() {
  const login = user === '' ? '' : 'Proxy-Authorization: Basic ' + Buffer.from(user + ':' + password).toString('base64') + '\\r\\n'
  const target = (host.includes(':') ? '[' + host + ']' : host) + ':' + port
  socket.write('CONNECT ' + target + ' HTTP/1.1\\r\\nHost: ' + target + '\\r\\n' + login + '\\r\\n')
  let head = ''
  while (!head.endsWith('\\r\\n\\r\\n')) {
    head += (await take(1)).toString('latin1')
    if (head.length > 16384) fail('sent no end of its answer')
  }
  if (!/^HTTP\\/1\\.[01] 200/.test(head)) fail('answered ' + head.split('\\r\\n')[0])
}

socket.on('error', (error) => fail(error.message))
socket.on('close', () => process.exit(0))
socket.on('data', keep)
socket.once(proxy.protocol === 'https:' ? 'secureConnect' : 'connect', async () => {
  await (isHttp ? tunnel() : socks())
  socket.off('data', keep)
  process.stdout.write(received)
  socket.pipe(process.stdout)
  process.stdin.pipe(socket)
})
`
