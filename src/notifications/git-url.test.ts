import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fullName, httpsAddress } from './git-url.ts'

const CASES: readonly (readonly [string, string, string])[] = [
  ['git@github.com:argoproj/argo-cd.git', 'https://github.com/argoproj/argo-cd.git', 'argoproj/argo-cd'],
  ['https://user:pw@github.com/argoproj/argo-cd.git', 'https://github.com/argoproj/argo-cd.git', 'argoproj/argo-cd'],
  ['ssh://git@host:2222/a/b/c', 'https://host:2222/a/b/c', 'a/b'],
  ['http://host/only', 'https://host/only', '/only'],
]
for (const [address, https, name] of CASES) {
  test(`${address} is ${https} and ${name}`, () => {
    assert.equal(httpsAddress(address), https)
    assert.equal(fullName(address), name)
  })
}
