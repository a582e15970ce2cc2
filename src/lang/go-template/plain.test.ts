// Proves that the quick reader of templates makes what lexer and parser make, or nothing.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { builtinOf } from './builtins.ts'
import { parsePlain, parseTokens } from './parser.ts'
import type { ParseOptions } from './parser.ts'

const OPTIONS: ParseOptions = {
  hasFunction: (name) => name === 'include' || name === 'nindent' || builtinOf(name) !== undefined,
}

/** Templates that are written as most are. */
const PLAIN: readonly string[] = [
  '',
  'text alone\n',
  'a{{- /* c */ -}} b {{ .a }}{{/* {{ */}}',
  '{{ if .a.b }}x{{ else if eq .c "d" }}y{{ else }}z{{ end }}',
  '{{- with $.Values.x -}}\n{{ .y | include "t" $ | nindent 4 }}\n{{- else with .z }}{{ . }}{{- end }}',
  '{{ range $i, $e := .list }}{{ $i }}{{ if $e }}{{ continue }}{{ end }}{{ break }}{{ else }}-{{ end }}',
  '{{ range $x := .list }}{{ $x.a.b }}{{ end }}{{ $y := 1 }}{{ $y = -2 }}{{ $y }}{{ len (print 1.5 `raw` "s\\n") }}',
  '{{ define "a" }}{{ $v := . }}{{ block "b" $v }}{{ . }}{{ end }}{{ end }}{{ template "a" }}{{ template `b` .c }}',
  '{{ (index .a 0).b.c }}{{ .a\n| print }}{{ and true false nil }}{{ $ }}{{ print\t.\r\n}}{{ ((.a)) }}{{ print.a }}',
  'é{{ "日本 }}" }}😀{{ `}}` }}{{ printf "%s\\"" .x }}}',
]

/** What is taken apart and put together at random: halves of actions, and characters that mean something. */
const PIECES: readonly string[] = [
  ...PLAIN.flatMap((text) => text.split(/(?<=\}\})|(?=\{\{)|(?<= )/)),
  ...'{{|}}|{{-|-}}|{{- | -}}| |\n|text|if |else|else if |else with |end|range |with |define "a"|template "a"|block "b"'.split(
    '|',
  ),
  ...'break|continue|.|.a|.a.b|$|$x|$x.y|:=|=|,|(|)|"s"|`raw`|\'c\'|1|1.5|0x1f|1i|-1|+2|1_0|08|00|nil|true|nope'.split(
    '|',
  ),
  '|',
  '/*',
  '*/',
  '"',
  '\\',
  '`',
  'é',
  '\r',
  '..',
  '.1',
  '5.',
  '{{ end }}',
  '{{ else }}',
  '{{ if . }}',
  '-',
  '}',
]

describe('the quick reader of templates', () => {
  for (const text of PLAIN) {
    test(`takes ${JSON.stringify(text)}`, () => {
      const found = parsePlain('t', text, OPTIONS)

      assert.deepEqual(found, parseTokens('t', text, OPTIONS))
    })
  }

  test('takes only what the parser takes, and makes the same of it, in 10,000 random texts', () => {
    const random = randomFrom(1)
    let taken = 0
    for (let count = 0; count < 10_000; count++) {
      const text = randomText(random)
      const found = parsePlain('t', text, OPTIONS)
      if (found === undefined) continue
      taken += 1
      assert.deepEqual(found, parseTokens('t', text, OPTIONS), JSON.stringify(text))
    }
    assert.ok(taken > 1000, `only ${taken} were taken: the texts test nothing`)
  })

  test('leaves other delimiters, and control structures deeper than the limit, to the parser', () => {
    const deep = '{{ if . }}'.repeat(501) + '{{ end }}'.repeat(501)

    assert.equal(parsePlain('t', '{{ . }}', { ...OPTIONS, leftDelimiter: '<<' }), undefined)
    assert.equal(parsePlain('t', deep, OPTIONS), undefined)
    assert.throws(() => parseTokens('t', deep, OPTIONS), /nest more than 500 deep/)
  })
})

/** A plain template with pieces put in or in the place of what was there, or pieces alone. */
function randomText(random: () => number): string {
  const at = (length: number): number => Math.floor(random() * length)
  const piece = (): string => PIECES[at(PIECES.length)] ?? ''
  let text = random() < 0.7 ? (PLAIN[at(PLAIN.length)] ?? '') : ''
  for (let count = at(text === '' ? 12 : 3); count >= 0; count--) {
    const start = at(text.length + 1)
    text = text.slice(0, start) + piece() + text.slice(start + at(3))
  }
  return text
}

/** Numbers below 1, the same for the same seed (mulberry32). */
function randomFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
