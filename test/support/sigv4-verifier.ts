// AWS signatures judged by botocore, AWS' own library, in a Python of its own.
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { TestContext } from 'node:test'

export interface SignedRequest {
  readonly method: string
  readonly url: string
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  /** The secret key of whom the request says it is from. */
  readonly secret: string
}

export interface Verdict {
  readonly ok: boolean
  readonly why: string
  readonly signed?: readonly string[]
}

export type SignatureJudge = (request: SignedRequest) => Promise<Verdict>

const PACKAGE = 'botocore==1.44.5'
const ROOT = join(import.meta.dirname, '../..')
const FOLDER = join(ROOT, '.peers/python', PACKAGE)
const INSTALL_TIMEOUT_MS = 240_000

/** Starts it; it is ended with the test. Installs botocore where it is not yet. */
export async function startSignatureJudge(t: TestContext): Promise<SignatureJudge> {
  const script = join(import.meta.dirname, 'sigv4_verifier.py')
  const child = spawn(pythonWithBotocore(), [script], { stdio: ['pipe', 'pipe', 'inherit'] })
  t.after(async () => {
    child.stdin.end()
    if (child.exitCode === null) await once(child, 'exit')
  })
  const waiting: ((verdict: Verdict) => void)[] = []
  createInterface({ input: child.stdout }).on('line', (line) => {
    // One line for each line, in their order.
    waiting.shift()?.(JSON.parse(line) as Verdict)
  })
  child.on('exit', () => {
    for (const resolve of waiting.splice(0)) resolve({ ok: false, why: 'the judge has ended' })
  })
  return (request) => {
    const { promise, resolve } = Promise.withResolvers<Verdict>()
    waiting.push(resolve)
    child.stdin.write(`${JSON.stringify(request)}\n`)
    return promise
  }
}

function pythonWithBotocore(): string {
  const python = join(FOLDER, 'bin/python')
  if (existsSync(python)) return python
  const making = `${FOLDER}.${process.pid}`
  mkdirSync(making, { recursive: true })
  runOrThrow('python3', ['-m', 'venv', making])
  runOrThrow(join(making, 'bin/python'), ['-m', 'pip', 'install', '--quiet', PACKAGE])
  // Whoever is first has it; a folder made beside it is as good.
  if (existsSync(FOLDER)) rmSync(making, { recursive: true })
  else renameSync(making, FOLDER)
  return python
}

function runOrThrow(program: string, args: readonly string[]): void {
  const { status, stderr, error } = spawnSync(program, args, { encoding: 'utf8', timeout: INSTALL_TIMEOUT_MS })
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}: ${error?.message ?? stderr}`)
}
