// What programs give: the language, from outside.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { evaluateJsonnet, importsOf, printJsonnet, type ProgramOptions } from './evaluate.ts'
import { MAX_NESTING } from './parser.ts'

function value(program: string, options: ProgramOptions = {}): unknown {
  return evaluateJsonnet('main.jsonnet', program, options)
}

function message(program: string, options: ProgramOptions = {}): string {
  try {
    value(program, options)
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
  return 'no error'
}

describe('expressions', () => {
  const cases: readonly (readonly [string, unknown])[] = [
    ['1 + 2 * 3 - 4 / 2', 5],
    ['7 % 3 + -7 % 3', 0],
    ['1_000 + 0.5e1', 1005],
    ['!true || false && true', false],
    ['1 << 4 | 3 ^ 1 & ~0', 18],
    ['"a" + 1 + [1] + {b: null}', 'a1[1]{"b": null}'],
    ['[1, 2] + [3]', [1, 2, 3]],
    ['[1, 2] < [1, 3]', true],
    ['{a: 1, h:: 2} == {a: 1}', true],
    ['"\\u00e9\\n\\"" + \'\\\'\' + @"c:\\d""e"', 'é\n"\'c:\\d"e'],
    ['|||\n  one\n    two\n\n  three\n|||', 'one\n  two\n\nthree\n'],
    ['|||-\n  chomped\n|||', 'chomped'],
    ['local a = 1, b = a + 1; [a, b]', [1, 2]],
    [
      'local f(x, y=x + 1) = [x, y]; [f(1), f(y=5, x=1), f(1, 2)]',
      [
        [1, 2],
        [1, 5],
        [1, 2],
      ],
    ],
    [
      'local even(n) = if n == 0 then true else odd(n - 1), odd(n) = if n == 0 then false else even(n - 1); even(40)',
      true,
    ],
    ['(function(a) a * 2)(4)', 8],
    ['if false then 1', null],
    ['[x * y for x in [1, 2, 3] if x != 2 for y in [10, 100]]', [10, 100, 30, 300]],
    ['{["k" + x]: x for x in [1, 2]}', { k1: 1, k2: 2 }],
    ['"añb"[1] + "𝒳y"[0]', 'ñ𝒳'],
    ['[1, 2, 3, 4, 5][1:4:2] + [0][5:]', [2, 4]],
    ['"hello"[1:-1]', 'ell'],
    ['assert 1 < 2 : "never"; "held"', 'held'],
    ['"%s is %d, %05.1f%% of %-4s|" % ["x", 3, 2.25, "y"]', 'x is 3, 002.3% of y   |'],
    ['"%(a)s-%(b)03d" % {a: 1, b: 7}', '1-007'],
    ['local x = error "never asked for"; 1', 1],
  ]
  for (const [program, wanted] of cases) test(program, () => assert.deepEqual(value(program), wanted))
})

describe('objects', () => {
  const cases: readonly (readonly [string, unknown])[] = [
    ['{a: 1} + {b: self.a + 1} + {a: 10}', { a: 10, b: 11 }],
    ['{a: {x: 1}} + {a+: {y: 2}}', { a: { x: 1, y: 2 } }],
    ['{a: {x: 1}} {a+: {x: super.x + 1}}', { a: { x: 2 } }],
    ['{n: 1, [if false then "gone"]: 2, [if true then "kept"]: 3}', { n: 1, kept: 3 }],
    ['{h:: 1, v: self.h} + {h::: 2}', { h: 2, v: 2 }],
    ['{h:: 1} + {h: 2}', {}],
    ['{local a = self.b, b: 1, c: a}', { b: 1, c: 1 }],
    ['{a: $.b.c, b: {c: 1, d: $.a}}', { a: 1, b: { c: 1, d: 1 } }],
    ['{f(x):: x + self.n, n: 1, r: self.f(2)}', { n: 1, r: 3 }],
    ['local o = {a: 1}; [("a" in o), ("b" in o), {b: "a" in super} + {}]', [true, false, { b: false }]],
    ['{a: 1} + {b: [super.a, "a" in super]}', { a: 1, b: [1, true] }],
    ['{"__proto__": 1, constructor: 2}', JSON.parse('{"__proto__": 1, "constructor": 2}')],
    ['{assert self.a > 0, a: 1}', { a: 1 }],
  ]
  for (const [program, wanted] of cases) test(program, () => assert.deepEqual(value(program), wanted))

  test('fields are printed in the order of their names', () => {
    assert.equal(
      printJsonnet('f', '{b: [], a: {}, "é": 1e20, c: 0.1}'),
      '{\n   "a": { },\n   "b": [ ],\n   "c": 0.10000000000000001,\n   "é": 100000000000000000000\n}\n',
    )
  })
})

describe('from outside', () => {
  const files = new Map([
    ['lib/a.libsonnet', '{ n: 1, here: std.thisFile, text: importstr "t.txt" }'],
    ['lib/t.txt', 'plain'],
    ['loop.jsonnet', '{ a: (import "loop.jsonnet").a }'],
  ])
  const findImport: ProgramOptions['findImport'] = (path, from) => {
    const beside = from.includes('/') ? from.slice(0, from.lastIndexOf('/') + 1) + path : path
    const text = files.get(beside)
    return text === undefined ? undefined : { name: beside, bytes: Buffer.from(text) }
  }

  test('files are imported beside the one that asks, and know their own name', () => {
    const wanted = { n: 1, here: 'lib/a.libsonnet', text: 'plain' }
    assert.deepEqual(value('import "lib/a.libsonnet"', { findImport }), wanted)
    assert.deepEqual(value('(importbin "lib/t.txt")[0:2]', { findImport }), [112, 108])
  })

  test('external variables and arguments are text or code', () => {
    const externalVariables = [
      { name: 'text', value: '1 + 1', isCode: false },
      { name: 'code', value: '1 + 1', isCode: true },
    ]
    assert.deepEqual(value('[std.extVar("text"), std.extVar("code")]', { externalVariables }), ['1 + 1', 2])
    const program = 'function(text, code, rest=5) [text, code, rest]'
    assert.deepEqual(value(program, { topLevelArguments: externalVariables }), ['1 + 1', 2, 5])
  })

  test('what std.trace says comes with its line', () => {
    const lines: string[] = []
    assert.equal(value('\nstd.trace("now", 1)', { onTrace: (line) => lines.push(line) }), 1)
    assert.deepEqual(lines, ['TRACE: main.jsonnet:2 now'])
  })

  test('imports are found without running the program', () => {
    const program = 'local a = import "a"; {b: importstr "b", [importbin "c"]: error import "a"}'
    const found = importsOf('f', program).map(({ form, path }) => `${form} ${path}`)
    assert.deepEqual(found.toSorted(), ['bytes c', 'code a', 'text b'])
  })

  test('are found besides every form of the language', () => {
    const forms = [
      'a[1:]',
      'a[::2]',
      'function(x, y=1) x',
      'if a then 1',
      '{ local b = 1, assert b > 0, [a]+: 1, c:: 2, d(e):: e, f: self.a }',
      '{ [k]: 1 for k in a if true }',
      '[k for k in a for l in a if l]',
      'a { b: 1 }',
      'a in {}',
      '{ a: super.a }',
      'assert a : "x"; 1',
      'error "x"',
      'a(1, b=2) tailstrict',
      '-a',
    ]
    for (const form of forms) {
      const programs = [`local a = []; local f = import 'f'; ${form}`, `local a = []; local g = ${form}; import 'f'`]
      for (const program of programs) assert.deepEqual(importsOf('m', program), [{ form: 'code', path: 'f' }], program)
    }
  })

  const failures: readonly (readonly [string, RegExp])[] = [
    ['import "absent"', /^RUNTIME ERROR: couldn't open import "absent": no match locally/],
    ['(import "loop.jsonnet").a', /^RUNTIME ERROR: max stack frames exceeded\./],
    ['std.extVar("nobody")', /^RUNTIME ERROR: Undefined external variable: nobody\n/],
    ['function(x) x', /^RUNTIME ERROR: Missing argument: x\n/],
  ]
  for (const [program, wanted] of failures) {
    test(`fails: ${program}`, () => assert.match(message(program, { findImport }), wanted))
  }
})

describe('errors', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['{a: }', 'main.jsonnet:1:5-6 Unexpected: "}" while parsing terminal'],
    ['[1 2]', 'main.jsonnet:1:4-5 Expected a comma before next array element.'],
    ['nobody', 'main.jsonnet:1:1-7 Unknown variable: nobody'],
    ['self.a', "main.jsonnet:1:1-5 Can't use self outside of an object."],
    ['$.a', 'main.jsonnet:1:1-2 No top-level object found.'],
    ['"open', 'main.jsonnet:1:1 Unterminated String'],
    ['1 + ', 'main.jsonnet:1:5 Unexpected end of file'],
    ['local a = 1, a = 2; a', 'main.jsonnet:1:14-15 Duplicate local var: a'],
    ['1.', "main.jsonnet:1:3 Couldn't lex number, junk after decimal point: '\\ufffd'"],
    ['import "a" + "b"', 'main.jsonnet:1:8-17 Computed imports are not allowed'],
    [`${'['.repeat(600)}`, 'main.jsonnet:1:501-502 Exceeded maximum parse depth limit.'],
    ['error "told"', 'RUNTIME ERROR: told\n\tmain.jsonnet:1:1-13\t$\n\tDuring evaluation\t'],
    [
      'local f(x) =\n  x.y;\nf({})',
      'RUNTIME ERROR: Field does not exist: y\n\tmain.jsonnet:2:3-6\tfunction <f>\n\tmain.jsonnet:3:1-6\t$\n\tDuring evaluation\t',
    ],
    ['{a: error "late"}', 'RUNTIME ERROR: late\n\tmain.jsonnet:1:5-17\t$\n\tDuring manifestation\t'],
  ]
  for (const [program, wanted] of cases) {
    test(program.slice(0, 40), () => assert.equal(message(program), wanted))
  }

  const texts: readonly (readonly [string, RegExp])[] = [
    ['1 / 0', /Division by zero\./],
    ['[1][1]', /Index 1 out of bounds, not within \[0, 1\)/],
    ['"a" - 1', /Unexpected type string, expected number/],
    ['{} < {}', /Unexpected type object/],
    ['(function(a) a)()', /Missing argument: a/],
    ['(function(a) a)(1, 2)', /function expected 1 positional argument\(s\), but got 2/],
    ['(function(a) a)(b=1)', /function has no parameter b/],
    ['(function(a) a)', /Missing argument: a/],
    ['[function(a) a]', /couldn't manifest function as JSON/],
    ['{assert false : "checked", a: 1}.a', /RUNTIME ERROR: checked/],
    ['{["a"]: 1, ["a"]: 2}', /Duplicate field name: "a"/],
    ['local x = x; x', /max stack frames exceeded/],
    ['local f(n) = 1 + f(n); f(1)', /max stack frames exceeded/],
    ['std.makeArray(1e9, function(i) i)', /a list of 1000000000 items is above 10000000/],
    ['"%99999999d" % 1', /format width 99999999 is above 1000000/],
    ['1e308 * 10', /Overflow/],
  ]
  for (const [program, wanted] of texts) test(program, () => assert.match(message(program), wanted))
})

test('a recursion marked tailstrict may be as deep as it likes', () => {
  const sum = 'local sum(n, so) = if n == 0 then so else sum(n - 1, so + n) tailstrict; sum(20000, 0)'
  assert.equal(value(sum), 200_010_000)
})

test('a field is computed once per object', () => {
  const program = '{a: std.trace("once", 1), b: self.a + self.a}'
  const lines: string[] = []
  value(program, { onTrace: (line) => lines.push(line) })
  assert.equal(lines.length, 1)
})

describe('limits of a program', () => {
  test('what nests deeper than the parser goes is an error with a place', () => {
    for (const [open, close] of [
      ['[', ']'],
      ['(', ')'],
      ['{a:', '}'],
    ] as const) {
      const deep = `${open.repeat(MAX_NESTING + 1)}1${close.repeat(MAX_NESTING + 1)}`
      assert.match(message(deep), /main\.jsonnet:1:\d+.* Exceeded maximum parse depth limit/, open)
    }
  })

  test('calls deeper than the stack allows are an error', () => {
    assert.match(message('local f(x) = 1 + f(x + 1); f(0)'), /max stack frames exceeded/)
  })
})
