// Addresses as they are shown: without a login, whatever stands in it.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { printableUrl, splitLogin } from './url.ts'

test('an address is shown without its login, of which an @ may be part', () => {
  for (const login of ['bob@', 'bob:pass@', 'bob:p@ss@', 'bob:p w@']) {
    assert.equal(printableUrl(`https://${login}host/x@y.git`), 'https://host/x@y.git')
  }
  assert.equal(printableUrl('git@host:x.git'), 'git@host:x.git')
  assert.deepEqual(splitLogin('https://bob:p@ss@host/x'), {
    plain: 'https://host/x',
    username: 'bob',
    password: 'p@ss',
  })
})
