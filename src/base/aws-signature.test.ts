// Signatures against the examples of AWS' own documentation.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Secret } from './secret.ts'
import { presignUrl, signPost, type SigningScope } from './aws-signature.ts'

const CREDENTIALS = {
  accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
  secretAccessKey: new Secret('wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY'),
}

test("a presigned URL is that of AWS' example", () => {
  // Amazon S3 API reference, "Authenticating requests: using query parameters".
  const scope = { credentials: CREDENTIALS, region: 'us-east-1', service: 's3', nowMs: Date.UTC(2013, 4, 24) }

  const signed = presignUrl(new URL('https://examplebucket.s3.amazonaws.com/test.txt'), scope, {
    expiresSeconds: 86_400,
    body: 'UNSIGNED-PAYLOAD',
  })

  assert.equal(
    signed.searchParams.get('X-Amz-Signature'),
    'aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404',
  )
})

test('headers, a session token and a body are part of what is signed', () => {
  const scope: SigningScope = { credentials: CREDENTIALS, region: 'eu-west-1', service: 'sts', nowMs: 0 }
  const withToken = { ...scope, credentials: { ...CREDENTIALS, sessionToken: new Secret('t0k/en') } }
  const url = new URL('https://sts.eu-west-1.amazonaws.com/')

  const signatures = [
    presignUrl(url, scope, { expiresSeconds: 60, headers: { 'x-k8s-aws-id': 'one' } }).search,
    presignUrl(url, scope, { expiresSeconds: 60, headers: { 'x-k8s-aws-id': 'two' } }).search,
    presignUrl(url, withToken, { expiresSeconds: 60, headers: { 'x-k8s-aws-id': 'one' } }).search,
    signPost(url, 'Action=a', scope)['authorization'],
    signPost(url, 'Action=b', scope)['authorization'],
  ]

  assert.equal(new Set(signatures).size, signatures.length)
  assert.match(signatures[2] ?? '', /X-Amz-Security-Token=t0k%2Fen/)
})
