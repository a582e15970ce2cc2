// Loads the test files of a group into this process, where they run one after the other.
import { globSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

const ROOT = join(import.meta.dirname, '../..')

/** Imports every file that fits, but for those `isLeftOut` says. Throws where none is left: a group that tests nothing is a mistake. */
export async function importTests(patterns: readonly string[], isLeftOut?: (index: number) => boolean): Promise<void> {
  const files = globSync(patterns, { cwd: ROOT })
    .toSorted()
    .filter((_file, index) => isLeftOut?.(index) !== true)
  if (files.length === 0) throw new Error(`no test file fits ${patterns.join(', ')}`)
  for (const file of files) await import(pathToFileURL(join(ROOT, file)).href)
}
