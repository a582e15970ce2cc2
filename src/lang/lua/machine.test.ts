import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { LuaErrorCode } from './error.ts'
import { MAX_LITERAL_DEPTH } from './literal.ts'
import { loadLua, type LuaMachine } from './machine.ts'
import { MAX_RESULT_DEPTH } from './prelude.ts'

const object = {
  text: 'a"\\\n\u0000ü→😀',
  list: [1, 2.5, -3],
  map: { 'a-b': true },
  none: null,
  empty: {},
  big: 2n ** 60n,
}

const answers: readonly (readonly [says: string, script: string, answer: unknown])[] = [
  ['an object arrives as tables', 'return obj.map["a-b"] and #obj.list == 3', true],
  ['null is nil', 'return obj.none == nil and obj.map.x == nil', true],
  ['text comes back as it went', 'return obj.text', object.text],
  ['numbers come back as they went', 'return obj.list', object.list],
  ['an integer beyond a double stays exact inside', 'return tostring(obj.big)', String(2n ** 60n)],
  ['a whole float is an integer', 'return 6 / 2', 3],
  ['an empty table is an empty list', 'return { a = obj.empty }', { a: [] }],
  ['no answer is null', 'local x = 1', null],
  ['Lua 5.1 names exist', 'local t = { 1, 2 } local a, b = unpack(t) return a + b + table.getn(t)', 5],
  [
    'os has the time and the date',
    'local os = require("os") return type(os.time()) .. #os.date("!%Y-%m-%dT%XZ")',
    'number20',
  ],
  ['methods of texts work', 'return ("ERROR, no"):gsub("ERROR, ", "")', 'no'],
  ['an error can be caught', 'local ok, why = pcall(error, "x", 0) return why', 'x'],
  ['a text is loaded inside the sandbox', 'return load("return obj.list[1]")()', 1],
  [
    'there is no door to the machine',
    'return { dofile == nil, io == nil, os.execute == nil, os.getenv == nil, debug == nil, package == nil, loadfile == nil, collectgarbage == nil }',
    [true, true, true, true, true, true, true, true],
  ],
]

const failures: readonly (readonly [says: string, script: string, code: LuaErrorCode, text: RegExp])[] = [
  [
    'a fault names its line',
    'local a = 1\nreturn obj.nothing.here',
    'script',
    /^<string>:2: attempt to index a nil value/,
  ],
  ['a script that is no Lua', 'return return', 'script', /^<string>:1: /],
  ['an error without a place is its text', 'error("invalid number: x", 0)', 'script', /^invalid number: x$/],
  ['an endless loop', 'while true do end', 'timeout', /longer than 100 ms/],
  [
    'an endless loop that catches errors',
    'while true do pcall(function() while true do end end) end',
    'timeout',
    /longer/,
  ],
  ['an endless loop in a coroutine', 'coroutine.wrap(function() while true do end end)()', 'timeout', /longer/],
  ['a text without end', 'local t = "x" while true do t = t .. t end', 'memory', /more than 8388608 bytes/],
  ['a text without end whose error is caught', 'while true do pcall(string.rep, "x", 1e8) end', 'memory', /more than/],
  [
    'a table that holds itself',
    'local t = {} t[1] = t return t',
    'script',
    new RegExp(`deeper than ${MAX_RESULT_DEPTH}`),
  ],
  ['a list with a gap', 'return { 1, nil, 3 }', 'script', /gaps/],
  ['keys of two types', 'return { 1, a = 2 }', 'script', /mixed/],
  ['a function in the answer', 'return { a = print }', 'script', /cannot hold a function/],
  ['a number that is none', 'return 0 / 0', 'script', /cannot hold the number/],
  ['a library that is not there', 'return require("io")', 'script', /module io not found/],
]

describe('Lua', () => {
  let lua: LuaMachine
  before(async () => {
    lua = await loadLua({ timeLimitMs: 100, memoryLimitBytes: 8 * 1024 * 1024 })
  })
  after(() => lua.close())

  for (const [says, script, answer] of answers) {
    test(says, () => assert.deepEqual(lua.run({ script, globals: { obj: object } }).value, answer))
  }

  for (const [says, script, code, text] of failures) {
    test(`refuses ${says}`, () => {
      assert.throws(() => lua.run({ script, globals: { obj: object } }), { name: 'LuaError', code, message: text })
      assert.equal(lua.run({ script: 'return 1', globals: {} }).value, 1)
    })
  }

  test('keeps nothing of a script for the next one', () => {
    lua.run({ script: 'left = 1 string.upper = nil table.insert = nil _G.type = nil math.huge = 0', globals: {} })

    const script =
      'return left == nil and ("a"):upper() == "A" and string.upper("a") == "A" and type(table.insert) == "function" and getmetatable("") == false'
    assert.equal(lua.run({ script, globals: {} }).value, true)
  })

  test('opens more libraries when asked, none of which reaches the machine', () => {
    const script =
      'return { io.open("/etc/hostname") == nil, os.getenv("PATH") == nil, os.exit == nil, type(os.clock()) }'
    assert.deepEqual(lua.run({ script, globals: {}, openLibs: true }).value, [true, true, true, 'number'])
  })

  test('runs thousands of scripts in one engine', () => {
    for (let count = 0; count < 3000; count++) {
      assert.equal(lua.run({ script: 'x = obj return x.n', globals: { obj: { n: count } } }).value, count)
    }
  })

  test('refuses an object that is nested too deep', () => {
    let deep: unknown = 1
    for (let level = 0; level <= MAX_LITERAL_DEPTH; level++) deep = [deep]
    assert.throws(() => lua.run({ script: 'return 1', globals: { obj: deep } }), { name: 'LuaError', code: 'limit' })
  })
})
