// Tests of tag templates: upstream's rules, one line a case.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MAX_OUTPUT_LENGTH, replaceTags } from './replace-tags.ts'

const VALUES: ReadonlyMap<string, string> = new Map([
  ['one', 'two'],
  ['path.basename', 'prod'],
  ['path[0]', 'apps'],
  ['empty', ''],
  ['loop', '{{loop}}'],
])

const CASES: readonly (readonly [string, string])[] = [
  ['', ''],
  ['plain', 'plain'],
  ['{{one}}', 'two'],
  ['{{ one }}-{{one}}', 'two-two'],
  ['{{\tone\t}}', 'two'],
  ['{{path[0]}}/{{path.basename}}', 'apps/prod'],
  ['{{empty}}.', '.'],
  ['{{unknown}}', '{{unknown}}'],
  ['{{ unknown }}x', '{{ unknown }}x'],
  ['{{}}', '{{}}'],
  ['{{ }}', '{{ }}'],
  ['{{loop}}', '{{loop}}'],
  ['{one}', '{one}'],
  ['one}} {{', 'one}} {{'],
  ['{{one\n}}', '{{one\n}}'],
  ['{{one\n}} {{one}}', 'two two'],
  ['{{{{one}}', '{{{{one}}'],
  ["{{ index .one 'x' }}", "{{ index .one 'x' }}"],
]

test('replaces tags as fasttemplate does', () => {
  for (const [text, expected] of CASES) {
    assert.equal(
      replaceTags(text, (name) => VALUES.get(name)),
      expected,
      text,
    )
  }
})

test('says where a tag does not end', () => {
  assert.throws(() => replaceTags('{{one}} {{two', (name) => VALUES.get(name)), {
    code: 'bad-input',
    message: 'invalid template: Cannot find end tag="}}" in the template="{{one}} {{two" starting from "two"',
  })
})

test('stops a template that writes too much', () => {
  const long = 'x'.repeat(1024 * 1024)
  const text = '{{bomb}}'.repeat(MAX_OUTPUT_LENGTH / long.length + 1)

  assert.throws(() => replaceTags(text, () => long), { code: 'limit' })
})
