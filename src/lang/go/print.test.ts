// Proves fmt's printing for values, verbs, flags and mistakes.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MAX_PRINT_DEPTH } from './format-value.ts'
import { formatValue, sprint, sprintf, sprintln } from './print.ts'
import { BYTES, GoComplex, GoTyped, int64, ints, strings } from './values.ts'
import type { GoValue } from './values.ts'

const CASES: readonly (readonly [string, readonly GoValue[], string])[] = [
  ['%v', [1e6], '1e+06'],
  ['%v', [21], '21'],
  ['%v', [1e-5], '1e-05'],
  ['%v', [null], '<nil>'],
  ['%s', [null], '%!s(<nil>)'],
  ['%d', [1.5], '%!d(float64=1.5)'],
  ['%5d|', [1.5], '%!d(float64=  1.5)|'],
  ['%d %d', [1n], '1 %!d(MISSING)'],
  ['%d', [1n, 2n], '1%!(EXTRA int=2)'],
  ['%', [], '%!(NOVERB)'],
  ['%[3]d', [1n], '%!d(BADINDEX)'],
  ['%[2]d %[1]d', [1n, 2n], '2 1'],
  ['%*d', ['a'], '%!(BADWIDTH)%!d(MISSING)'],
  ['%-5d|%05d|%+d|% d', [7n, 7n, 7n, 7n], '7    |00007|+7| 7'],
  ['%x %X %#x %o %b', [255n, 255n, 255n, 8n, 5n], 'ff FF 0xff 10 101'],
  ['%x', ['hi'], '6869'],
  ['%q', ['é\u00a0"\u0001'], '"é\\u00a0\\"\\x01"'],
  ['%+q', ['é'], '"\\u00e9"'],
  ['%q', ['\udcff'], '"\\xff"'],
  ['%.1f', [2.25], '2.2'],
  ['%.0f', [1e21], '1000000000000000000000'],
  ['%e', [123456.789], '1.234568e+05'],
  ['%.3g', [1234.5], '1.23e+03'],
  ['%b', [1.5], '6755399441055744p-52'],
  ['%x', [1.5], '0x1.8p+00'],
  ['%t', [true], 'true'],
  ['%c %U', [65n, 128_512n], 'A U+1F600'],
  ['%T %T %T', [int64(1n), strings([]), null], 'int64 []string <nil>'],
  ['%#v', [[1n, 'a', null]], '[]interface {}{1, "a", interface {}(nil)}'],
  ['%#v', [new Map([['a', 'x']])], 'map[string]interface {}{"a":"x"}'],
  ['%v %d', [new GoTyped(BYTES, Buffer.from('l1')), ints([1n])], '[108 49] [1]'],
  ['%v', [new GoComplex(0, 1)], '(0+1i)'],
  [
    '%s',
    [
      new Map<GoValue, GoValue>([
        ['b', 1n],
        ['a', 'x'],
      ]),
    ],
    'map[a:x b:%!s(int=1)]',
  ],
]

test('formats print as fmt.Sprintf prints them', () => {
  for (const [format, values, wanted] of CASES) assert.equal(sprintf(format, values), wanted, format)
})

test('print puts spaces only between operands that are no strings', () => {
  assert.equal(sprint([1n, 2n, 'a', 'b', 3n]), '1 2ab3')
  assert.equal(sprint(['a', null, 'b']), 'a<nil>b')
  assert.equal(sprintln(['a', 1n]), 'a 1\n')
})

test('a value that holds itself is an error, not a crash', () => {
  const list: GoValue[] = []
  list.push(list)

  assert.throws(() => formatValue(list), { code: 'limit', message: new RegExp(String(MAX_PRINT_DEPTH)) })
})
