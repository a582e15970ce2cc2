// The programs a simulated container has, as far as they are interpreted.
import { filterPrograms } from './filter-programs.ts'
import { NOTHING, type Running, type Streams } from './machine.ts'
import { resolvePath } from './paths.ts'
import { BUILTINS, runShell, type Builtin } from './shell-builtins.ts'
import type { Shell } from './shell.ts'
import { evaluateTest } from './test-program.ts'

const SHELLS: ReadonlySet<string> = new Set(['sh', 'bash', 'ash', 'dash', 'zsh'])

/** The running program of some words; undefined where there is none of that name. Nothing happens before it is asked to go on. */
export function runProgram(shell: Shell, words: readonly string[], streams: Streams): Running<number> | undefined {
  const [path = '', ...args] = words
  const name = path.slice(path.lastIndexOf('/') + 1)
  const builtin = path === name ? BUILTINS.get(name) : undefined
  if (builtin !== undefined) return builtin(shell, args, streams)
  if (SHELLS.has(name)) return runShell(shell, args, streams)
  return PROGRAMS.get(name)?.(shell, args, streams)
}

/** Whether a container has a program of that name or path, as a runtime looks for it: builtins of the shell are none. */
export function hasProgram(path: string): boolean {
  const name = path.slice(path.lastIndexOf('/') + 1)
  return path !== '' && (SHELLS.has(name) || PROGRAMS.has(name))
}

const PROGRAMS: ReadonlyMap<string, Builtin> = new Map<string, Builtin>([
  ['true', () => ends(0)],
  [':', () => ends(0)],
  ['false', () => ends(1)],
  // The end-to-end tests of Argo CD have an image with a program of this name.
  ['fail', () => ends(127)],
  ['echo', echo],
  ['printf', printf],
  ['sleep', sleep],
  ['stty', stty],
  ['pause', forever],
  ['env', env],
  ['printenv', printenv],
  ['pwd', (shell, _args, streams) => prints(`${shell.workingDir}\n`, streams)],
  ['hostname', (shell, _args, streams) => prints(`${shell.machine.hostname}\n`, streams)],
  ['whoami', (_shell, _args, streams) => prints('root\n', streams)],
  [
    'id',
    (_shell, args, streams) => prints(args[0] === '-u' ? '0\n' : 'uid=0(root) gid=0(root) groups=0(root)\n', streams),
  ],
  ['uname', uname],
  ['date', date],
  ['cat', cat],
  ['ls', list],
  ['test', (shell, args) => ends(evaluateTest(args, shell) ? 0 : 1)],
  ['[', (shell, args) => ends(evaluateTest(args.slice(0, -1), shell) ? 0 : 1)],
  ['mkdir', makeDirectories],
  ['touch', touch],
  ['rm', remove],
  ['which', which],
  ['seq', sequence],
  ['chmod', () => ends(0)],
  ['chown', () => ends(0)],
  ['kill', () => ends(0)],
  ...filterPrograms,
])

function* ends(status: number): Running<number> {
  yield* NOTHING
  return status
}

function* prints(text: string, streams: Streams): Running<number> {
  yield* streams.out.write(text)
  return 0
}

function* forever(): Running<number> {
  yield { kind: 'forever' }
  return 0
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', '\\': '\\', '0': '\0', a: '\x07' }

function unescaped(text: string): string {
  return text.replaceAll(/\\(?<letter>[ntr\\0a])/g, (_whole, letter: string) => ESCAPES[letter] ?? letter)
}

function* echo(_shell: Shell, args: readonly string[], streams: Streams): Running<number> {
  let words = args
  let hasEnd = true
  let hasEscapes = false
  while (/^-[neE]+$/.test(words[0] ?? '')) {
    hasEnd &&= words[0]?.includes('n') !== true
    hasEscapes ||= words[0]?.includes('e') === true
    words = words.slice(1)
  }
  const text = words.join(' ')
  yield* streams.out.write((hasEscapes ? unescaped(text) : text) + (hasEnd ? '\n' : ''))
  return 0
}

/** The format again and again until every argument is used. */
function* printf(_shell: Shell, args: readonly string[], streams: Streams): Running<number> {
  const [format = '', ...rest] = args
  let left = rest
  do {
    const before = left
    const text = format.replaceAll(
      /\\[ntr\\0a]|%(?<width>-?0?\d{0,3})(?<letter>[sdb%])/g,
      (whole: string, ...found) => {
        // Named groups come last.
        const { width = '', letter } = found.at(-1) as { width?: string; letter?: string }
        if (letter === undefined) return unescaped(whole)
        if (letter === '%') return '%'
        const [value = letter === 'd' ? '0' : '', ...more] = left
        left = more
        const body = letter === 'b' ? unescaped(value) : value
        const size = Math.abs(Number(width) || 0)
        return width.startsWith('-') ? body.padEnd(size) : body.padStart(size, width.startsWith('0') ? '0' : ' ')
      },
    )
    yield* streams.out.write(text)
    if (left === before) break
  } while (left.length > 0)
  return 0
}

const UNIT_MS: Readonly<Record<string, number>> = { '': 1000, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** `stty size`, and settings, which change nothing: no program here would notice. */
function* stty(shell: Shell, [word]: readonly string[], streams: Streams): Running<number> {
  if (!shell.machine.hasTerminal) {
    yield* streams.err.write('stty: standard input: Inappropriate ioctl for device\n')
    return 1
  }
  if (word !== 'size') return 0
  const size = yield { kind: 'size' }
  yield* streams.out.write(`${size ?? '0 0'}\n`)
  return 0
}

function* sleep(_shell: Shell, args: readonly string[], streams: Streams): Running<number> {
  let ms = 0
  for (const word of args) {
    if (word === 'infinity' || word === 'inf') yield { kind: 'forever' }
    const { number, unit = '' } = /^(?<number>\d{1,12}(?:\.\d{1,9})?)(?<unit>[smhd]?)$/.exec(word)?.groups ?? {}
    if (number === undefined) {
      yield* streams.err.write(`sleep: invalid time interval '${word}'\n`)
      return 1
    }
    ms += Number(number) * (UNIT_MS[unit] ?? 1000)
  }
  yield { kind: 'sleep', ms }
  return 0
}

function* env(shell: Shell, args: readonly string[], streams: Streams): Running<number> {
  const child = shell.child()
  let rest = args
  for (; /^-i$|^[A-Za-z_]\w*=/.test(rest[0] ?? ''); rest = rest.slice(1)) {
    const [word = ''] = rest
    if (word === '-i') child.exported.clear()
    else {
      child.set(word.slice(0, word.indexOf('=')), word.slice(word.indexOf('=') + 1))
      child.exported.add(word.slice(0, word.indexOf('=')))
    }
  }
  if (rest.length > 0) return yield* child.command(rest, streams, true)
  const lines = Object.entries(child.environment()).map(([name, value]) => `${name}=${value}\n`)
  return yield* prints(lines.join(''), streams)
}

function* printenv(shell: Shell, args: readonly string[], streams: Streams): Running<number> {
  const variables = shell.environment()
  if (args.length === 0) return yield* env(shell, [], streams)
  let status = 0
  for (const name of args) {
    const value = variables[name]
    if (value === undefined) status = 1
    else yield* streams.out.write(`${value}\n`)
  }
  return status
}

function* uname(shell: Shell, args: readonly string[], streams: Streams): Running<number> {
  const all = `Linux ${shell.machine.hostname} 6.1.0 #1 SMP x86_64 Linux`
  const parts: Readonly<Record<string, string>> = {
    '-a': all,
    '-n': shell.machine.hostname,
    '-r': '6.1.0',
    '-m': 'x86_64',
  }
  return yield* prints(`${parts[args[0] ?? ''] ?? 'Linux'}\n`, streams)
}

/** In UTC, as containers are. */
function* date(shell: Shell, args: readonly string[], streams: Streams): Running<number> {
  const now = new Date(shell.machine.now())
  const format = args.find((arg) => arg.startsWith('+'))?.slice(1)
  if (format !== undefined) return yield* prints(`${formatDate(now, format)}\n`, streams)
  return yield* prints(`${formatDate(now, '%a %b %e %H:%M:%S UTC %Y')}\n`, streams)
}

function formatDate(now: Date, format: string): string {
  const [week = '', day = '', month = ''] = now.toUTCString().split(/,? /)
  const iso = now.toISOString()
  const parts: Readonly<Record<string, string>> = {
    a: week,
    b: month,
    d: day,
    e: day.replace(/^0/, ' '),
    Y: iso.slice(0, 4),
    y: iso.slice(2, 4),
    m: iso.slice(5, 7),
    H: iso.slice(11, 13),
    M: iso.slice(14, 16),
    S: iso.slice(17, 19),
    F: iso.slice(0, 10),
    T: iso.slice(11, 19),
    N: `${iso.slice(20, 23)}000000`,
    s: String(Math.floor(now.getTime() / 1000)),
    Z: 'UTC',
    z: '+0000',
    '%': '%',
  }
  return format.replaceAll(/%(?<letter>[A-Za-z%])/g, (whole: string, letter: string) => parts[letter] ?? whole)
}

function* cat(shell: Shell, args: readonly string[], streams: Streams): Running<number> {
  const paths = args.filter((arg) => !/^-[a-zA-Z]/.test(arg))
  let status = 0
  for (const path of paths.length === 0 ? ['-'] : paths) {
    const full = resolvePath(shell.workingDir, path)
    if (path === '-') {
      for (let line = yield* streams.in.read(); line !== undefined; line = yield* streams.in.read())
        yield* streams.out.write(line)
      continue
    }
    const text = shell.machine.files.read(full)
    if (text !== undefined) {
      yield* streams.out.write(text)
      continue
    }
    const isDirectory = shell.machine.files.list(full) !== undefined
    yield* streams.err.write(
      isDirectory ? `cat: read error: Is a directory\n` : `cat: can't open '${path}': No such file or directory\n`,
    )
    status = 1
  }
  return status
}

function* list(shell: Shell, args: readonly string[], streams: Streams): Running<number> {
  const paths = args.filter((arg) => !arg.startsWith('-'))
  const flags = args.filter((arg) => arg.startsWith('-')).join('')
  let status = 0
  for (const path of paths.length === 0 ? ['.'] : paths) {
    const full = resolvePath(shell.workingDir, path)
    const names = shell.machine.files.list(full)
    const file = shell.machine.files.read(full)
    if (names === undefined && file === undefined) {
      yield* streams.err.write(`ls: ${path}: No such file or directory\n`)
      status = 1
      continue
    }
    const shown = names === undefined ? [path] : names.filter((name) => flags.includes('a') || !name.startsWith('.'))
    if (paths.length > 1 && names !== undefined) yield* streams.out.write(`${path}:\n`)
    yield* streams.out.write(
      shown.map((name) => listLine(shell, { name, full, isFile: names === undefined }, flags)).join(''),
    )
  }
  return status
}

function listLine(
  shell: Shell,
  entry: { readonly name: string; readonly full: string; readonly isFile: boolean },
  flags: string,
): string {
  if (!flags.includes('l')) return `${entry.name}\n`
  const path = entry.isFile ? entry.full : resolvePath(entry.full, entry.name)
  const text = shell.machine.files.read(path)
  const when = formatDate(new Date(shell.machine.now()), '%b %e %H:%M')
  const size = String(text?.length ?? 4096).padStart(9)
  return `${text === undefined ? 'drwxr-xr-x' : '-rw-r--r--'}    1 root     root     ${size} ${when} ${entry.name}\n`
}

function* makeDirectories(shell: Shell, args: readonly string[], streams: Streams): Running<number> {
  const asksForParents = args.some((arg) => /^-[a-z]*p/.test(arg) || arg === '--parents')
  let status = 0
  for (const path of args.filter((arg) => !arg.startsWith('-'))) {
    const full = resolvePath(shell.workingDir, path)
    const isThere = shell.machine.files.list(full) !== undefined
    if (isThere && asksForParents) continue
    const refused = isThere ? 'File exists' : shell.machine.files.makeDirectory(full)
    if (refused === undefined) continue
    yield* streams.err.write(`mkdir: can't create directory '${path}': ${refused}\n`)
    status = 1
  }
  return status
}

function* touch(shell: Shell, args: readonly string[], streams: Streams): Running<number> {
  let status = 0
  for (const path of args.filter((arg) => !arg.startsWith('-'))) {
    const full = resolvePath(shell.workingDir, path)
    const refused = shell.machine.files.read(full) === undefined ? shell.machine.files.write(full, '') : undefined
    if (refused === undefined) continue
    yield* streams.err.write(`touch: ${path}: ${refused}\n`)
    status = 1
  }
  return status
}

function* remove(shell: Shell, args: readonly string[], streams: Streams): Running<number> {
  const isForced = args.some((arg) => /^-[a-z]*f/.test(arg))
  let status = 0
  for (const path of args.filter((arg) => !arg.startsWith('-'))) {
    if (shell.machine.files.remove(resolvePath(shell.workingDir, path)) || isForced) continue
    yield* streams.err.write(`rm: can't remove '${path}': No such file or directory\n`)
    status = 1
  }
  return status
}

function* which(_shell: Shell, args: readonly string[], streams: Streams): Running<number> {
  let status = 0
  for (const name of args) {
    if (hasProgram(name)) yield* streams.out.write(`/bin/${name}\n`)
    else status = 1
  }
  return status
}

/** Numbers at most: more than that nobody reads. */
const MAX_SEQUENCE = 100_000

function* sequence(_shell: Shell, args: readonly string[], streams: Streams): Running<number> {
  const numbers = args.map(Number)
  if (numbers.length === 0 || numbers.some(Number.isNaN)) return 1
  const first = numbers.length === 1 ? 1 : (numbers[0] ?? 1)
  const step = numbers.length === 3 ? (numbers[1] ?? 1) : 1
  const last = numbers.at(-1) ?? 0
  if (step === 0) return 1
  const lines: string[] = []
  for (let at = first; (step > 0 ? at <= last : at >= last) && lines.length < MAX_SEQUENCE; at += step)
    lines.push(`${at}\n`)
  return yield* prints(lines.join(''), streams)
}
