// What is behind the end of a list, for templates that slice it.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { messageOf } from '../../base/errors.ts'
import { builtinOf } from '../../lang/go-template/builtins.ts'
import { executeTemplate } from '../../lang/go-template/execute.ts'
import { parseTemplate } from '../../lang/go-template/template-set.ts'
import { sprigFunctions } from '../../lang/sprig/functions.ts'

const FUNCTIONS = sprigFunctions({ random: (count) => new Uint8Array(count), nowMs: () => 0, timeZone: 'UTC' })

function run(expression: string): string {
  const hasFunction = (name: string): boolean => FUNCTIONS.has(name) || builtinOf(name) !== undefined
  const set = parseTemplate('test', `{{ ${expression} | toJson }}`, { hasFunction })
  try {
    return executeTemplate(set, 'test', { data: new Map([['three', [1n, 2n, 3n]]]), functions: FUNCTIONS })
  } catch (error) {
    return messageOf(error).replace(/^.*error calling slice: /, '')
  }
}

const OUT = 'reflect.Value.Slice: slice index out of bounds'

/** What helm 4.2.1 gives for the same expressions; a list that was decoded grew an element at a time. */
const CASES: readonly (readonly [string, string])[] = [
  ['slice .three 0 4', '[1,2,3,null]'],
  ['slice .three 0 5', OUT],
  ['slice (append (list 1 2 3) 4) 0 6', '[1,2,3,4,null,null]'],
  ['slice (append (list 1 2 3) 4) 0 7', OUT],
  ['slice (append (list) 4) 0 2', OUT],
  ['slice (append (until 300) 1) 0 591 | len', '591'],
  ['slice (append (until 300) 1) 0 592 | len', OUT],
  ['slice (prepend (list 1 2) 4) 0 4', OUT],
  ['slice (concat (list 1 2) (list 3)) 0 4', '[1,2,3,null]'],
  ['slice (without (list 1 2 3 4) 1) 0 4', '[2,3,4,null]'],
  ['slice (uniq (list 1 2 3)) 0 4', '[1,2,3,null]'],
  ['slice (slice (list 1 2 3) 0 1) 0 3', '[1,2,3]'],
  ['slice (slice (list 1 2 3) 1 2) 0 2', '[2,3]'],
  ['slice (slice (list 1 2 3) 1 2) 0 3', OUT],
  ['slice (rest (list 1 2 3)) 0 3', OUT],
  ['slice (until 3) 0 4', '[0,1,2,0]'],
  ['slice (splitList "," "a,b,c") 0 4', OUT],
  ['slice (sortAlpha (list 1 2 3)) 0 4', OUT],
  ['slice (keys (dict "a" 1 "b" 2 "c" 3)) 3 4', '[""]'],
  ['slice (regexFindAll "." "abc" -1) 0 10', '["a","b","c","","","","","","",""]'],
  ['slice (regexSplit "," "a,b,c" -1) 0 4', '["a","b","c",""]'],
  ['slice (toStrings (list 1 2 3)) 0 4', OUT],
]

test('slice reaches as far behind a list as Go has left room', () => {
  for (const [expression, wanted] of CASES) assert.equal(run(expression), wanted, expression)
})
