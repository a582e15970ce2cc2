// Proves Sprig's functions beyond the recorded cases: certificates, random ones, sharing when merging, limits.
import assert from 'node:assert/strict'
import { createHash, createPrivateKey, X509Certificate } from 'node:crypto'
import { describe, test } from 'node:test'
import { GoStruct, GoTyped } from '../go/values.ts'
import type { GoMap, GoValue } from '../go/values.ts'
import { MAX_ELEMENTS, MAX_TEXT_LENGTH } from './define.ts'
import type { SprigEnvironment } from './environment.ts'
import { helmFunctions, sprigFunctions } from './functions.ts'
import { MAX_COPY_DEPTH } from './maps.ts'

/** The same "random" bytes in every run. */
function testEnvironment(): SprigEnvironment {
  let counter = 0
  const random = (count: number): Uint8Array => {
    counter += 1
    const block = createHash('sha512').update(String(counter)).digest()
    return Buffer.concat(Array.from({ length: Math.ceil(count / block.length) }, () => block)).subarray(0, count)
  }
  return { random, nowMs: () => Date.parse('2026-01-01T00:00:00Z'), timeZone: 'UTC' }
}

function call(name: string, ...args: GoValue[]): GoValue {
  return helmFunctions(testEnvironment()).get(name)?.call(args) ?? null
}

function mapOf(entries: Record<string, GoValue>): GoMap {
  return new Map(Object.entries(entries))
}

function fieldOf(value: GoValue, name: string): string {
  const field = value instanceof GoStruct ? value.fields.get(name) : undefined
  return typeof field === 'string' ? field : ''
}

describe('certificates', () => {
  test('an authority signs a certificate with its names', () => {
    const ca = call('genCA', 'ca', 10n)
    const leaf = call('genSignedCert', 'leaf', ['10.0.0.1'], ['a.example'], 5n, ca)

    const parsed = new X509Certificate(fieldOf(leaf, 'Cert'))
    const authority = new X509Certificate(fieldOf(ca, 'Cert'))
    assert.equal(parsed.verify(authority.publicKey), true)
    assert.equal(parsed.checkPrivateKey(createPrivateKey(fieldOf(leaf, 'Key'))), true)
    assert.equal(parsed.subjectAltName, 'DNS:a.example, IP Address:10.0.0.1')
    assert.equal(parsed.validTo, 'Jan  6 00:00:00 2026 GMT')
    assert.equal(authority.ca, true)
  })

  test('keys of every kind are read again', () => {
    for (const kind of ['ecdsa', 'ed25519']) {
      const made = call('genSelfSignedCertWithKey', 'x', null, null, 1n, call('genPrivateKey', kind))
      assert.match(fieldOf(made, 'Cert'), /^-----BEGIN CERTIFICATE-----\n/)
    }
    assert.throws(() => call('genCAWithKey', 'x', 1n, 'no key'), /parsing private key: no PEM data in input/)
  })
})

describe('random functions', () => {
  test('the same randomness gives the same text', () => {
    for (const name of ['randAlphaNum', 'randAlpha', 'randNumeric', 'randAscii', 'randBytes']) {
      assert.deepEqual(call(name, 20n), call(name, 20n), name)
    }
    const uuid = call('uuidv4')
    assert.match(
      typeof uuid === 'string' ? uuid : '',
      /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
    )
  })

  test('the process environment is not to be had', () => {
    assert.equal(sprigFunctions(testEnvironment()).has('env'), false)
    assert.equal(sprigFunctions(testEnvironment()).has('expandenv'), false)
  })
})

describe('maps', () => {
  test('merging changes the first map and shares tables of the others', () => {
    const source = mapOf({ a: mapOf({ b: 1n }) })
    const target = mapOf({})

    const merged = call('merge', target, source)

    assert.equal(merged, target)
    assert.equal(target.get('a'), source.get('a'))
  })

  test('merging never puts a table over a set value, and an empty value gives way', () => {
    const target = mapOf({ a: 1n, b: '', c: mapOf({ x: 1n }), d: false })

    call('merge', target, mapOf({ a: mapOf({}), b: 'B', c: 5n, d: true, e: null }))

    assert.deepEqual(target, mapOf({ a: 1n, b: 'B', c: mapOf({ x: 1n }), d: true }))
  })

  test('a copy shares nothing', () => {
    const source = mapOf({ a: [mapOf({ b: 1n })] })

    const copied = call('deepCopy', source)

    assert.deepEqual(copied, source)
    assert.notEqual(copied instanceof Map ? copied.get('a') : undefined, source.get('a'))
  })
})

describe('limits', () => {
  test('texts and lists that would be too large are refused', () => {
    assert.throws(() => call('repeat', BigInt(MAX_TEXT_LENGTH), 'ab'), { code: 'limit' })
    assert.throws(() => call('indent', BigInt(MAX_TEXT_LENGTH), 'a\nb'), { code: 'limit' })
    assert.throws(() => call('until', BigInt(MAX_ELEMENTS) + 1n), { code: 'limit' })
    assert.throws(() => call('randAlpha', BigInt(MAX_ELEMENTS) + 1n), { code: 'limit' })
  })

  test('values nested too deep are refused', () => {
    let deep: GoValue = []
    for (let level = 0; level <= MAX_COPY_DEPTH + 1; level += 1) deep = [deep]

    assert.throws(() => call('deepCopy', deep), { code: 'limit' })
    assert.throws(() => call('mustToJson', deep), { code: 'limit' })
    assert.throws(() => call('mustToToml', mapOf({ a: deep })), { code: 'limit' })
  })
})

test('TOML is read into tables, lists and numbers', () => {
  const text =
    'a = 1_000\nb.c = "x\\u00e9"\n[t]\nl = [1.5, true, \'r\\n\']\n[[t.x]]\nd = 2020-01-01\n[[t.x]]\ne = {f = 0x1F}\n'

  assert.equal(
    call('toJson', call('fromToml', text)),
    '{"a":1000,"b":{"c":"xé"},"t":{"l":[1.5,true,"r\\\\n"],"x":[{"d":"2020-01-01"},{"e":{"f":31}}]}}',
  )
})

test('a list without elements stays a nil one', () => {
  assert.ok(call('rest', []) instanceof GoTyped)
  assert.equal(call('toJson', call('rest', [])), 'null')
})
