// Loads the test files of a group into this process, where they run one after the other.
import assert from 'node:assert/strict'
import { globSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { pathToFileURL } from 'node:url'

const ROOT = join(import.meta.dirname, '../..')

/**
 * Imports every file that fits, but for those `isLeftOut` says. The first test waits for all of them: node:test ends a
 * process once the tests it knows are over, and must know all before.
 */
export async function importTests(patterns: readonly string[], isLeftOut?: (index: number) => boolean): Promise<void> {
  const files = globSync(patterns, { cwd: ROOT })
    .toSorted()
    .filter((_file, index) => isLeftOut?.(index) !== true)
  const { promise: loaded, resolve } = Promise.withResolvers<number>()
  test(`the files of ${patterns.join(', ')} are loaded`, async () => {
    const count = await loaded
    assert.ok(count > 0, 'there is none')
    assert.equal(count, files.length)
  })
  let count = 0
  for (const file of files) {
    await import(pathToFileURL(join(ROOT, file)).href)
    count++
  }
  resolve(count)
}
