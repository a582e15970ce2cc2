// Answers in lines: who gets them, and that nothing but white space changes.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inLines, prettyAnswer } from './pretty-answer.ts'

const ANSWER = { status: 200, headers: { 'content-type': 'application/json' }, body: '{"a":[1,{}],"b":"x: {,}"}' }

function bodyFor(path: string, agent: string): unknown {
  return prettyAnswer({ method: 'GET', path, headers: { 'user-agent': agent } }, ANSWER).body
}

test('people who ask by hand get lines, programs where they ask for them', () => {
  const lines = '{\n  "a": [\n    1,\n    {}\n  ],\n  "b": "x: {,}"\n}'
  const cases: readonly (readonly [path: string, agent: string, isPretty: boolean])[] = [
    ['/api/v1/nodes', 'curl/8.5.0', true],
    ['/apis', 'Mozilla/5.0 (X11)', true],
    ['/api/v1/nodes?pretty=false', 'curl/8.5.0', false],
    ['/api/v1/nodes?pretty=true', 'kubectl/v1.36.3', true],
    ['/api/v1/nodes?pretty=yes', 'kubectl/v1.36.3', false],
    ['/api/v1/nodes', 'kubectl/v1.36.3', false],
    ['/openapi/v3', 'curl/8.5.0', false],
  ]
  for (const [path, agent, isPretty] of cases) assert.equal(bodyFor(path, agent), isPretty ? lines : ANSWER.body, path)
})

test('numbers keep their digits and texts their characters', () => {
  const text = '{"n":12345678901234567890,"t":"a\\"b\\\\","e":[],"o":{}}'

  assert.equal(inLines(text), '{\n  "n": 12345678901234567890,\n  "t": "a\\"b\\\\",\n  "e": [],\n  "o": {}\n}')
  assert.deepEqual(JSON.parse(inLines('{"a":[[1],[]]}')), { a: [[1], []] })
})

test('streams and other media types stay as they are', () => {
  const yaml = { status: 200, headers: { 'content-type': 'application/yaml' }, body: 'a: 1\n' }
  const request = { method: 'GET', path: '/api/v1/nodes', headers: { 'user-agent': 'curl/8' } } as const

  assert.equal(prettyAnswer(request, yaml), yaml)
})
