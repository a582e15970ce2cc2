// What answers behind the ports of a simulated pod.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { echoConnection, MAX_HEAD_BYTES } from './port-echo.ts'

/** Sends pieces one by one; what came back. */
async function exchange(...pieces: readonly string[]): Promise<string> {
  const left = pieces.map((piece) => Buffer.from(piece))
  let answer = ''
  const connection = {
    read: async () => left.shift(),
    write: async (data: string | Uint8Array) => {
      answer += Buffer.from(data as Uint8Array).toString()
    },
  }
  await echoConnection(connection, { namespace: 'n', pod: 'web', node: 'node-1', port: 8080 })
  return answer
}

function requests(answer: string): readonly string[] {
  return [...answer.matchAll(/^request: (?<line>.*)$/gm)].map(({ groups }) => groups?.['line'] ?? '')
}

test('an HTTP request gets a page that says which pod was asked what', async () => {
  const answer = await exchange('GET /a?b HTTP/1.1\r\nHost: x\r\n\r\n')

  const [head = '', body = ''] = answer.split('\r\n\r\n')
  assert.match(head, /^HTTP\/1\.1 200 OK\r\n.*\r\nContent-Length: (?<length>\d+)\r\nConnection: keep-alive/)
  assert.match(head, new RegExp(`Content-Length: ${body.length}\r\n`))
  assert.equal(
    body,
    'This pod is simulated: nothing listens on its ports.\npod: n/web\nnode: node-1\nport: 8080\nrequest: GET /a?b\n',
  )
})

test('requests may come in pieces, one after the other, with bodies', async () => {
  const answer = await exchange(
    'PO',
    'ST /one HTTP/1.1\r\nContent-Le',
    'ngth: 5\r\n\r\nhe',
    'llo',
    'GET /two HTTP/1.1\r\n\r\nHEAD /three HTTP/1.1\r\nConnection: close\r\n\r\n',
    'GET /never HTTP/1.1\r\n\r\n',
  )

  assert.deepEqual(requests(answer), ['POST /one', 'GET /two'])
  assert.equal(answer.match(/HTTP\/1\.1 200 OK/g)?.length, 3)
})

test('HTTP/1.0 closes by itself', async () => {
  assert.deepEqual(requests(await exchange('GET / HTTP/1.0\r\n\r\n', 'GET /more HTTP/1.0\r\n\r\n')), ['GET /'])
})

const bytes: readonly (readonly string[])[] = [
  ['hello', ' there'],
  ['GET', 'ting started\n'],
  ['G'],
  ['GET nothing like it\r\n\r\n'],
  ['\x16\x03\x01TLS'],
  [`GET /${'x'.repeat(MAX_HEAD_BYTES)}`, 'y'],
]
for (const pieces of bytes) {
  test(`${JSON.stringify(pieces.join('').slice(0, 20))} comes back as it is`, async () => {
    assert.equal(await exchange(...pieces), pieces.join(''))
  })
}
