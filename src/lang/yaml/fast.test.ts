// The fast reader against the full one: whatever it does not refuse must be the same value.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Composer } from './composer.ts'
import { constructValue } from './construct.ts'
import { Cursor } from './cursor.ts'
import { YamlError } from './error.ts'
import { readFast } from './fast.ts'
import { Scanner } from './scanner.ts'

const KEYS = ['a', 'on', '1', '"q" ', "'it''s'", 'a b', '- d', '-e', '?z', ':c', '<<', 'null', '1.5', 'a#b', '? x']
const VALUES = [
  '',
  '1',
  'two words',
  '"q" # c',
  "'it''s'",
  '"\\n"',
  '[]',
  '[a, {b: c}]',
  '{a: 1, "b":2, c}',
  '|',
  '>-',
  '|2',
]
const MORE_VALUES = [
  '# c',
  'v#c',
  '~',
  'a: b',
  '*a',
  '&a v',
  '!!str 1',
  '[a,',
  '"two',
  '-',
  '- x',
  '.inf',
  '0x1F',
  '12:30',
  '---',
]

/** Documents of up to four lines with every mix of key, value and indentation that a fixed sequence comes to. */
function* documents(count: number): Generator<string> {
  let state = 1
  const pick = <T>(items: readonly T[]): T => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return items[(state >>> 8) % items.length] as T // the index is below the length
  }
  const values = [...VALUES, ...MORE_VALUES]
  for (let i = 0; i < count; i++) {
    const lines = Array.from({ length: 1 + (i % 4) }, () => {
      const indent = pick(['', '', '  ', '  ', '    ', ' '])
      const content = pick(['key', 'key', 'key', 'item', 'value'])
      const entry = `${pick(KEYS)}: ${pick(values)}`
      return (
        indent + (content === 'key' ? entry : content === 'item' ? `- ${pick([entry, pick(values)])}` : pick(values))
      )
    })
    yield lines.join(pick(['\n', '\n', '\n\n'])) + pick(['\n', '\n', '', '\n# c\n'])
  }
}

/** Block scalars of up to five lines, with what may stand before and behind them. */
function* blockScalars(count: number): Generator<string> {
  let state = 7
  const pick = <T>(items: readonly T[]): T => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return items[(state >>> 8) % items.length] as T // the index is below the length
  }
  for (let i = 0; i < count; i++) {
    const lines = Array.from({ length: i % 6 }, () => {
      const indent = pick(['', ' ', '  ', '  ', '   ', '    '])
      return (
        indent + pick(['x', '', '', ' ', '\t', '# c', 'y: 1', '- z', '---', '|', '\tx']) + pick(['\n', '\n', '\n\n'])
      )
    })
    const head =
      pick(['a: ', '- ', 'a:\n  b: ', '- - ', '  x: ', 'a:\n- ']) + pick(['|', '|-', '|+', '|2', '| ', '| # c', '>'])
    yield `${head}\n${lines.join('')}${pick(['', 'c: 1\n', '- q\n', '...\n', '  d: 1\n', '# e\n', 'b: |\n  k', 'b: |\n  k\n'])}`
  }
}

test('gives what the full reader gives, or refuses', () => {
  let read = 0
  for (const text of [...documents(20_000), ...blockScalars(20_000)]) {
    const fast = attempt(() => readFast(`${text}\0`, 0, {})?.value ?? null)
    if (fast instanceof YamlError) continue
    read++
    const full = attempt(() => readInFull(text))
    assert.deepEqual(fast, full, JSON.stringify(text))
  }
  assert.ok(read > 6000, `${read} documents were plain enough`)
})

function readInFull(text: string): unknown {
  const document = new Composer(new Scanner(new Cursor(`${text}\0`))).next()
  return document === undefined ? null : constructValue(document.root, {})
}

function attempt(run: () => unknown): unknown {
  try {
    return run()
  } catch (error) {
    if (error instanceof YamlError) return error
    throw error
  }
}
