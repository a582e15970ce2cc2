// expr-lang itself as a judge: a small program of ours around its Go module, built when it is first asked for.
import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const ROOT = join(import.meta.dirname, '../..')
const SOURCE = join(ROOT, 'test/peers/expr')
const PROGRAM = join(ROOT, '.peers/bin/expr')
const MODULE = 'github.com/expr-lang/expr'
const BUILD_TIMEOUT_MS = 240_000
const MAX_OUTPUT = 256 * 1024 * 1024

export interface ExprQuestion {
  readonly text: string
  /** In the environment of expr's own generated expressions. */
  readonly isGenerated?: boolean
  readonly environment?: object
}

export interface ExprAnswer {
  readonly compile?: string
  readonly run?: string
  readonly value?: string
}

function go(args: readonly string[]): ReturnType<typeof spawnSync> {
  const env = { ...process.env, CGO_ENABLED: '0', GOTOOLCHAIN: 'local', GOFLAGS: '-mod=mod' }
  return spawnSync('go', args, { cwd: SOURCE, env, encoding: 'utf8', timeout: BUILD_TIMEOUT_MS })
}

/** Builds the program; the reason why not where there is no Go here. */
export function buildExprOracle(): string | undefined {
  mkdirSync(join(ROOT, '.peers/bin'), { recursive: true })
  const { error, status, stderr } = go(['build', '-trimpath', '-o', PROGRAM, '.'])
  if (error !== undefined) return `Go is not installed: ${error.message}`
  if (status !== 0) throw new Error(String(stderr))
  return undefined
}

/** The valid expressions that the module brings (testdata/generated.txt). */
export function generatedExpressions(): readonly string[] {
  const { stdout } = go(['list', '-m', '-f', '{{.Dir}}', MODULE])
  const text = readFileSync(join(String(stdout).trim(), 'testdata/generated.txt'), 'utf8')
  return text.split('\n').filter((line) => line !== '')
}

/** One answer for each question, in one run. */
export function askExpr(questions: readonly ExprQuestion[]): readonly ExprAnswer[] {
  const input = questions.map((question) => JSON.stringify(question)).join('\n')
  const { stdout, stderr, status } = spawnSync(PROGRAM, { input, encoding: 'utf8', maxBuffer: MAX_OUTPUT })
  if (status !== 0) throw new Error(stderr)
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as ExprAnswer) // the program's only form
}
