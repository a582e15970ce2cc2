import assert from 'node:assert/strict'
import { existsSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { temporaryFolder } from '../../../test/support/git.ts'
import { CopyQueue } from './bare-copy.ts'

test('work on one copy is done one after the other, also after a failure; other copies do not wait', async () => {
  const queue = new CopyQueue()
  const held = Promise.withResolvers<void>()
  const done: string[] = []
  const note = (name: string) => async (): Promise<void> => void done.push(name)

  const first = queue.run('/a', async () => {
    await held.promise
    done.push('first')
    throw new Error('broken')
  })
  const second = queue.run('/a', note('second'))
  await queue.run('/b', note('other'))
  held.resolve()

  await assert.rejects(first, /broken/)
  await second
  assert.deepEqual(done, ['other', 'first', 'second'])
})

test('a lock that a killed process has left is taken away; one just made stays', async (t) => {
  const directory = temporaryFolder(t)
  const [old, fresh] = ['shallow.lock', 'HEAD.lock'].map((name) => join(directory, name)) as [string, string]
  for (const path of [old, fresh]) writeFileSync(path, '')
  utimesSync(old, 1, 1)

  const seen = await new CopyQueue().run(directory, async () => [existsSync(old), existsSync(fresh)])

  assert.deepEqual(seen, [false, true])
})
