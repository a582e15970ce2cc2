// Programs as child processes of a test: run to their end, or started and ended by their id.
import { spawn, type ChildProcess } from 'node:child_process'
import { join } from 'node:path'
import type { TestContext } from 'node:test'

const LAUNCHER = join(import.meta.dirname, '../../bin/capstan')
const RUN_TIMEOUT_MS = 60_000
/** A minute on an idle machine would be a hang; one with twenty others at work takes most of it. */
const READY_TIMEOUT_MS = 120_000

export interface Finished {
  /** The exit code, or the name of the signal. */
  readonly code: number | string
  readonly stdout: string
  readonly stderr: string
}

export interface RunOptions {
  /** Over this process' own; undefined takes a variable away. */
  readonly env?: Readonly<Record<string, string | undefined>>
  readonly cwd?: string
  /** Standard input; closed without it. */
  readonly input?: string
  readonly timeoutMs?: number
}

/** Runs a program to its end; one that takes too long is killed and its output shown. */
export async function run(program: string, args: readonly string[], options: RunOptions = {}): Promise<Finished> {
  const child = start(program, args, options)
  const { timeoutMs = RUN_TIMEOUT_MS } = options
  const timer = setTimeout(() => child.process.kill('SIGKILL'), timeoutMs)
  child.process.stdin?.on('error', () => {})
  child.process.stdin?.end(options.input ?? '')
  const code = await child.ended
  clearTimeout(timer)
  const { stdout, stderr } = child
  if (code === 'SIGKILL') throw new Error(`${program} ${args.join(' ')} did not end:\n${stdout}\n${stderr}`)
  return { code, stdout, stderr }
}

/** Runs the command line of this repository. */
export function capstan(args: readonly string[], options: RunOptions = {}): Promise<Finished> {
  return run(process.execPath, [LAUNCHER, ...args], options)
}

export interface Served {
  readonly pid: number
  /** What the line that was waited for said. */
  readonly found: RegExpExecArray
  readonly output: () => string
  /** Sends a signal and waits for the end; gives the exit code, or the signal's name. */
  end(signal?: NodeJS.Signals): Promise<number | string>
  /** Ends its standard input, as the end of its parent does, and waits for its end. */
  endInput(): Promise<number | string>
}

/** Starts `capstan` and waits until its output matches; it is ended with the test. */
export async function startCapstan(
  t: TestContext,
  args: readonly string[],
  ready: RegExp,
  options: RunOptions = {},
): Promise<Served> {
  return startProgram(t, [process.execPath, LAUNCHER, ...args], ready, options)
}

/** Starts a program and waits until its output matches; it is ended with the test. */
export async function startProgram(
  t: TestContext,
  [program = '', ...args]: readonly string[],
  ready: RegExp,
  options: RunOptions = {},
): Promise<Served> {
  const child = start(program, args, options)
  const output = (): string => child.stdout + child.stderr
  const end = async (signal: NodeJS.Signals = 'SIGTERM'): Promise<number | string> => {
    if (child.process.exitCode === null && child.process.signalCode === null) child.process.kill(signal)
    return child.ended
  }
  const endInput = (): Promise<number | string> => {
    child.process.stdin?.end()
    return child.ended
  }
  t.after(() => end('SIGKILL'))
  const found = await untilMatched(child, ready, () => `${program} ${args.join(' ')}:\n${output()}`)
  return { pid: child.process.pid ?? 0, found, output, end, endInput }
}

async function untilMatched(child: Started, ready: RegExp, describe: () => string): Promise<RegExpExecArray> {
  const { promise, resolve, reject } = Promise.withResolvers<RegExpExecArray>()
  const look = (): void => {
    const found = ready.exec(child.stdout + child.stderr)
    if (found !== null) resolve(found)
  }
  child.process.stdout?.on('data', look)
  child.process.stderr?.on('data', look)
  const timer = setTimeout(() => reject(new Error(`not ready: ${describe()}`)), READY_TIMEOUT_MS)
  void child.ended.then((code) => reject(new Error(`ended with ${code}: ${describe()}`)))
  try {
    return await promise
  } finally {
    clearTimeout(timer)
  }
}

interface Started {
  readonly process: ChildProcess
  readonly stdout: string
  readonly stderr: string
  readonly ended: Promise<number | string>
}

function start(program: string, args: readonly string[], { env, cwd }: RunOptions): Started {
  const child = spawn(program, args, {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...withoutTestRunner(), ...env },
    ...(cwd === undefined ? {} : { cwd }),
  })
  const { promise: ended, resolve, reject } = Promise.withResolvers<number | string>()
  const text = { stdout: '', stderr: '' }
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (text.stdout += chunk))
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => (text.stderr += chunk))
  child.once('error', reject)
  child.once('close', (code, signal) => resolve(code ?? signal ?? 'unknown'))
  return {
    process: child,
    ended,
    get stdout() {
      return text.stdout
    },
    get stderr() {
      return text.stderr
    },
  }
}

/** node:test tells its children that they are tests; these are not. */
function withoutTestRunner(): NodeJS.ProcessEnv {
  const { NODE_TEST_CONTEXT: _context, ...env } = process.env
  return env
}
