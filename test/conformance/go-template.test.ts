// Replays upstream's own tests of text/template: parsing, printing back, running.
import { test } from 'node:test'
import { messageOf } from '../../src/base/errors.ts'
import { GoFunction, REFLECT_VALUE } from '../../src/lang/go/values.ts'
import { runTemplate } from '../../src/lang/go-template/execute.ts'
import { builtinOf } from '../../src/lang/go-template/builtins.ts'
import { nodeText } from '../../src/lang/go-template/node-text.ts'
import { createTemplateSet, parseInto, parseTemplate, templateRoot } from '../../src/lang/go-template/template-set.ts'
import { compareWithKnownFailures, CORPUS_ABSENT, corpusFolder, readCases } from '../support/corpus.ts'
import type { CaseResult } from '../support/corpus.ts'
import { dotOf, TEST_FUNCTIONS } from './go-template-dot.ts'

const FOLDER = 'render/go-template'
/** Upstream lowers the limit to three for its parse tests. */
const PARSE_TEST_DEPTH = 3
const SHARED = `{{define "x"}}TEXT{{end}}{{define "dotV"}}{{.V}}{{end}}{{define "dot"}}{{.}}{{end}}{{define "nested"}}{{template "dot" .}}{{end}}`

interface ExecCase {
  readonly name: string
  readonly input: string
  readonly dataType: string
  readonly data?: unknown
  readonly output?: string
  readonly error?: string
  readonly partial?: string
}

interface ParseCase {
  readonly name: string
  readonly input: string
  readonly ast?: string
  readonly error?: string
}

test('templates run as in text/template', (t) => {
  if (corpusFolder() === undefined) return t.skip(CORPUS_ABSENT)
  const results: CaseResult[] = []
  for (const [index, item] of [...readCases<ExecCase>(FOLDER, 'exec.jsonl')].entries()) {
    results.push({ id: `exec-${index + 1}`, failure: difference(item, runCase(item)) })
  }
  compareWithKnownFailures('go-template-exec', results)
})

test('templates are parsed as in text/template/parse', (t) => {
  if (corpusFolder() === undefined) return t.skip(CORPUS_ABSENT)
  const results: CaseResult[] = []
  for (const [index, item] of [...readCases<ParseCase>(FOLDER, 'parse.jsonl')].entries()) {
    const actual = parseCase(item)
    const wanted = item.error ?? item.ast
    const failure = actual === wanted ? undefined : `${item.input} gave ${actual}, not ${wanted}`
    results.push({ id: `parse-${index + 1}`, failure })
  }
  compareWithKnownFailures('go-template-parse', results)
})

interface Outcome {
  readonly output?: string
  readonly error?: string
  readonly partial: string
}

function runCase(item: ExecCase): Outcome {
  const functions = new Map(TEST_FUNCTIONS)
  const set = createTemplateSet({ hasFunction: (name) => functions.has(name) || builtinOf(name) !== undefined })
  let partial = ''
  try {
    parseInto(set, 'shared', SHARED)
    parseInto(set, item.name, item.input)
    const input = {
      data: dotOf(item.name.endsWith('iter.Seq[int] else') ? 'no elements' : item.dataType, item.data),
      functions,
    }
    const output = runTemplate(set, item.name, input, (text) => {
      partial = text
    })
    return { output, partial }
  } catch (error) {
    return { error: messageOf(error), partial }
  }
}

function difference(item: ExecCase, outcome: Outcome): string | undefined {
  const isSame =
    outcome.output === item.output &&
    outcome.error === item.error &&
    (item.partial === undefined || item.partial === outcome.partial)
  if (isSame) return undefined
  return `${item.input} gave ${outcome.error ?? outcome.output}, not ${item.error ?? item.output}`
}

function parseCase(item: ParseCase): string {
  const contains = new GoFunction([REFLECT_VALUE, REFLECT_VALUE], () => false)
  const functions = new Map([['contains', contains]])
  const hasFunction = (name: string): boolean => functions.has(name) || builtinOf(name) !== undefined
  try {
    const set = parseTemplate(item.name, item.input, { hasFunction, maxParenDepth: PARSE_TEST_DEPTH })
    const root = templateRoot(set, item.name)
    return root === undefined ? '' : nodeText(root, true)
  } catch (error) {
    return messageOf(error)
  }
}
