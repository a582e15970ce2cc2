// Proves bcrypt against published hashes.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bcryptHash } from './bcrypt.ts'

const ALPHABET = './ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'
const STANDARD = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'

function saltOf(hash: string): Buffer {
  const text = Array.from(hash.slice(7, 29), (char) => STANDARD[ALPHABET.indexOf(char)] ?? '').join('')
  return Buffer.from(text, 'base64').subarray(0, 16)
}

test('hashes are those of the reference implementation', () => {
  // crypt_blowfish's and jBCrypt's vectors of cost 10
  const vectors: readonly (readonly [string, string])[] = [
    ['', '$2a$10$k1wbIrmNyFAPwPVPSVa/zecw2BCEnBwVS2GbrmgzxFUOqW9dk4TCW'],
    ['a', '$2a$10$k87L/MF28Q673VKh8/cPi.SUl7MU/rWuSiIDDFayrKk/1tBsSQu4u'],
    ['abc', '$2a$10$WvvTPHKwdBJ3uk0Z37EMR.hLA2W6N9AEBhEgrAOljy2Ae5MtaSIUi'],
  ]
  for (const [password, hash] of vectors) assert.equal(bcryptHash(Buffer.from(password), saltOf(hash)), hash)
})

test('a password of more than 72 bytes has no hash', () => {
  assert.equal(bcryptHash(Buffer.alloc(73, 97), Buffer.alloc(16)), undefined)
})
