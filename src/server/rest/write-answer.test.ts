import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { connect, type AddressInfo } from 'node:net'
import { test, type TestContext } from 'node:test'
import { writeStream } from './write-answer.ts'

/** Serves one stream without end; tells how many messages were taken and when the source was left. */
async function serveStream(t: TestContext): Promise<{ port: number; taken: () => number; left: Promise<void> }> {
  const left = Promise.withResolvers<void>()
  let taken = 0
  async function* messages(): AsyncGenerator<unknown> {
    try {
      for (;;) {
        taken++
        yield { text: 'x'.repeat(1 << 16) }
      }
    } finally {
      left.resolve()
    }
  }
  const server = createServer((request, response) => {
    const gone = new AbortController()
    response.on('close', () => gone.abort(new Error('gone')))
    void writeStream({ request, response, messages: messages(), select: (answer) => answer, signal: gone.signal })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  return { port: (server.address() as AddressInfo).port, taken: () => taken, left: left.promise }
}

test('waits for a reader that does not read, and leaves the source when it goes away', async (t) => {
  const stream = await serveStream(t)
  const socket = connect(stream.port, '127.0.0.1')
  socket.pause()
  socket.write('GET / HTTP/1.1\r\nhost: a\r\n\r\n')
  await once(socket, 'connect')
  const before = await untilStill(stream.taken)

  socket.destroy()

  await stream.left
  assert.ok(before < 1000, `${before} messages were taken for a reader that reads none`)
})

/** The number once it no longer grows for a few rounds of the event loop. */
async function untilStill(read: () => number): Promise<number> {
  let [last, rounds] = [-1, 0]
  while (rounds < 50) {
    await new Promise((resolve) => setImmediate(resolve))
    const now = read()
    rounds = now === last && now > 0 ? rounds + 1 : 0
    last = now
  }
  return last
}
