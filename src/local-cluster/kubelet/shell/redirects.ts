// Where a command of a shell script reads from and writes to: `<`, `>`, `>>`, `<<<`, `>&`.
import { expandWord, type Surroundings } from './expand.ts'
import {
  noOutput,
  NOTHING,
  ownOutput,
  ProgramStop,
  textInput,
  type Input,
  type Output,
  type Running,
  type Streams,
} from './machine.ts'
import { resolvePath } from './paths.ts'
import type { Redirect } from './syntax.ts'

/** The streams of a command, each redirect over the one before. A text says why a file could not be opened. */
export function* redirect(
  shell: Surroundings,
  redirects: readonly Redirect[],
  streams: Streams,
): Running<Streams | string> {
  let result = streams
  for (const one of redirects) {
    const target = yield* expandWord(shell, one.target, streams)
    const next = applyRedirect(shell, { ...one, target }, result)
    if (typeof next === 'string') return next
    result = next
  }
  return result
}

type ReadyRedirect = Omit<Redirect, 'target'> & { readonly target: string }

function applyRedirect(
  shell: Surroundings,
  { from, operator, target }: ReadyRedirect,
  streams: Streams,
): Streams | string {
  if (operator === '<<<') return { ...streams, in: textInput(`${target}\n`) }
  if (operator === '<') {
    const input = inputFile(shell, target)
    return typeof input === 'string' ? input : { ...streams, in: input }
  }
  const output = operator === '>&' ? sameAs(target, streams) : outputFile(shell, target, operator === '>>')
  if (typeof output === 'string') return output
  return from === 2 ? { ...streams, err: output } : { ...streams, out: output }
}

function inputFile({ machine, workingDir }: Surroundings, path: string): Input | string {
  if (path === '/dev/null') return textInput('')
  const text = machine.files.read(resolvePath(workingDir, path))
  return text === undefined ? `can't open ${path}: no such file` : textInput(text)
}

function outputFile({ machine: { files }, workingDir }: Surroundings, path: string, appends: boolean): Output | string {
  if (path === '/dev/null') return noOutput
  if (path === '/dev/stdout' || path === '/proc/1/fd/1') return ownOutput(1)
  if (path === '/dev/stderr' || path === '/proc/1/fd/2') return ownOutput(2)
  const full = resolvePath(workingDir, path)
  const write = (text: string): string | undefined => files.write(full, text)
  const refused = write(appends ? (files.read(full) ?? '') : '')
  if (refused !== undefined) return `can't create ${path}: ${refused}`
  return {
    *write(text) {
      yield* NOTHING
      const error = write((files.read(full) ?? '') + text)
      if (error !== undefined) throw new ProgramStop(`write error: ${error}`, 1)
    },
  }
}

function sameAs(target: string, streams: Streams): Output | string {
  if (target === '1') return streams.out
  if (target === '2') return streams.err
  return target === '-' ? noOutput : `${target}: bad file descriptor`
}
