// Whether a call proves that its sender knows the secret: comparisons that take the same time whatever is wrong.
import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import type { Secret } from '../../base/secret.ts'

/** Equal texts; the time does not tell how much of them is. */
export function isSameSecret(given: string, expected: string): boolean {
  return timingSafeEqual(digest(given), digest(expected))
}

/** `signature` is the lower-case hexadecimal HMAC-SHA256 of the body. */
export function isSigned(body: Buffer, signature: string, secret: Secret): boolean {
  return isSameSecret(signature, createHmac('sha256', secret.reveal()).update(body).digest('hex'))
}

/** User and password of an `Authorization: Basic …` header. */
export function basicCredentials(
  authorization: string,
): { readonly username: string; readonly password: string } | undefined {
  const encoded = /^Basic (?<encoded>[A-Za-z0-9+/=]*)$/i.exec(authorization)?.groups?.['encoded']
  if (encoded === undefined) return undefined
  const text = Buffer.from(encoded, 'base64').toString('utf8')
  const colon = text.indexOf(':')
  return colon < 0 ? undefined : { username: text.slice(0, colon), password: text.slice(colon + 1) }
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
