import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { test } from 'node:test'
import { jwtVerify } from 'jose'
import { Secret } from '../base/secret.ts'
import { signJwt } from './json-web-tokens.ts'

test('keys of both PEM forms sign, with the header that is asked for; a wrong one is refused without its text', async () => {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  for (const type of ['pkcs1', 'pkcs8'] as const) {
    const key = new Secret(privateKey.export({ type, format: 'pem' }).toString())

    const { payload, protectedHeader } = await jwtVerify(await signJwt({ iss: '7' }, key, { kid: 'k' }), publicKey)

    assert.deepEqual([payload.iss, protectedHeader.alg, protectedHeader.kid], ['7', 'RS256', 'k'])
  }
  await assert.rejects(signJwt({ iss: '7' }, new Secret('sesame')), (error: Error) => !error.message.includes('sesame'))
})
