// The branches and loops of a shell script: `if`, `while`, `until`, `for`, `case`.
import { expandWord, expandWords, type Surroundings } from './expand.ts'
import type { Running, Streams } from './machine.ts'
import { checkPatternCost, matchesPattern } from './paths.ts'
import type { Node } from './syntax.ts'

/** A way out of loops, functions or the script that is being taken. */
export interface Jump {
  readonly kind: 'exit' | 'return' | 'break' | 'continue'
  /** Loops to leave. */
  levels: number
}

/** What a branch or a loop asks of the shell that runs it. */
export interface Walker extends Surroundings {
  readonly status: number
  jump: Jump | undefined
  readonly variables: Map<string, string>
  run(node: Node, streams: Streams, isLast?: boolean): Running<number>
  /** Runs what is asked how it ends, which `set -e` lets fail. */
  holds(node: Node, streams: Streams): Running<boolean>
  /** Counts a round, and pauses now and then. */
  step(): Running<void>
}

export function* runIf(shell: Walker, node: Node & { kind: 'if' }, streams: Streams, isLast: boolean): Running<number> {
  for (const { condition, body } of node.branches) {
    const holds = yield* shell.holds(condition, streams)
    if (shell.jump !== undefined) return shell.status
    if (holds) return yield* shell.run(body, streams, isLast)
  }
  return node.otherwise === undefined ? 0 : yield* shell.run(node.otherwise, streams, isLast)
}

export function* runWhile(shell: Walker, node: Node & { kind: 'while' }, streams: Streams): Running<number> {
  let status = 0
  while (shell.jump === undefined) {
    yield* shell.step()
    const holds = yield* shell.holds(node.condition, streams)
    if (shell.jump !== undefined || holds === node.until) break
    status = yield* shell.run(node.body, streams)
    if (leavesLoop(shell)) break
  }
  return shell.jump === undefined ? status : shell.status
}

export function* runFor(shell: Walker, node: Node & { kind: 'for' }, streams: Streams): Running<number> {
  const words = node.words === undefined ? shell.args : yield* expandWords(shell, node.words, streams)
  let status = 0
  for (const word of words) {
    yield* shell.step()
    shell.variables.set(node.name, word)
    status = yield* shell.run(node.body, streams)
    if (leavesLoop(shell)) break
  }
  return status
}

export function* runCase(
  shell: Walker,
  node: Node & { kind: 'case' },
  streams: Streams,
  isLast: boolean,
): Running<number> {
  const word = yield* expandWord(shell, node.word, streams)
  for (const { patterns, body } of node.arms) {
    for (const pattern of patterns) {
      const text = yield* expandWord(shell, pattern, streams)
      checkPatternCost(text, word)
      if (matchesPattern(text, word)) return yield* shell.run(body, streams, isLast)
    }
  }
  return 0
}

/** Takes one level off a `break` or `continue`; true where this loop ends. */
function leavesLoop(shell: Walker): boolean {
  const { jump } = shell
  if (jump === undefined) return false
  if (jump.kind === 'exit' || jump.kind === 'return') return true
  jump.levels--
  if (jump.levels > 0) return true
  shell.jump = undefined
  return jump.kind === 'break'
}
