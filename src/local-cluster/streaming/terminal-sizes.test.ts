// What is read of the resize channel.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ByteQueue } from './byte-queue.ts'
import { TerminalSizes } from './terminal-sizes.ts'

const never = (): Promise<never> => Promise.withResolvers<never>().promise

test('the newest size counts, however its bytes are cut', async () => {
  const queue = new ByteQueue()
  const sizes = new TerminalSizes(queue)
  const first = sizes.size(never)

  await queue.push(Buffer.from('{"Width":80,'))
  await queue.push(Buffer.from('"Height":24}\n{"Width":132,"Height":50}'))
  await queue.push(Buffer.from('{"Width":-1,"Height":5}nonsense}{"Width":"a"}'))

  assert.deepEqual(await first, { columns: 132, rows: 50 })
  assert.deepEqual(await sizes.size(never), { columns: 132, rows: 50 })
})

test('who tells no size is waited for no longer than patience lasts, or the client stays', async () => {
  const patient = new TerminalSizes(new ByteQueue())
  const left = new ByteQueue()
  const leaving = new TerminalSizes(left).size(never)
  await left.push(Buffer.from(`{${'x'.repeat(5000)}`))
  left.end()

  assert.equal(await patient.size(async () => undefined), undefined)
  assert.equal(await leaving, undefined)
})
