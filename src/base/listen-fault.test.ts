// Errors of opening a port.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CapstanError } from './errors.ts'
import { listenFault } from './listen-fault.ts'

const PLACE = { port: 80, address: '10.0.0.1', flag: '--metrics-port' }

const faults: readonly (readonly [code: string, kind: string, says: RegExp])[] = [
  ['EADDRINUSE', 'precondition', /^port 80 on 10\.0\.0\.1 is taken; .*--metrics-port$/],
  ['EACCES', 'forbidden', /^port 80 may not be opened .*--metrics-port$/],
  ['EADDRNOTAVAIL', 'bad-input', /^10\.0\.0\.1 is no address of this machine; choose one with --address/],
  ['ENOTFOUND', 'bad-input', /^10\.0\.0\.1 is no address of this machine/],
]
for (const [code, kind, says] of faults) {
  test(`${code} says what to do`, () => {
    const fault = listenFault(Object.assign(new Error('listen'), { code }), PLACE)

    assert.ok(fault instanceof CapstanError)
    assert.equal(fault.code, kind)
    assert.match(fault.message, says)
  })
}

test('any other error stays what it is', () => {
  const error = new Error('no file descriptors')

  assert.equal(listenFault(error, PLACE), error)
})
