// Proves running templates beyond the recorded cases: sets, options, limits.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { ANY, ANY_MAP, GoFunction, GoTyped, STRING } from '../go/values.ts'
import type { GoValue } from '../go/values.ts'
import { builtinOf } from './builtins.ts'
import { executeTemplate } from './execute.ts'
import { MAX_BLOCK_DEPTH, MAX_PAREN_DEPTH } from './parser.ts'
import { MAX_TEMPLATE_DEPTH } from './run.ts'
import type { ExecuteOptions } from './run.ts'
import { createTemplateSet, overlayTemplateSet, parseInto, parseTemplate } from './template-set.ts'

const FUNCTIONS = new Map([
  ['upper', new GoFunction([STRING], ([text]) => (typeof text === 'string' ? text.toUpperCase() : ''))],
  ['list', new GoFunction([ANY], (args) => [...args], true)],
])
const OPTIONS = { hasFunction: (name: string): boolean => FUNCTIONS.has(name) || builtinOf(name) !== undefined }

function render(text: string, data: GoValue, options: ExecuteOptions = {}): string {
  return executeTemplate(parseTemplate('t', text, OPTIONS), 't', { data, functions: FUNCTIONS, options })
}

describe('templates', () => {
  test('a set runs the last definition of a name, and a blank one replaces nothing', () => {
    const set = createTemplateSet(OPTIONS)
    parseInto(set, 'a', '{{ define "x" }}1{{ end }}')
    parseInto(set, 'b', '{{ define "x" }}2{{ end }}')
    parseInto(set, 'c', '{{ define "x" }} {{ end }}{{ template "x" }}')

    assert.equal(executeTemplate(set, 'c', { data: null, functions: FUNCTIONS }), '2')
  })

  test('what an overlay defines is not seen below it', () => {
    const set = parseTemplate('a', '{{ define "x" }}1{{ end }}{{ template "x" }}', OPTIONS)
    const overlay = overlayTemplateSet(set)
    parseInto(overlay, 'b', '{{ define "x" }}2{{ end }}')

    assert.equal(executeTemplate(overlay, 'a', { data: null, functions: FUNCTIONS }), '2')
    assert.equal(executeTemplate(set, 'a', { data: null, functions: FUNCTIONS }), '1')
  })

  test('a missing key is nothing, a zero value or an error', () => {
    const data = new Map<GoValue, GoValue>([['a', 1n]])

    assert.equal(render('{{ .b }}{{ .b.c }}', data), '<no value><no value>')
    assert.throws(() => render('{{ .b.c }}', data, { missingKey: 'zero' }), /nil pointer evaluating interface \{\}\.c/)
    assert.throws(() => render('{{ .b }}', data, { missingKey: 'error' }), /map has no entry for key "b"/)
  })

  test('a nil in a map is no string, a nil from a pipe neither', () => {
    const data = new Map<GoValue, GoValue>([['a', null]])

    assert.throws(() => render('{{ upper .a }}', data), /wrong type for value; expected string; got interface \{\}/)
    assert.throws(() => render('{{ .a | upper }}', data), /invalid value; expected string/)
  })

  test('a named map is a map for functions and keeps its name in errors', () => {
    const values = new GoTyped({ ...ANY_MAP, name: 'common.Values', isNamed: true }, new Map([['a', 'x']]))

    assert.equal(render('{{ .a }}{{ len . }}', values), 'x1')
    assert.throws(() => render('{{ upper . }}', values), /expected string; got common\.Values/)
  })

  test('columns count bytes', () => {
    assert.throws(
      () => render('é{{ .a.b | upper }}', new Map([['a', 'x']])),
      /template: t:1:7: executing "t" at <\.a\.b>/,
    )
  })

  test('other delimiters can be chosen', () => {
    const set = parseTemplate('t', '[[ 1 ]]{{ x }}', { ...OPTIONS, leftDelimiter: '[[', rightDelimiter: ']]' })

    assert.equal(executeTemplate(set, 't', { data: null, functions: FUNCTIONS }), '1{{ x }}')
  })
})

describe('limits', () => {
  test('templates that call each other without end are stopped', () => {
    const text = '{{ define "x" }}{{ template "x" }}{{ end }}{{ template "x" }}'

    assert.throws(
      () => render(text, null),
      new RegExp(`exceeded maximum template depth \\(${MAX_TEMPLATE_DEPTH}\\)|nest too deep`),
    )
  })

  test('the steps of a rendering are counted', () => {
    const budget = { steps: 100, outputLength: 1000 }

    assert.throws(() => render('{{ range 1000000 }}{{ . }}{{ end }}', null, { budget }), {
      code: 'limit',
      message: /more steps/,
    })
  })

  test('the text of a rendering is counted', () => {
    const budget = { steps: 10_000, outputLength: 10 }

    assert.throws(() => render('{{ range 100 }}abc{{ end }}', null, { budget }), {
      code: 'limit',
      message: /more text/,
    })
  })

  test('parentheses and blocks nest only so deep', () => {
    const parens = `{{ ${'('.repeat(MAX_PAREN_DEPTH + 1)}1${')'.repeat(MAX_PAREN_DEPTH + 1)} }}`
    const blocks = '{{ if 1 }}'.repeat(MAX_BLOCK_DEPTH + 1) + '{{ end }}'.repeat(MAX_BLOCK_DEPTH + 1)

    assert.throws(() => render(parens, null), /max expression depth exceeded/)
    assert.throws(() => render(blocks, null), /control structures nest more than/)
  })
})
