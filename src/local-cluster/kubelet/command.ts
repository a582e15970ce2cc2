// What a container's command would do, worked out without running anything: prints, sleeps, an exit code, or no end.
import type { Container } from '../workloads/kit/model.ts'
import { shellTokens, type ShellToken } from './shell-words.ts'

/** Longer scripts are not read: they count as an unknown program. */
export const MAX_SCRIPT_LENGTH: number = 64 * 1024

export type Step = { readonly kind: 'print'; readonly text: string } | { readonly kind: 'sleep'; readonly ms: number }

export interface Plan {
  readonly steps: readonly Step[]
  /** Undefined where it never ends by itself. */
  readonly exitCode: number | undefined
}

const FOREVER: Plan = { steps: [], exitCode: undefined }
const SHELLS: ReadonlySet<string> = new Set(['sh', 'bash', 'ash', 'dash', 'zsh'])
const ENDLESS =
  /^\s*(?:\w+=\S*\s*;?\s*)*(?:while\s+(?:true|:|sleep\s+\S+)|until\s+false|for\s*\(\(\s*;\s*;\s*\)\))\s*(?:;|\n)\s*do\b/m
const KEYWORDS: ReadonlySet<string> = new Set(['if', 'for', 'while', 'until', 'case', 'function', 'select', '{', '[['])

/**
 * The plan of a container. `runsToCompletion` is true for pods that are not restarted when they succeed: there an unknown
 * program ends well at once, elsewhere it is a server that runs on.
 */
export function planOf(container: Container, runsToCompletion: boolean): Plan {
  const words = [...(container.command ?? []), ...(container.args ?? [])]
  const unknown: Plan = runsToCompletion ? { steps: [], exitCode: 0 } : FOREVER
  if (container.command === undefined && !isSelfContained(words)) return unknown
  const variables = Object.fromEntries((container.env ?? []).map(({ name, value = '' }) => [name, value]))
  const expanded = words.map((word) => expand(word, variables))
  return planOfWords(expanded, variables, unknown) ?? unknown
}

/** Arguments without a command go to the image's own entry point, which is not known, unless they name a program we know. */
function isSelfContained(words: readonly string[]): boolean {
  const program = programOf(words[0] ?? '')
  return SHELLS.has(program) || simpleCommand(program, []) !== undefined
}

/** `$(NAME)` in command and args is replaced by the kubelet; `$$` is a dollar. */
function expand(word: string, variables: Readonly<Record<string, string>>): string {
  return word.replace(/\$\$|\$\((?<name>[A-Za-z_][\w.-]*)\)/g, (whole: string, name: string | undefined) => {
    if (whole === '$$') return '$'
    return name === undefined ? whole : (variables[name] ?? whole)
  })
}

function planOfWords(
  words: readonly string[],
  variables: Readonly<Record<string, string>>,
  unknown: Plan,
): Plan | undefined {
  const [first = '', ...rest] = words
  const program = programOf(first)
  if (!SHELLS.has(program)) {
    const result = simpleCommand(program, rest)
    return result === undefined ? undefined : { steps: result.steps, exitCode: result.exitCode }
  }
  const flag = rest.findIndex((word) => /^-[a-z]*c$/.test(word))
  const script = rest[flag + 1]
  if (flag < 0 || script === undefined || script.length > MAX_SCRIPT_LENGTH) return undefined
  return planOfScript(script, variables, unknown)
}

function planOfScript(script: string, variables: Readonly<Record<string, string>>, unknown: Plan): Plan | undefined {
  if (ENDLESS.test(script)) return endless(script, variables)
  const tokens = shellTokens(script, variables)
  if (tokens === undefined) return undefined
  const commands = commandsOf(tokens)
  if (commands.some(({ words }) => KEYWORDS.has(words[0] ?? ''))) return undefined
  return runCommands(commands, unknown)
}

/** What stands before an endless loop is printed, and one round of the loop's echoes; then it only runs. */
function endless(script: string, variables: Readonly<Record<string, string>>): Plan {
  const steps: Step[] = []
  for (const line of script.split(/[;\n]|\bdo\b/)) {
    const tokens = line.trim().startsWith('echo ') ? shellTokens(line.trim(), variables) : undefined
    if (tokens === undefined) continue
    const result = simpleCommand(
      'echo',
      tokens.slice(1).map(({ text }) => text),
    )
    if (result !== undefined) steps.push(...result.steps)
  }
  return { steps, exitCode: undefined }
}

interface Command {
  readonly words: readonly string[]
  /** What joins it to the command before. */
  readonly after: string
}

function commandsOf(tokens: readonly ShellToken[]): readonly Command[] {
  const commands: { words: string[]; after: string }[] = [{ words: [], after: ';' }]
  for (const token of tokens) {
    if (token.kind === 'operator') commands.push({ words: [], after: token.text })
    else commands.at(-1)?.words.push(token.text)
  }
  return commands.filter(({ words }) => words.length > 0)
}

interface Result {
  readonly steps: readonly Step[]
  readonly exitCode: number | undefined
  /** Ends the whole script. */
  readonly exits?: boolean
}

function runCommands(commands: readonly Command[], unknown: Plan): Plan {
  const results: Result[] = []
  let status = 0
  for (const [index, { words, after }] of commands.entries()) {
    if ((after === '&&' && status !== 0) || (after === '||' && status === 0)) continue
    const result = runCommand(words, index === commands.length - 1 ? unknown : SUCCEEDS)
    results.push(result)
    if (result.exitCode === undefined) break
    status = result.exitCode
    if (result.exits === true) break
  }
  return planOfResults(results, status)
}

const SUCCEEDS: Plan = { steps: [], exitCode: 0 }

/** Assignments before the program and `exec` change nothing about what it does. */
function runCommand(words: readonly string[], unknown: Plan): Result {
  const command = words.filter((word) => !/^[A-Za-z_]\w*=/.test(word))
  const [program, ...rest] = command[0] === 'exec' ? command.slice(1) : command
  if (program === undefined) return SUCCEEDS
  return simpleCommand(programOf(program), rest) ?? unknown
}

function planOfResults(results: readonly Result[], status: number): Plan {
  const ends = results.every((result) => result.exitCode !== undefined)
  return { steps: results.flatMap((result) => result.steps), exitCode: ends ? status : undefined }
}

/** The programs whose doings are known; undefined for every other. */
function simpleCommand(program: string, words: readonly string[]): Result | undefined {
  switch (program) {
    case 'true':
    case ':':
    case 'set':
    case 'cd':
    case 'export':
    case 'trap':
      return { steps: [], exitCode: 0 }
    case 'false':
      return { steps: [], exitCode: 1 }
    case 'fail':
      return { steps: [], exitCode: 127 }
    case 'echo':
    case 'printf':
      return { steps: [{ kind: 'print', text: echoed(words) }], exitCode: 0 }
    case 'sleep':
      return sleeping(words)
    case 'exit':
      return { steps: [], exitCode: Number.parseInt(words[0] ?? '0', 10) & 255, exits: true }
    case 'pause':
    case 'wait':
      return { steps: [], exitCode: undefined }
    default:
      return undefined
  }
}

function echoed(words: readonly string[]): string {
  const text = words[0] === '-n' || words[0] === '-e' ? words.slice(1) : words
  return text.join(' ').replaceAll('\\n', '\n').replace(/\n$/, '')
}

const UNIT_MS: Readonly<Record<string, number>> = { '': 1000, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }

function sleeping(words: readonly string[]): Result {
  let ms = 0
  for (const word of words) {
    if (word === 'infinity' || word === 'inf') return { steps: [], exitCode: undefined }
    const { number, unit } = /^(?<number>\d{1,12}(?:\.\d{1,9})?)(?<unit>[smhd]?)$/.exec(word)?.groups ?? {}
    if (number === undefined)
      return { steps: [{ kind: 'print', text: `sleep: invalid time interval '${word}'` }], exitCode: 1 }
    ms += Number(number) * (UNIT_MS[unit ?? ''] ?? 1000)
  }
  return { steps: [{ kind: 'sleep', ms }], exitCode: 0 }
}

function programOf(word: string): string {
  return word.slice(word.lastIndexOf('/') + 1)
}
