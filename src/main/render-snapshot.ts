// `capstan render` as tools/build-snapshot.js puts it into a V8 snapshot: loaded, compiled and warm before a process begins with it.
import { readFileSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { startupSnapshot } from 'node:v8'
import type { Command } from 'commander'
import { buildRenderProgram } from '../cli/render-program.ts'
import { runProgram } from './run-program.ts'
import { runRender } from './render.ts'
import { startAnew } from './start-anew.ts'

/** A source the snapshot was built from, as a path below the root, with its size and time. */
type Mark = readonly [path: string, size: number, mtimeMs: number]

const NEVER = new AbortController().signal

void prepare()

/** The words are the file of marks, and folders to get warm on; what they print goes nowhere. */
async function prepare(): Promise<void> {
  const [marksFile = '', ...folders] = process.argv.slice(2)
  const marks = JSON.parse(readFileSync(marksFile, 'utf8')) as readonly Mark[] // written by tools/build-snapshot.js
  for (const folder of folders) await programUntil(() => NEVER).parseAsync(['', '', 'render', folder])

  let signal = NEVER
  const program = programUntil(() => signal)
  startupSnapshot.setDeserializeMainFunction(() => {
    if (!areCurrent(marks)) startAnew()
    void runProgram(async (_words, interrupted) => {
      signal = interrupted
      return program
    })
  })
}

function programUntil(signal: () => AbortSignal): Command {
  return buildRenderProgram((directory, flags) => runRender(directory, flags, signal()))
}

/** Whether the sources below the folder of the launcher, bin/capstan, are those the snapshot was built from. */
function areCurrent(expected: readonly Mark[]): boolean {
  const root = dirname(dirname(process.argv[1] ?? ''))
  return expected.every(([path, size, mtimeMs]) => {
    const found = statSync(`${root}/${path}`, { throwIfNoEntry: false })
    return found?.size === size && found.mtimeMs === mtimeMs
  })
}
