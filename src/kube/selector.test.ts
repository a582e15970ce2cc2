// Label selectors: what they match, and the texts of their errors.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MAX_SELECTOR_LENGTH } from './selector-parser.ts'
import { formatLabelSelector, labelSelectorOf, matchesLabels, parseLabelSelector } from './selector.ts'

const LABELS = { app: 'web', tier: 'front', weight: '5', empty: '' }

const MATCHED: readonly (readonly [selector: string, matches: boolean])[] = [
  ['', true],
  ['app=web', true],
  ['app == web', true],
  ['app=api', false],
  ['app!=api', true],
  ['absent!=api', true],
  ['app in (web,api)', true],
  ['app notin (web, api)', false],
  ['absent notin (web)', true],
  ['app', true],
  ['!app', false],
  ['!absent', true],
  ['! absent', true],
  ['weight>4,weight<6', true],
  ['weight>5', false],
  ['app>4', false],
  ['app=web,tier=back', false],
  ['empty=', true],
  ['empty in (,x)', true],
  ['empty in ()', true],
  ['in in (in)', false],
  ['constructor', false],
]

test('matches labels as the API server does', () => {
  for (const [selector, expected] of MATCHED) {
    assert.equal(matchesLabels(parseLabelSelector(selector), LABELS), expected, selector)
  }
})

const NAME_RULE =
  "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"

const REFUSED: readonly (readonly [selector: string, text: string])[] = [
  ['a in', "unable to parse requirement: found '' expected: '('"],
  ['a in b', "unable to parse requirement: found 'b' expected: '('"],
  ['a in (b', "unable to parse requirement: found '', expected: ',' or ')'"],
  ['a in (=', "unable to parse requirement: found '=', expected: ',', ')' or identifier"],
  ['a in (b,=', "unable to parse requirement: found '=', expected: ',', or identifier"],
  ['a b', "unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt"],
  ['a=b c', "found 'c', expected: ',' or 'end of string'"],
  ['a,', "found '', expected: identifier after ','"],
  ['=a', "found '=', expected: !, identifier, or 'end of string'"],
  ['!', "unable to parse requirement: found '', expected: identifier"],
  ['!a=b', "found '=', expected: ',' or 'end of string'"],
  ['a==(', "unable to parse requirement: found '(', expected: identifier"],
  [
    'a>x',
    `unable to parse requirement: values[0]: Invalid value: "x": for 'Gt', 'Lt' operators, the value must be an integer`,
  ],
  ['a@=b', `unable to parse requirement: <nil>: Invalid value: "a@": ${NAME_RULE}`],
  ['/a=b', `unable to parse requirement: <nil>: Invalid value: "/a": prefix part must be non-empty`],
]

test('says what is wrong in the words of the API server', () => {
  for (const [selector, text] of REFUSED) {
    assert.throws(() => parseLabelSelector(selector), { code: 'bad-input', message: text }, selector)
  }
  assert.throws(
    () => parseLabelSelector('a=b@'),
    /values\[0\]\[a\]: Invalid value: "b@": a valid label must be an empty string or/,
  )
  assert.throws(() => parseLabelSelector(`a=${'b'.repeat(64)}`), /must be no more than 63 bytes/)
})

test('refuses a selector longer than the limit', () => {
  assert.throws(() => parseLabelSelector('a'.repeat(MAX_SELECTOR_LENGTH + 1)), { code: 'limit' })
})

test('prints a selector that parses to the same', () => {
  const text = '!d,a=1,b in (x,y),c,e!=2,f==3,g notin (z),h>1,i<2'

  const selector = parseLabelSelector(text)

  assert.equal(formatLabelSelector(selector), 'a=1,b in (x,y),c,!d,e!=2,f==3,g notin (z),h>1,i<2')
  assert.deepEqual(parseLabelSelector(formatLabelSelector(selector)), selector)
})

test('reads the selector of an object', () => {
  const selector = labelSelectorOf({
    matchLabels: { app: 'web' },
    matchExpressions: [
      { key: 'tier', operator: 'In', values: ['front', 'back'] },
      { key: 'absent', operator: 'DoesNotExist' },
    ],
  })

  assert.equal(matchesLabels(selector, LABELS), true)
  assert.equal(matchesLabels(selector, { app: 'web' }), false)
  assert.equal(matchesLabels(labelSelectorOf({}), LABELS), true)
  assert.equal(matchesLabels(labelSelectorOf(undefined), LABELS), false)
})

test('refuses objects whose selector means nothing', () => {
  assert.throws(() => labelSelectorOf({ matchExpressions: [{ key: 'a', operator: 'Near' }] }), {
    message: '"Near" is not a valid label selector operator',
  })
  assert.throws(() => labelSelectorOf({ matchExpressions: [{ key: 'a', operator: 'In' }] }), {
    message: `values: Invalid value: []: for 'in', 'notin' operators, values set can't be empty`,
  })
})
