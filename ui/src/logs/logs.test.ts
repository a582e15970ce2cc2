// Tests colours, order and search of logs.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ansiPieces, withoutAnsi } from './ansi.ts'
import { containersOf } from './containers.ts'
import { addLines, cutMatches, findLines, MAX_LINES, splitJsonLines, type LogLine } from './log-lines.ts'

const ESC = '\u001B'

test('escape sequences become styles; those that are no colours go', () => {
  const cases: readonly (readonly [string, unknown])[] = [
    ['plain', [{ text: 'plain', style: {} }]],
    ['', []],
    [`${ESC}[31mred${ESC}[0m rest`, [{ text: 'red', style: { color: 1 } }, { text: ' rest', style: {} }]], // prettier-ignore
    [`${ESC}[1;92mok`, [{ text: 'ok', style: { isBold: true, color: 10 } }]],
    [`${ESC}[41;37mx${ESC}[39my`, [{ text: 'x', style: { background: 1, color: 7 } }, { text: 'y', style: { background: 1 } }]], // prettier-ignore
    [`${ESC}[38;5;196mx`, [{ text: 'x', style: { color: 9 } }]],
    [`${ESC}[38;2;0;200;0mx`, [{ text: 'x', style: { color: 10 } }]],
    [`${ESC}[48;5;232mx`, [{ text: 'x', style: { background: 8 } }]],
    [`${ESC}[2K${ESC}]0;title\u0007x`, [{ text: 'x', style: {} }]],
    [`${ESC}[mx`, [{ text: 'x', style: {} }]],
  ]

  for (const [text, wanted] of cases) assert.deepEqual(ansiPieces(text), wanted, JSON.stringify(text))
  assert.equal(withoutAnsi(`${ESC}[31mred${ESC}[0m`), 'red')
})

let id = 0
function line(time: string, content = '', pod = 'a'): LogLine {
  id += 1
  return { id, time, content, pod, container: 'c' }
}

test('lines of several containers are put in order of time', () => {
  const first = [line('1', 'a'), line('3', 'c')]
  const all = addLines(first, [line('2', 'b'), line('4', 'd')])

  assert.deepEqual(all.map(({ content }) => content), ['a', 'b', 'c', 'd']) // prettier-ignore
  assert.equal(addLines(first, []), first)
})

test('the oldest lines go when there are too many', () => {
  const many = Array.from({ length: MAX_LINES }, (_, index) => line(String(index).padStart(6, '0')))

  const all = addLines(many, [line('999999', 'new')])

  assert.equal(all.length, MAX_LINES)
  assert.equal(all.at(-1)?.content, 'new')
  assert.equal(all[0]?.time, '000001')
})

test('a search finds lines and marks what it finds', () => {
  const lines = [line('1', 'An Error'), line('2', 'fine'), line('3', 'error')]

  assert.deepEqual(findLines(lines, 'error', ({ content }) => content), [0, 2]) // prettier-ignore
  assert.deepEqual(
    findLines(lines, '', ({ content }) => content),
    [],
  )
  assert.deepEqual(cutMatches('an Error, error', 'error'), ['an ', 'Error', ', ', 'error', ''])
  assert.deepEqual(cutMatches('İx', 'x'), ['İx'])
})

test('lines come whole, the rest waits', () => {
  assert.deepEqual(splitJsonLines('{"a":1}\n{"b":2}\n{"c"'), { whole: ['{"a":1}', '{"b":2}'], rest: '{"c"' })
})

test('the default container comes first, those that run before last', () => {
  const pod = {
    metadata: { annotations: { 'kubectl.kubernetes.io/default-container': 'web' } },
    spec: { initContainers: [{ name: 'init' }], containers: [{ name: 'proxy' }, { name: 'web' }] },
  }

  assert.deepEqual(containersOf(JSON.stringify(pod)), ['web', 'proxy', 'init'])
  assert.deepEqual(containersOf('{}'), [])
})
