// Large messages of all calls together have a bound; small ones pass whatever others send.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { frameHead, readFrames } from './frames.ts'
import { FREE_BYTES, MessageBudget } from './message-budget.ts'

const MAX = 1 << 20

async function* bodyOf(message: Buffer, flags: number): AsyncGenerator<Buffer> {
  yield Buffer.concat([frameHead(message.length, flags), message])
}

/** Reads a message as a call of its own; it ends when the result is called. */
async function readWith(budget: MessageBudget, message: Buffer, flags = 0): Promise<() => void> {
  const share = budget.open()
  try {
    const options = { maxBytes: MAX * 4, encoding: 'gzip', share }
    for await (const _ of readFrames(bodyOf(message, flags), options)) return () => share.close()
    return () => share.close()
  } catch (error) {
    share.close()
    throw error
  }
}

test('what calls hold is counted until they end, and refused beyond the bound', async () => {
  const budget = new MessageBudget(MAX)
  const large = Buffer.alloc(700 << 10)
  const end = await readWith(budget, large)
  await assert.rejects(readWith(budget, large), { code: 'limit', message: /too many large messages/ })
  // Those of everybody else go on.
  for (let call = 0; call < 100; call++) await readWith(budget, Buffer.alloc(FREE_BYTES / 2))
  end()
  assert.equal(budget.held, 0)
  const again = await readWith(budget, large)
  again()
  assert.equal(budget.held, 0)
})

test('compressed messages take what they become, and no more than text ever does', async () => {
  const budget = new MessageBudget(MAX)
  const text = Buffer.from(Array.from({ length: 5000 }, (_, index) => `name: web-${index}\n`).join(''))
  const end = await readWith(budget, gzipSync(text), 1)
  assert.ok(budget.held <= text.length + gzipSync(text).length)
  end()
  assert.equal(budget.held, 0)
  // A thousand times its size: it is given up long before.
  const bomb = gzipSync(Buffer.alloc(MAX * 3))
  await assert.rejects(readWith(budget, bomb, 1), { code: 'limit', message: /larger than max|too many large/ })
  await assert.rejects(readWith(budget, Buffer.from('no gzip'), 1), { code: 'bad-input' })
  assert.equal(budget.held, 0)
})
