// A matcher whose time is linear in the text, for patterns that could make a backtracking one run for hours (Pike's machine).
import { limitError } from '../error.ts'
import type { Assertion, RegexpNode } from './syntax.ts'

type Instruction =
  | { readonly op: 'char'; readonly set: RegExp }
  | { readonly op: 'split'; first: number; second: number }
  | { readonly op: 'jump'; to: number }
  | { readonly op: 'save'; readonly slot: number }
  | { readonly op: 'assert'; readonly test: Assertion }
  | { readonly op: 'match' }

/** Instructions a pattern may need: counts such as {1000} are written out. */
export const MAX_PROGRAM_SIZE = 200_000

export interface Program {
  readonly instructions: readonly Instruction[]
  readonly slots: number
}

/** The program of a tree with so many groups. */
export function compileProgram(root: RegexpNode, groups: number): Program {
  const code: Instruction[] = []
  emit(code, root)
  code.push({ op: 'match' })
  return { instructions: code, slots: 2 * groups + 2 }
}

function emit(code: Instruction[], node: RegexpNode): void {
  if (code.length > MAX_PROGRAM_SIZE) throw limitError('error parsing regexp: expression too large')
  switch (node.kind) {
    case 'empty':
      return
    case 'set':
      code.push({ op: 'char', set: new RegExp(`^${node.source}$`, 'u') })
      return
    case 'assert':
      code.push({ op: 'assert', test: node.test })
      return
    case 'concat':
      for (const item of node.nodes) emit(code, item)
      return
    case 'alternate':
      emitAlternate(code, node.nodes)
      return
    case 'group':
      code.push({ op: 'save', slot: 2 * node.index })
      emit(code, node.node)
      code.push({ op: 'save', slot: 2 * node.index + 1 })
      return
    case 'repeat':
      emitRepeat(code, node)
  }
}

function emitAlternate(code: Instruction[], nodes: readonly RegexpNode[]): void {
  const jumps: { to: number }[] = []
  for (const [index, node] of nodes.entries()) {
    const isLast = index === nodes.length - 1
    const split = { op: 'split' as const, first: code.length + 1, second: 0 }
    if (!isLast) code.push(split)
    emit(code, node)
    if (!isLast) {
      const jump = { op: 'jump' as const, to: 0 }
      code.push(jump)
      jumps.push(jump)
      split.second = code.length
    }
  }
  for (const jump of jumps) jump.to = code.length
}

function emitRepeat(code: Instruction[], node: Extract<RegexpNode, { kind: 'repeat' }>): void {
  if (node.max === Infinity) {
    emitOpenRepeat(code, node)
    return
  }
  for (let count = 0; count < node.min; count += 1) emit(code, node.node)
  const splits: Split[] = []
  for (let count = node.min; count < node.max; count += 1) {
    splits.push(pushSplit(code))
    emit(code, node.node)
  }
  for (const split of splits) setExits(split, split.at + 1, code.length, node.isLazy)
}

/** x{n,} is n - 1 times x, then x+; x* of what can be empty is (x+)?, which keeps the order of preference (RE2). */
function emitOpenRepeat(code: Instruction[], node: Extract<RegexpNode, { kind: 'repeat' }>): void {
  if (node.min === 0 && !canBeEmpty(node.node)) {
    const split = pushSplit(code)
    emit(code, node.node)
    code.push({ op: 'jump', to: split.at })
    setExits(split, split.at + 1, code.length, node.isLazy)
    return
  }
  const entry = node.min === 0 ? pushSplit(code) : undefined
  for (let count = 1; count < node.min; count += 1) emit(code, node.node)
  const start = code.length
  emit(code, node.node)
  const back = pushSplit(code)
  setExits(back, start, code.length, node.isLazy)
  if (entry !== undefined) setExits(entry, start, code.length, node.isLazy)
}

/** True for what matches the empty text. */
export function canBeEmpty(node: RegexpNode): boolean {
  switch (node.kind) {
    case 'empty':
    case 'assert':
      return true
    case 'set':
      return false
    case 'group':
      return canBeEmpty(node.node)
    case 'repeat':
      return node.min === 0 || canBeEmpty(node.node)
    case 'concat':
      return node.nodes.every(canBeEmpty)
    case 'alternate':
      return node.nodes.some(canBeEmpty)
  }
}

interface Split {
  readonly at: number
  readonly instruction: { first: number; second: number }
}

function pushSplit(code: Instruction[]): Split {
  const instruction = { op: 'split' as const, first: 0, second: 0 }
  code.push(instruction)
  return { at: code.length - 1, instruction }
}

function setExits({ instruction }: Split, into: number, past: number, isLazy: boolean): void {
  instruction.first = isLazy ? past : into
  instruction.second = isLazy ? into : past
}

interface Thread {
  readonly pc: number
  readonly slots: readonly number[]
}

/** The leftmost match from an offset on: pairs of offsets, -1 for groups that took no part. */
export function runProgram(program: Program, text: string, from: number): readonly number[] | undefined {
  let threads: Thread[] = []
  let found: readonly number[] | undefined
  for (let pos = from; pos <= text.length;) {
    const seen = new Set(threads.map((thread) => thread.pc))
    if (found === undefined) addThread({ program, text, pos, threads, seen }, 0, startSlots(program, pos))
    const point = text.codePointAt(pos)
    const char = point === undefined ? '' : String.fromCodePoint(point)
    const end = pos + Math.max(char.length, 1)
    const next: Thread[] = []
    found =
      stepThreads({ program, text, pos: end, threads: next, seen: new Set() }, threads, char)?.with(1, pos) ?? found
    if (found !== undefined && next.length === 0) return found
    threads = next
    pos = end
  }
  return found
}

/** Lets every thread read the character; one that matches ends those of lower preference, and its slots are returned. */
function stepThreads(step: Step, threads: readonly Thread[], char: string): readonly number[] | undefined {
  for (const thread of threads) {
    const instruction = step.program.instructions[thread.pc]
    if (instruction?.op === 'match') return thread.slots
    if (instruction?.op === 'char' && char !== '' && instruction.set.test(char))
      addThread(step, thread.pc + 1, thread.slots)
  }
  return undefined
}

function startSlots(program: Program, pos: number): number[] {
  const slots = Array.from({ length: program.slots }, () => -1)
  slots[0] = pos
  return slots
}

interface Step {
  readonly program: Program
  readonly text: string
  readonly pos: number
  readonly threads: Thread[]
  readonly seen: Set<number>
}

/** Follows jumps and splits until characters are needed, in order of preference. */
function addThread(step: Step, start: number, slots: readonly number[]): void {
  const stack: Thread[] = [{ pc: start, slots }]
  for (let thread = stack.pop(); thread !== undefined; thread = stack.pop()) {
    const { pc } = thread
    const instruction = step.program.instructions[pc]
    if (instruction === undefined || step.seen.has(pc)) continue
    step.seen.add(pc)
    switch (instruction.op) {
      case 'jump':
        stack.push({ pc: instruction.to, slots: thread.slots })
        break
      case 'split':
        stack.push({ pc: instruction.second, slots: thread.slots }, { pc: instruction.first, slots: thread.slots })
        break
      case 'save':
        stack.push({ pc: pc + 1, slots: thread.slots.with(instruction.slot, step.pos) })
        break
      case 'assert':
        if (holds(instruction.test, step.text, step.pos)) stack.push({ pc: pc + 1, slots: thread.slots })
        break
      default:
        step.threads.push(thread)
    }
  }
}

function holds(test: Assertion, text: string, pos: number): boolean {
  switch (test) {
    case 'textStart':
      return pos === 0
    case 'textEnd':
      return pos === text.length
    case 'lineStart':
      return pos === 0 || text[pos - 1] === '\n'
    case 'lineEnd':
      return pos === text.length || text[pos] === '\n'
    case 'word':
      return isWord(text[pos - 1]) !== isWord(text[pos])
    case 'noWord':
      return isWord(text[pos - 1]) === isWord(text[pos])
  }
}

function isWord(char: string | undefined): boolean {
  return char !== undefined && /\w/.test(char)
}
