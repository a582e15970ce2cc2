// Which credential an image gets: our keyring and the kubelet's own agree on secrets and images made up at random.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fuzzKeyrings } from '../support/keyring-fuzz.ts'

const CASES = 30_000
const SEED = 20_261_121

test('[000-10][000-16] images get the credentials that the kubelet gives them, in its order', () => {
  const { cases, matches, differences } = fuzzKeyrings(CASES, SEED)

  assert.deepEqual(differences, [])
  assert.equal(cases, CASES)
  assert.ok(matches > CASES / 100, `${matches} matches say too little`)
})
