// jq programs: what they give, what they delete, and what they refuse.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { createJqDeletion } from './delete.ts'
import { JqError, JqLimitError, JqSyntaxError } from './error.ts'
import { compileJq, deletePaths, runJq } from './program.ts'
import type { Json } from './values.ts'

function run(text: string, input: Json = null): readonly Json[] {
  return runJq(input, compileJq(text))
}

const RESULTS: readonly (readonly [program: string, input: Json, results: readonly Json[]])[] = [
  ['.', 1, [1]],
  ['', { a: 1 }, [{ a: 1 }]],
  ['.a.b', { a: { b: 2 } }, [2]],
  ['.a.b', {}, [null]],
  ['."a b"."c"', { 'a b': { c: 1 } }, [1]],
  ['.["a"]["b"]?', { a: 1 }, []],
  ['.[-1], .[1:], .[:1], .[-2:]', [1, 2, 3], [3, [2, 3], [1], [2, 3]]],
  ['"héllo"[1:3]', null, ['él']],
  ['.[]', { a: 1, b: 2 }, [1, 2]],
  ['.[]?', 1, []],
  ['[..]', [1, [2]], [[[1, [2]], 1, [2], 2]]],
  ['1, 2 | . + 10', null, [11, 12]],
  ['[.[] | select(.name | startswith("x"))]', [{ name: 'x1' }, { name: 'y' }], [[{ name: 'x1' }]]],
  ['.a // "none", (.b // 3), (empty // 4)', { a: false, b: 1 }, ['none', 1, 4]],
  ['.a?//"d"', 1, ['d']],
  ['1 + 2 * 3 - 4 / 2 % 3', null, [5]],
  ['-(1 + 2), -1', null, [-3, -1]],
  ['[1, 2, 1] - [1], "a,b" / ",", {a: {b: 1}} * {a: {c: 2}}', null, [[2], ['a', 'b'], { a: { b: 1, c: 2 } }]],
  ['"ab" * 2, ("x" * 0)', null, ['abab', null]],
  ['1 < 2 and "a" < [] or false', null, [true]],
  ['[null, true, false, 1, "a", [], {}] | sort', null, [[null, false, true, 1, 'a', [], {}]]],
  ['if .a then "t" elif .b then "u" else "v" end', { b: 1 }, ['u']],
  ['if false then 1 end', 7, [7]],
  ['try error("x") catch ., (try (1 | keys) catch .)', null, ['x', 'keys cannot be applied to: number (1)']],
  ['reduce .[] as $x (0; . + $x)', [1, 2, 3], [6]],
  [
    '[foreach .[] as $x (0; . + $x; [$x, .])]',
    [1, 2],
    [
      [
        [1, 1],
        [2, 3],
      ],
    ],
  ],
  ['. as $x | [$x, $x + 1]', 1, [[1, 2]]],
  ['def f(g; $n): g + $n; f(.a; 1)', { a: 2 }, [3]],
  ['def fac: if . <= 1 then 1 else . * (. - 1 | fac) end; fac', 5, [120]],
  ['[label $out | 1, 2, break $out, 3]', null, [[1, 2]]],
  ['{a, "b": .a, (.k): 1, $__loc__: 2}'.replace(', $__loc__: 2', ''), { a: 1, k: 'x' }, [{ a: 1, b: 1, x: 1 }]],
  ['{a: (1, 2)}', null, [{ a: 1 }, { a: 2 }]],
  ['"v\\(.a) \\("x" + "\\(1)")"', { a: [1] }, ['v[1] x1']],
  ['@base64 "x\\(.)", @json, ("aGk=" | @base64d)', 'hi', ['xaGk=', '"hi"', 'hi']],
  ['keys, length, type, (to_entries | length)', { b: 1, a: 2 }, [['a', 'b'], 2, 'object', 2]],
  ['with_entries(select(.key | test("^a")))', { ab: 1, b: 2 }, [{ ab: 1 }]],
  ['map(. * 2), any(. > 1), all(. > 1)', [1, 2], [[2, 4], true, false]],
  ['has("a"), has("b")', { a: null }, [true, false]],
  ['contains({a: "b"}), (["foobar"] | contains(["bar"]))', { a: 'abc' }, [true, true]],
  [
    '[match("(?<n>o+)"; "g") | [.offset, .string, .captures[0].name]]',
    'foo bo',
    [
      [
        [1, 'oo', 'n'],
        [5, 'o', 'n'],
      ],
    ],
  ],
  ['test("A"; "i"), sub("a"; "b"), gsub("(?<x>[a-c])"; "<\\(.x)>")', 'aca', [true, 'bca', '<a><c><a>']],
  ['[paths]', { a: [1] }, [[['a'], ['a', 0]]]],
  ['[path(.a[0].b?)]', { a: [{ b: 1 }] }, [[['a', 0, 'b']]]],
  [
    'sort_by(.a), group_by(.a), unique_by(.a), max_by(.a).a',
    [{ a: 2 }, { a: 1 }],
    [[{ a: 1 }, { a: 2 }], [[{ a: 1 }], [{ a: 2 }]], [{ a: 1 }, { a: 2 }], 2],
  ],
  ['.a = 1, .a |= . + 1, .b += 5, .c //= 9', { a: 2 }, [{ a: 1 }, { a: 3 }, { a: 2, b: 5 }, { a: 2, c: 9 }]],
  ['walk(if type == "number" then . + 1 else . end)', { a: [1] }, [{ a: [2] }]],
  ['[limit(2; .[])], first(.[]), [range(0; 6; 2)], until(. == 0; 0)', [5, 6, 7], [[5, 6], 5, [0, 2, 4], 0]],
  [
    'ascii_downcase, ascii_upcase, ltrimstr("A"), rtrimstr("b"), split("a"), explode[0]',
    'Ab',
    ['ab', 'AB', 'b', 'A', ['Ab'], 65],
  ],
  ['tostring, tojson, (tojson | fromjson), ("12" | tonumber)', [1], ['[1]', '[1]', [1], 12]],
  [
    'flatten, add, reverse, unique, min, max, join("-")',
    [1, 3, 2],
    [[1, 3, 2], 6, [2, 3, 1], [1, 2, 3], 1, 3, '1-3-2'],
  ],
  ['in({"a": 1}), inside("abc"), ([1, 2] | index(2)), isvalid(error)', 'a', [true, true, 1, false]],
  ['# a comment\n.a # another', { a: 1 }, [1]],
]

for (const [program, input, results] of RESULTS) {
  test(`${program} gives ${JSON.stringify(results)}`, () => {
    assert.deepEqual(run(program, input), results)
  })
}

const POD: Json = {
  spec: {
    replicas: 3,
    containers: [
      { name: 'main', env: [{ name: 'A' }, { name: 'B' }] },
      { name: 'sidecar', image: 'x' },
    ],
  },
}

const DELETIONS: readonly (readonly [program: string, input: Json, left: Json])[] = [
  ['.spec.replicas', { spec: { replicas: 3, a: 1 } }, { spec: { a: 1 } }],
  ['.missing.field', { a: 1 }, { a: 1 }],
  [
    '.spec.containers[] | select(.name == "sidecar")',
    POD,
    { spec: { replicas: 3, containers: [{ name: 'main', env: [{ name: 'A' }, { name: 'B' }] }] } },
  ],
  [
    '.spec.containers[0].env[] | select(.name | test("^A$"))',
    POD,
    {
      spec: {
        replicas: 3,
        containers: [
          { name: 'main', env: [{ name: 'B' }] },
          { name: 'sidecar', image: 'x' },
        ],
      },
    },
  ],
  ['.[0, 2]', [1, 2, 3], [2]],
  ['.[1:]', [1, 2, 3], [1]],
  ['.[-1]', [1, 2], [1]],
  ['..|.image?', { a: { image: 1 }, image: 2 }, { a: {} }],
  ['.a, .b', { a: 1, b: 2, c: 3 }, { c: 3 }],
  ['.metadata.annotations | to_entries[] | select(.key == "x")', { metadata: {} }, { metadata: {} }],
  ['.. | select(type == "object" and has("x")) | .x', { x: 1, a: { x: 2 } }, { a: {} }],
  ['if .a then .b else .c end', { a: 1, b: 2, c: 3 }, { a: 1, c: 3 }],
  ['first(.[] | select(. > 1))', [1, 2, 3], [1, 3]],
  ['getpath(["a", "b"])', { a: { b: 1 } }, { a: {} }],
  ['.a[]? | .b', { a: [{ b: 1 }, { b: 2, c: 3 }] }, { a: [{}, { c: 3 }] }],
  ['empty', { a: 1 }, { a: 1 }],
  ['recurse(.children[]?) | .id', { id: 1, children: [{ id: 2 }] }, { children: [{}] }],
  ['. as $x | .[$x.k]', { k: 'v', v: 1 }, { k: 'v' }],
]

describe('deleting', () => {
  const remove = createJqDeletion()

  for (const [program, input, left] of DELETIONS) {
    test(`del(${program}) of ${JSON.stringify(input).slice(0, 60)}`, () => {
      const before = structuredClone(input)

      // Rules delete from objects; lists only occur inside them.
      assert.deepEqual(remove(input as object, program), left)
      assert.deepEqual(input, before)
    })
  }

  test('an expression that does not fit the object hides nothing', () => {
    const object = { a: 1 }

    assert.equal(remove(object, '.b[]'), object)
    assert.equal(remove(object, '.a.b'), object)
    assert.throws(() => deletePaths({ a: 1 }, compileJq('.a | tostring')), JqError)
  })

  test('[TestJqPathExpressionFailWithTimeout] an expression without end is stopped, as is one without bottom', () => {
    assert.throws(() => remove({}, 'until(true == false; [.] + [1])'), /^JqLimitError: JQ patch execution timed out/)
    assert.throws(() => remove({}, 'def f: 1 + f; f'), JqLimitError)
    assert.throws(() => runJq(null, compileJq('[range(100)]'), { maxSteps: 50 }), /more than 50 steps/)
    assert.throws(() => runJq([1], compileJq('until(false; . + .)')), /jq list longer than 1000000 items/)
    assert.throws(() => runJq('a', compileJq('until(false; . + .)')), /jq text longer than 10000000 characters/)
    const texts = compileJq(String.raw`"\(range(1000))\(range(1000))\(range(1000))"`)
    assert.throws(() => runJq(null, texts), /more than 1000000 steps/)
  })
})

const FAULTS: readonly (readonly [program: string, message: string])[] = [
  ['.a)', 'unexpected token ")"'],
  ['.a | ', 'unexpected EOF'],
  ['foo', 'function not defined: foo/0'],
  ['map', 'function not defined: map/0'],
  ['$x', 'variable not defined: $x'],
  ['. as $x | 1, $y', 'variable not defined: $y'],
  ['"abc', 'unterminated string literal'],
  ['1 == 2 == 3', 'unexpected token "=="'],
  ['{a: 1', 'unexpected EOF'],
  ['if 1 then 2', 'unexpected EOF'],
  ['.a ~ 1', 'unexpected token "~"'],
  ['break $x', 'label not defined: *x*'],
]

for (const [program, message] of FAULTS) {
  test(`${program} is refused: ${message}`, () => {
    assert.throws(() => compileJq(program), new JqSyntaxError(message))
  })
}

const ERRORS: readonly (readonly [program: string, input: Json, message: string])[] = [
  ['.a', [1, 2], 'expected an object but got: array ([1,2])'],
  ['.[0]', { a: 1 }, 'expected an array but got: object ({"a":1})'],
  ['.[]', 5, 'cannot iterate over: number (5)'],
  ['.[]', null, 'cannot iterate over: null'],
  ['1 + "a"', null, 'cannot add: number (1) and string ("a")'],
  ['{} - 1', null, 'cannot subtract: object ({}) and number (1)'],
  ['startswith("a")', 1, 'startswith("a") cannot be applied to: number (1)'],
  ['fromjson', 'x', 'fromjson cannot be applied to: string ("x")'],
  ['error("boom")', null, 'error: boom'],
  ['path(1)', null, 'invalid path against: number (1)'],
  ['[1] | path(map(.)[0])', null, 'invalid path against: array ([1])'],
  ['1 / 0', null, 'cannot divide 1 by: number (0)'],
]

for (const [program, input, message] of ERRORS) {
  test(`${program} fails: ${message}`, () => {
    assert.throws(
      () => run(program, input),
      (error) => error instanceof JqError && error.message === message,
    )
  })
}

test('programs nested too deep, or too long, are refused', () => {
  assert.throws(() => compileJq(`${'['.repeat(2000)}1${']'.repeat(2000)}`), /nested deeper/)
  assert.throws(() => compileJq(`.${' '.repeat(200_000)}`), /longer than/)
})

/** In memory a hundred lists; printed, 2 to the hundredth. */
const SHARED = 'reduce range(100) as $i (0; [., .]) as $a | reduce range(100) as $i (0; [., .]) as $b'
const SHARED_MAPS =
  'reduce range(100) as $i ({}; {a: ., b: .}) as $a | reduce range(100) as $i ({}; {a: ., b: .}) as $b'

for (const program of [
  `${SHARED} | $a | tostring`,
  `${SHARED} | $a | tojson`,
  `${SHARED} | $a | @json`,
  `${SHARED} | $a | @base64`,
  `${SHARED} | "\\($a)"`,
  `${SHARED} | $a == $b`,
  `${SHARED} | [$a] - [$b]`,
  `${SHARED} | [$a, $b] | sort`,
  `${SHARED} | [$a, $b] | unique`,
  `${SHARED} | [$a, $b] | min`,
  `${SHARED} | [$a, $b] | group_by(.)`,
  `${SHARED} | [$a, $b] | unique_by(.)`,
  `${SHARED} | [$a, $b] | indices([$b])`,
  `${SHARED} | [$a, $b] | .[[$b]]`,
  `${SHARED} | $a | contains($b)`,
  `${SHARED} | $a | flatten`,
  'reduce range(100) as $i ([]; [., .]) | flatten',
  `${SHARED} | null | delpaths([[$a], [$b]])`,
  `${SHARED_MAPS} | $a == $b`,
  `${SHARED_MAPS} | $a * $b`,
]) {
  test(`${program} ends at a limit`, () => {
    assert.throws(
      () => runJq(null, compileJq(program), { maxVisits: 100_000 }),
      (error) => error instanceof JqLimitError && error.message === 'jq program looked into more than 100000 values',
    )
  })
}

test('the values that one execution looks into are counted together, and 20,000,000 are enough for it', () => {
  const program = compileJq('[range(100)] as $x | range(100) | $x == $x')
  assert.throws(() => runJq(null, program, { maxVisits: 10_000 }), /more than 10000 values/)
  assert.equal(runJq(null, program, { maxVisits: 10_100 }).length, 100)
  assert.throws(
    () => runJq(null, compileJq('reduce range(100) as $i (0; [., .]) as $a | $a == $a')),
    /more than 20000000 values/,
  )
})

test('places to be deleted are compared at the cost of the same execution', () => {
  const program = compileJq(`${SHARED} | .[[$a]], .[[$b]]`)
  assert.throws(() => deletePaths(null, program, { maxVisits: 100_000 }), /more than 100000 values/)
})

test('a text longer than 10,000,000 characters is refused wherever it is made', () => {
  for (const program of [
    '"0123456789" * 1000001',
    'reduce range(25) as $i ("a"; "\\(.)\\(.)")',
    '("a" * 9000000) as $x | [$x, $x] | tojson',
    '("a" * 9000000) as $x | [$x, $x] | join(",")',
  ]) {
    assert.throws(() => run(program), /jq text longer than 10000000 characters/, program)
  }
})

test('an error names the beginning of a value that is too large to print', () => {
  for (const program of [`${SHARED} | $a | .a`, `${SHARED} | $a - 1`, `${SHARED} | $a | has("a")`]) {
    assert.throws(() => run(program), /array \(\[{27}\.\.\.\)/, program)
  }
  assert.throws(() => run(`("a" * 1000) | .[0].b`), /string \("a{26}\.\.\.\)/)
})
