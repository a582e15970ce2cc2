// Go's own YAML and template libraries as a judge: a small program of ours, built when it is first asked for.
import { spawnSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'

const ROOT = join(import.meta.dirname, '../..')
const SOURCE = join(ROOT, 'test/peers/oracle')
const PROGRAM = join(ROOT, '.peers/bin/oracle')
const BUILD_TIMEOUT_MS = 240_000
const MAX_OUTPUT = 256 * 1024 * 1024

export type Question =
  | { readonly kind: 'read'; readonly text: string }
  | { readonly kind: 'write'; readonly value: unknown }
  | { readonly kind: 'parse'; readonly text: string }

export interface Answer {
  /** What was read. */
  readonly json?: unknown
  /** What was written. */
  readonly text?: string
  readonly error?: string
}

/** Builds the program; the reason why not where there is no Go here. */
export function buildOracle(): string | undefined {
  mkdirSync(join(ROOT, '.peers/bin'), { recursive: true })
  const env = { ...process.env, CGO_ENABLED: '0', GOTOOLCHAIN: 'local' }
  const options = { cwd: SOURCE, env, encoding: 'utf8', timeout: BUILD_TIMEOUT_MS } as const
  const { error, status, stderr } = spawnSync('go', ['build', '-trimpath', '-o', PROGRAM, '.'], options)
  if (error !== undefined) return `Go is not installed: ${error.message}`
  if (status !== 0) throw new Error(stderr)
  return undefined
}

/** One answer for each question, in one run. */
export function askOracle(questions: readonly Question[]): readonly Answer[] {
  const input = questions.map((question) => JSON.stringify(question)).join('\n')
  const { stdout, stderr, status } = spawnSync(PROGRAM, { input, encoding: 'utf8', maxBuffer: MAX_OUTPUT })
  if (status !== 0) throw new Error(stderr)
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Answer) // the program's only form
}
