// Programs that read lines and print some of them: head, tail, grep, wc, sort, tr, tee and the like.
import { readAll, type Input, type Running, type Streams } from './machine.ts'
import { resolvePath } from './paths.ts'
import type { Builtin } from './shell-builtins.ts'
import type { Shell } from './shell.ts'

export const filterPrograms: readonly (readonly [string, Builtin])[] = [
  ['head', (shell, args, streams) => withText(shell, args, streams, (lines, count) => lines.slice(0, count))],
  ['tail', (shell, args, streams) => withText(shell, args, streams, (lines, count) => lines.slice(-count))],
  ['sort', (shell, args, streams) => withText(shell, args, streams, sorted(args))],
  ['uniq', (shell, args, streams) => withText(shell, args, streams, unique)],
  ['tac', (shell, args, streams) => withText(shell, args, streams, (lines) => lines.toReversed())],
  ['grep', grep],
  ['wc', countWords],
  ['tee', tee],
  ['base64', base64],
  [
    'basename',
    (_shell, [path = ''], streams) => print(`${path.replace(/\/+$/, '').split('/').at(-1) ?? ''}\n`, streams),
  ],
  ['dirname', (_shell, [path = ''], streams) => print(`${path.split('/').slice(0, -1).join('/') || '.'}\n`, streams)],
]

const DEFAULT_LINES = 10

function* print(text: string, streams: Streams): Running<number> {
  yield* streams.out.write(text)
  return 0
}

/** `-n 5`, `-n5`, `-5`. */
function lineCount(args: readonly string[]): number {
  const at = args.indexOf('-n')
  const text = at >= 0 ? args[at + 1] : args.find((arg) => /^-n?\d+$/.test(arg))?.replace(/^-n?/, '')
  return Number.parseInt(text ?? '', 10) || DEFAULT_LINES
}

/** Paths among the arguments: not flags, and not the number after `-n`. */
function pathsOf(args: readonly string[]): readonly string[] {
  return args.filter((arg, index) => !arg.startsWith('-') && args[index - 1] !== '-n')
}

/** The text of the files named, or of the input; undefined where a file is not there. */
function* textOf(shell: Shell, paths: readonly string[], input: Input): Running<string | undefined> {
  if (paths.length === 0) return yield* readAll(input)
  const texts = paths.map((path) => shell.machine.files.read(resolvePath(shell.workingDir, path)))
  return texts.includes(undefined) ? undefined : texts.join('')
}

function* withText(
  shell: Shell,
  args: readonly string[],
  streams: Streams,
  filter: (lines: readonly string[], count: number) => readonly string[],
): Running<number> {
  const text = yield* textOf(shell, pathsOf(args), streams.in)
  if (text === undefined) return yield* missing(args, streams)
  const lines = text.match(/[^\n]*\n|[^\n]+$/g) ?? []
  return yield* print(filter(lines, lineCount(args)).join(''), streams)
}

function* missing(args: readonly string[], streams: Streams): Running<number> {
  yield* streams.err.write(`${pathsOf(args).join(' ')}: No such file or directory\n`)
  return 1
}

function sorted(args: readonly string[]): (lines: readonly string[]) => readonly string[] {
  const byNumber = args.some((arg) => /^-[a-z]*n/.test(arg))
  const order = byNumber ? (a: string, b: string) => Number.parseFloat(a) - Number.parseFloat(b) : undefined
  return (lines) => {
    const result = lines.toSorted(order)
    return args.some((arg) => /^-[a-z]*r/.test(arg)) ? result.toReversed() : result
  }
}

function unique(lines: readonly string[]): readonly string[] {
  return lines.filter((line, index) => line !== lines[index - 1])
}

/** Patterns are plain texts with `^`, `$`, `.` and `.*`: anything else of regular expressions is taken literally. */
function* grep(shell: Shell, args: readonly string[], streams: Streams): Running<number> {
  const flags = args.filter((arg) => /^-[a-zA-Z]+$/.test(arg)).join('')
  const [pattern = '', ...paths] = args.filter((arg) => !/^-[a-zA-Z]+$/.test(arg))
  const text = yield* textOf(shell, paths, streams.in)
  if (text === undefined) return 2
  const matches = lineMatcher(pattern, flags.includes('i'))
  const lines = (text.match(/[^\n]*\n|[^\n]+$/g) ?? []).filter(
    (line) => matches(line.replace(/\n$/, '')) !== flags.includes('v'),
  )
  if (flags.includes('c')) yield* streams.out.write(`${lines.length}\n`)
  else if (!flags.includes('q')) yield* streams.out.write(lines.join(''))
  return lines.length === 0 ? 1 : 0
}

function lineMatcher(pattern: string, ignoresCase: boolean): (line: string) => boolean {
  const fold = (text: string): string => (ignoresCase ? text.toLowerCase() : text)
  const pieces = fold(pattern).replace(/^\^/, '').replace(/\$$/, '').split('.*')
  const [isStart, isEnd] = [pattern.startsWith('^'), pattern.endsWith('$')]
  return (line) => {
    const folded = fold(line)
    let at = 0
    for (const [index, piece] of pieces.entries()) {
      const found = folded.indexOf(piece, at)
      if (found < 0 || (index === 0 && isStart && found !== 0)) return false
      at = found + piece.length
    }
    return !isEnd || folded.endsWith(pieces.at(-1) ?? '')
  }
}

function* countWords(shell: Shell, args: readonly string[], streams: Streams): Running<number> {
  const text = yield* textOf(shell, pathsOf(args), streams.in)
  if (text === undefined) return yield* missing(args, streams)
  const counts = [
    ['l', text.split('\n').length - 1],
    ['w', text.split(/\s+/).filter((word) => word !== '').length],
    ['c', text.length],
  ] as const
  const flags = args.filter((arg) => arg.startsWith('-')).join('')
  const shown = counts.filter(([flag]) => flags === '' || flags.includes(flag)).map(([, count]) => count)
  return yield* print(`${shown.join(' ')}\n`, streams)
}

function* tee(shell: Shell, args: readonly string[], streams: Streams): Running<number> {
  const text = yield* readAll(streams.in)
  for (const path of pathsOf(args)) shell.machine.files.write(resolvePath(shell.workingDir, path), text)
  return yield* print(text, streams)
}

function* base64(shell: Shell, args: readonly string[], streams: Streams): Running<number> {
  const text = yield* textOf(shell, pathsOf(args), streams.in)
  if (text === undefined) return yield* missing(args, streams)
  const isDecoding = args.includes('-d') || args.includes('--decode')
  if (isDecoding) return yield* print(Buffer.from(text, 'base64').toString('latin1'), streams)
  return yield* print(`${Buffer.from(text, 'latin1').toString('base64')}\n`, streams)
}
