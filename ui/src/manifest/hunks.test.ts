// Tests differences in hunks.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compareTexts, MAX_EDITS, pairLines, type TextDiff } from './hunks.ts'

function text(...lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join('')
}

function shown({ hunks }: TextDiff): unknown {
  const marks = { same: ' ', removed: '-', added: '+' }
  return hunks.map(({ skipped, lines }) => [skipped, ...lines.map((line) => marks[line.kind] + line.text)])
}

const numbers = Array.from({ length: 20 }, (_, index) => `line ${index + 1}`)

test('equal texts have no hunks', () => {
  assert.deepEqual(compareTexts('a\n', 'a\n'), { hunks: [], added: 0, removed: 0 })
  assert.deepEqual(compareTexts('', ''), { hunks: [], added: 0, removed: 0 })
})

test('shows three lines around a change and says how many it leaves out', () => {
  const after = numbers.with(4, 'five').with(17, 'eighteen')

  const diff = compareTexts(text(...numbers), text(...after))

  assert.deepEqual(shown(diff), [
    [1, ' line 2', ' line 3', ' line 4', '-line 5', '+five', ' line 6', ' line 7', ' line 8'],
    [6, ' line 15', ' line 16', ' line 17', '-line 18', '+eighteen', ' line 19', ' line 20'],
  ])
  assert.deepEqual([diff.added, diff.removed], [2, 2])
  assert.deepEqual(diff.hunks[1]?.lines.at(-1), { kind: 'same', text: 'line 20', before: 20, after: 20 })
})

test('a text that appears or goes is one hunk, with no word about the end of the file', () => {
  assert.deepEqual(shown(compareTexts('', text('a', 'b'))), [[0, '+a', '+b']])
  assert.deepEqual(shown(compareTexts(text('a', 'b'), '')), [[0, '-a', '-b']])
  assert.deepEqual(shown(compareTexts('a', 'b')), [[0, '-a', '+b']])
})

test('insertions only keep the line numbers of both sides', () => {
  const diff = compareTexts(text('a', 'b'), text('a', 'new', 'b'))

  assert.deepEqual(
    diff.hunks[0]?.lines.map(({ before, after }) => [before, after]),
    [
      [1, 1],
      [undefined, 2],
      [2, 3],
    ],
  )
})

test('stops looking for likenesses past the limit and shows both texts whole', () => {
  const left = Array.from({ length: MAX_EDITS }, (_, index) => `a${index}`)
  const right = Array.from({ length: MAX_EDITS }, (_, index) => `b${index}`)

  const diff = compareTexts(text(...left), text(...right))

  assert.deepEqual([diff.hunks.length, diff.removed, diff.added], [1, MAX_EDITS, MAX_EDITS])
})

test('pairs removed lines with the added ones behind them', () => {
  const diff = compareTexts(text('a', 'x', 'y', 'z'), text('a', '1', 'z', 'end'))

  assert.deepEqual(
    pairLines(diff.hunks[0]?.lines ?? []).map(({ left, right }) => [left?.text, right?.text]),
    [
      ['a', 'a'],
      ['x', '1'],
      ['y', undefined],
      ['z', 'z'],
      [undefined, 'end'],
    ],
  )
})
