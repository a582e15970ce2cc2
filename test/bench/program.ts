// Starts the program as people do, in its own data directory, and ends it.
import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'

const LAUNCHER = join(import.meta.dirname, '../../bin/capstan')
const READY_TIMEOUT_MS = 30_000
/** How exactly a start can be told. */
const POLL_MS = 5

export interface Program {
  readonly pid: number
  /** Standard output and standard error so far. */
  readonly output: () => string
  /** The exit code, or the signal's name. */
  readonly ended: Promise<number | string>
  /** Interrupts it as Ctrl-C does and waits for its end. */
  stop(): Promise<number | string>
}

export function startProgram(args: readonly string[], env: Readonly<Record<string, string>> = {}): Program {
  const child = spawn(LAUNCHER, args, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...env } })
  const ended = Promise.withResolvers<number | string>()
  let output = ''
  const collect = (text: string): void => {
    output += text
  }
  child.stdout.setEncoding('utf8').on('data', collect)
  child.stderr.setEncoding('utf8').on('data', collect)
  child.once('error', ended.reject)
  child.once('close', (code, signal) => ended.resolve(code ?? signal ?? 'unknown'))
  return {
    pid: child.pid ?? 0,
    output: () => output,
    ended: ended.promise,
    async stop() {
      if (isRunning(child)) child.kill('SIGINT')
      return ended.promise
    },
  }
}

function isRunning({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode === null && signalCode === null
}

/** Waits until the program has printed a text; throws with its output where it ends before. */
export async function untilPrinted(program: Program, text: string): Promise<void> {
  const deadline = performance.now() + READY_TIMEOUT_MS
  let hasEnded = false
  void program.ended.then(() => (hasEnded = true))
  while (!program.output().includes(text)) {
    if (hasEnded || performance.now() > deadline) throw new Error(`not ready:\n${program.output()}`)
    await pause(POLL_MS)
  }
}

/** Milliseconds from now until the address answers with 200; throws with the program's output where it ends before. */
export async function untilReady(program: Program, url: string): Promise<number> {
  const startMs = performance.now()
  let hasEnded = false
  void program.ended.then(() => (hasEnded = true))
  while (!(await isReady(url))) {
    const elapsedMs = performance.now() - startMs
    if (hasEnded || elapsedMs > READY_TIMEOUT_MS) throw new Error(`${url} does not answer:\n${program.output()}`)
    await pause(POLL_MS)
  }
  return performance.now() - startMs
}

async function isReady(url: string): Promise<boolean> {
  try {
    const response = await fetch(url)
    await response.arrayBuffer()
    return response.ok
  } catch {
    return false
  }
}

/** Calls with a new folder that is removed afterwards. */
export async function withFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'capstan-bench-'))
  try {
    return await use(folder)
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 })
  }
}
