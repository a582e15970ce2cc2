// Tests what printing and reading does to folded texts; each expectation was taken from kustomize 5.8.1.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { refoldedText } from './folded-text.ts'

const CASES: readonly (readonly [string, string, string])[] = [
  ['plain lines stay', 'a\nb\n', 'a\nb\n'],
  ['a break before an indented line doubles', 'a\n  b\n', 'a\n\n  b\n'],
  ['between indented lines nothing changes', '  a\n  b\nc\n', '  a\n  b\nc\n'],
  ['a text that begins indented joins its lines', ' a\nb\nc', ' a\nb c'],
  ['breaks that are kept at the end get one more', 'a\n\n', 'a\n\n\n'],
  ['a space before a break means double quotes', 'a \n  b\n', 'a \n  b\n'],
]

test('printing and reading a folded text changes what go-yaml changes', () => {
  for (const [name, text, wanted] of CASES) assert.equal(refoldedText(text), wanted, name)
})
