// Reads the recorded behaviour of the originals, and holds results against the lists of known failures.
import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const ROOT = join(import.meta.dirname, '../..')

/** What a suite says when the corpus is not on this machine. */
export const CORPUS_ABSENT = 'corpus absent: set CAPSTAN_CORPUS'

/** The folder of the corpus, or undefined where there is none. */
export function corpusFolder(): string | undefined {
  const folder = process.env['CAPSTAN_CORPUS'] ?? join(ROOT, '../shared/corpus')
  return existsSync(folder) ? folder : undefined
}

/** The lines of a JSON-lines file of the corpus; `T` is the form its README gives them. */
export function* readCases<T>(folder: string, file: string): Generator<T> {
  const root = corpusFolder()
  if (root === undefined) throw new Error(CORPUS_ABSENT)
  for (const line of readFileSync(join(root, folder, file), 'utf8').split('\n')) {
    if (line !== '') yield JSON.parse(line) as T // the corpus README is the contract
  }
}

/** The outcome of one case; `failure` says in a line what differed. */
export interface CaseResult {
  readonly id: string
  readonly failure?: string | undefined
}

/**
 * Fails when a case fails that `test/conformance/known-failures/<suite>.txt` does not list, when a listed case passes,
 * and when a listed case does not exist. A line of that file is an id, two spaces and the reason.
 */
export function compareWithKnownFailures(suite: string, results: readonly CaseResult[]): void {
  assert.ok(results.length > 0, `${suite}: no case was run`)
  const known = knownFailures(suite)
  const ids = new Set(results.map((result) => result.id))
  const unexpected = results.filter((result) => result.failure !== undefined && !known.has(result.id))
  const passing = results.filter((result) => result.failure === undefined && known.has(result.id))
  assert.deepEqual(
    {
      unexpected: unexpected.map((result) => `${result.id}: ${result.failure}`),
      listedButPassing: passing.map((result) => result.id),
      listedButUnknown: [...known].filter((id) => !ids.has(id)),
    },
    { unexpected: [], listedButPassing: [], listedButUnknown: [] },
  )
}

function knownFailures(suite: string): ReadonlySet<string> {
  const file = join(ROOT, 'test/conformance/known-failures', `${suite}.txt`)
  if (!existsSync(file)) return new Set()
  const lines = readFileSync(file, 'utf8').split('\n')
  return new Set(lines.filter((line) => line !== '').map((line) => line.split('  ', 1)[0] ?? ''))
}
