// What a command run by exec learns of the client's terminal.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { systemClock } from '../../base/clock.ts'
import type { CommandOutcome, CommandStreams } from '../apiserver/hooks.ts'
import { execProgram } from './command.ts'
import { ContainerFiles } from './container-files.ts'
import { runExec } from './run-exec.ts'

async function stty(
  args: readonly string[],
  tty: boolean,
  terminalSize?: CommandStreams['terminalSize'],
): Promise<readonly [CommandOutcome, string]> {
  let shown = ''
  const show = async (data: string | Uint8Array): Promise<void> => {
    shown += Buffer.from(data).toString()
  }
  const machine = { env: {}, files: new ContainerFiles(), hostname: 'h', workingDir: '/', hasTerminal: tty }
  const program = execProgram(['stty', ...args], { ...machine, now: () => 0, unknownPrograms: undefined })
  assert.ok(program !== undefined)
  const { signal } = new AbortController()
  const sized = terminalSize === undefined ? {} : { terminalSize }
  const streams = { stdin: undefined, stdout: show, stderr: show, signal, ...sized }
  const outcome = await runExec(program, streams, { clock: systemClock, tty, containerEnded: signal })
  return [outcome, shown]
}

const exited = (exitCode: number): CommandOutcome => ({ kind: 'exited', exitCode })

test('stty tells the size of the client’s terminal, rows first', async () => {
  assert.deepEqual(await stty(['size'], true, async () => ({ columns: 132, rows: 50 })), [exited(0), '50 132\r\n'])
  assert.deepEqual(await stty(['-echo'], true), [exited(0), ''])
})

test('a terminal whose size nobody tells has none, and without a terminal stty fails', async () => {
  assert.deepEqual(await stty(['size'], true, async () => undefined), [exited(0), '0 0\r\n'])
  assert.deepEqual(await stty(['size'], true), [exited(0), '0 0\r\n'])
  assert.deepEqual(await stty(['size'], false), [exited(1), 'stty: standard input: Inappropriate ioctl for device\n'])
})
