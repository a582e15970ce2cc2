// Commands that change the shell they run in: exit, cd, export, set, read and the like.
import { NOTHING, type Running, type Streams } from './machine.ts'
import { parseScript } from './parse.ts'
import { resolvePath } from './paths.ts'
import type { Shell } from './shell.ts'

export type Builtin = (shell: Shell, args: readonly string[], streams: Streams) => Running<number>

export const BUILTINS: ReadonlyMap<string, Builtin> = new Map<string, Builtin>([
  ['exit', exit],
  ['return', leaveFunction],
  ['break', (shell, args) => leaveLoop(shell, 'break', args)],
  ['continue', (shell, args) => leaveLoop(shell, 'continue', args)],
  ['cd', changeDirectory],
  ['export', exportNames],
  ['readonly', exportNames],
  ['local', exportNames],
  ['unset', unset],
  ['set', set],
  ['shift', shift],
  ['read', read],
  ['eval', evaluate],
  ['.', source],
  ['source', source],
  ['exec', execute],
  ['command', execute],
  ['trap', nothing],
  ['umask', nothing],
  ['ulimit', nothing],
  ['wait', nothing],
])

function* nothing(): Running<number> {
  yield* NOTHING
  return 0
}

function* exit(shell: Shell, args: readonly string[]): Running<number> {
  yield* NOTHING
  const status = args[0] === undefined ? shell.status : statusOf(args[0])
  shell.jump = { kind: 'exit', levels: 0 }
  return status
}

function statusOf(text: string): number {
  return (Number.parseInt(text, 10) || 0) & 255
}

function* leaveFunction(shell: Shell, args: readonly string[]): Running<number> {
  yield* NOTHING
  shell.jump = { kind: 'return', levels: 0 }
  return args[0] === undefined ? shell.status : statusOf(args[0])
}

function* leaveLoop(shell: Shell, kind: 'break' | 'continue', args: readonly string[]): Running<number> {
  yield* NOTHING
  shell.jump = { kind, levels: Math.max(1, Number.parseInt(args[0] ?? '1', 10) || 1) }
  return 0
}

function* changeDirectory(shell: Shell, args: readonly string[], streams: Streams): Running<number> {
  const target = args[0] ?? shell.value('HOME') ?? '/'
  const path = resolvePath(shell.workingDir, target)
  if (shell.machine.files.list(path) === undefined) {
    yield* streams.err.write(`${shell.name}: cd: can't cd to ${target}: No such file or directory\n`)
    // A container's own command may rely on files of its image, which are not known.
    if (shell.machine.unknownPrograms === undefined) return 2
  }
  shell.workingDir = path
  return 0
}

function* exportNames(shell: Shell, args: readonly string[]): Running<number> {
  yield* NOTHING
  for (const arg of args) {
    const { name, value } = /^(?<name>[A-Za-z_]\w*)(?:=(?<value>[^]*))?$/.exec(arg)?.groups ?? {}
    if (name === undefined) continue
    if (value !== undefined) shell.set(name, value)
    shell.exported.add(name)
  }
  return 0
}

function* unset(shell: Shell, args: readonly string[]): Running<number> {
  yield* NOTHING
  for (const name of args) {
    shell.variables.delete(name)
    shell.exported.delete(name)
    shell.functions.delete(name)
  }
  return 0
}

function* set(shell: Shell, args: readonly string[]): Running<number> {
  yield* NOTHING
  for (const [index, arg] of args.entries()) {
    if (!/^[-+]/.test(arg) || arg === '--') {
      shell.args = arg === '--' ? args.slice(index + 1) : args.slice(index)
      break
    }
    if (arg.includes('e')) shell.stopsOnError = arg.startsWith('-')
    // `-o pipefail` and the like have a word after them.
    if (arg.endsWith('o')) return 0
  }
  return 0
}

function* shift(shell: Shell, args: readonly string[]): Running<number> {
  yield* NOTHING
  const count = args[0] === undefined ? 1 : statusOf(args[0])
  if (count > shell.args.length) return 1
  shell.args = shell.args.slice(count)
  return 0
}

/** One line into one or several variables; the last takes what is left. */
function* read(shell: Shell, args: readonly string[], streams: Streams): Running<number> {
  const line = yield* streams.in.read()
  const names = args.filter((arg) => !arg.startsWith('-'))
  const words = (line ?? '').trim().split(/[ \t]+/)
  for (const [index, name] of names.entries()) {
    shell.set(name, index === names.length - 1 ? words.slice(index).join(' ') : (words[index] ?? ''))
  }
  return line === undefined ? 1 : 0
}

/** How often scripts may call for scripts. */
const MAX_NESTED = 20

function* evaluate(shell: Shell, args: readonly string[], streams: Streams): Running<number> {
  return yield* shell.nested(MAX_NESTED, () => shell.run(parseScript(args.join(' ')), streams))
}

function* source(shell: Shell, args: readonly string[], streams: Streams): Running<number> {
  const [path = ''] = args
  const text = shell.machine.files.read(resolvePath(shell.workingDir, path))
  if (text !== undefined) return yield* shell.nested(MAX_NESTED, () => shell.run(parseScript(text), streams))
  if (shell.machine.unknownPrograms !== undefined) return 0
  yield* streams.err.write(`${shell.name}: .: can't open '${path}': No such file or directory\n`)
  return 2
}

/** What runs in place of the shell: the same here, as nothing comes after it. */
function* execute(shell: Shell, args: readonly string[], streams: Streams): Running<number> {
  const words = args.filter((arg, index) => !(index === 0 && /^-[pvV]$/.test(arg)))
  if (args[0] === '-v' || args[0] === '-V') return yield* locate(shell, words, streams)
  if (words.length === 0) return 0
  return yield* shell.command(words, streams, true)
}

function* locate(shell: Shell, words: readonly string[], streams: Streams): Running<number> {
  const [name = ''] = words
  if (!shell.isProgram(name)) return 127
  yield* streams.out.write(`${BUILTINS.has(name) ? name : `/bin/${name}`}\n`)
  return 0
}

/** Runs `sh` itself: a script given with `-c`, a file of the container, or what its input says, line by line. */
export function* runShell(parent: Shell, args: readonly string[], streams: Streams): Running<number> {
  const shell = parent.child()
  const { script, rest } = shellFlags(shell, args)
  const [path, ...more] = rest
  shell.args = more
  if (script !== undefined) {
    shell.name = path ?? shell.name
    return yield* shell.run(parseScript(script), streams, true)
  }
  if (path === undefined) return yield* converse(shell, streams)
  const text = shell.machine.files.read(resolvePath(shell.workingDir, path))
  if (text !== undefined) return yield* shell.run(parseScript(text), streams, true)
  if (shell.machine.unknownPrograms !== undefined) return yield* shell.command(rest, streams, true)
  yield* streams.err.write(`${shell.name}: can't open '${path}': No such file or directory\n`)
  return 2
}

/** The script of `-c`, and what stands after the flags. */
function shellFlags(
  shell: Shell,
  args: readonly string[],
): { readonly script: string | undefined; readonly rest: readonly string[] } {
  const rest = [...args]
  let isScript = false
  while (rest[0]?.startsWith('-') === true) {
    const flag = rest.shift() ?? ''
    if (flag === '--') break
    if (flag.includes('e') && !flag.startsWith('--')) shell.stopsOnError = true
    if (/^-[a-z]*c[a-z]*$/.test(flag)) isScript = true
    if (/^-[a-z]*o$/.test(flag)) rest.shift()
  }
  return { script: isScript ? (rest.shift() ?? '') : undefined, rest }
}

/** Reads commands until the input or the shell ends; with a terminal it asks for them. */
function* converse(shell: Shell, streams: Streams): Running<number> {
  const isAsking = shell.machine.hasTerminal
  let script = ''
  for (;;) {
    if (isAsking) yield* streams.err.write(script === '' ? `${shell.workingDir} # ` : '> ')
    const line = yield* streams.in.read()
    if (line === undefined) break
    script += line
    const node = shell.parsed(script)
    if (node === 'incomplete') continue
    script = ''
    if (typeof node === 'string') {
      yield* streams.err.write(`${shell.name}: ${node}\n`)
      shell.status = 2
    } else yield* shell.attended(() => shell.run(node, streams), streams)
    if (shell.jump !== undefined) return shell.status
  }
  return shell.status
}
