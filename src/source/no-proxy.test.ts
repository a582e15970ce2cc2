import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isWithoutProxy } from './no-proxy.ts'

test('hosts without a proxy are named by themselves, their domain, an address or a range', () => {
  const cases: readonly (readonly [string, string, boolean])[] = [
    ['registry.example.com', 'example.com', true],
    ['example.com', 'example.com', true],
    ['example.com', '.example.com', false],
    ['a.example.com:443', ' other , .Example.com', true],
    ['a.example.com', '*.example.com', true],
    ['notexample.com', 'example.com', false],
    ['host:443', 'host:443', true],
    ['host:8443', 'host:443', false],
    ['10.1.2.3:5000', '10.0.0.0/8', true],
    ['11.1.2.3', '10.0.0.0/8', false],
    ['[fd00::1]:443', 'fd00::/8', true],
    ['10.1.2.3', 'fd00::/8', false],
    ['10.1.2.3', '10.1.2.3', true],
    ['1.10.1.2', '10.1.2', false],
    ['host', '10.0.0.0/99', false],
    ['anything', '*', true],
    ['anything', '', false],
  ]
  for (const [host, noProxy, expected] of cases) {
    assert.equal(isWithoutProxy(host, noProxy), expected, `${host} in ${noProxy}`)
  }
  assert.equal(isWithoutProxy('host', undefined), false)
})
