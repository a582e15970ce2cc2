// What is wrong with a certificate and its key, in the words of Go's crypto/tls (`X509KeyPair`).
import { Buffer } from 'node:buffer'
import { createPrivateKey, X509Certificate } from 'node:crypto'

const BLOCK = /-----BEGIN (?<type>[^\n-]+)-----[\s\S]*?-----END \k<type>-----/g

/** Warnings for a certificate and a key, both as base64. What this platform cannot read is not judged. */
export function keyPairWarnings(certificate: string, key: string): readonly string[] {
  const [certificateText, keyText] = [certificate, key].map((text) => Buffer.from(text, 'base64').toString('latin1'))
  const text =
    blockFault(certificateText ?? '', 'certificate', (type) => type === 'CERTIFICATE') ??
    blockFault(keyText ?? '', 'key', (type) => type.endsWith('PRIVATE KEY')) ??
    matchFault(certificateText ?? '', keyText ?? '')
  return text === undefined ? [] : [`tls: ${text}`]
}

function blockFault(
  text: string,
  what: 'certificate' | 'key',
  isWanted: (type: string) => boolean,
): string | undefined {
  const types = [...text.matchAll(BLOCK)].map((match) => match.groups?.['type'] ?? '')
  if (types.length === 0) return `failed to find any PEM data in ${what} input`
  if (types.some(isWanted)) return undefined
  if (what === 'certificate') return `failed to find "CERTIFICATE" PEM block in certificate input after skipping PEM blocks of the following types: [${types.join(' ')}]` // prettier-ignore
  const isSwapped = types.length === 1 && types[0] === 'CERTIFICATE'
  if (isSwapped) return 'found a certificate rather than a key in the PEM for the private key'
  return `failed to find PEM block with type ending in "PRIVATE KEY" in key input after skipping PEM blocks of the following types: [${types.join(' ')}]`
}

function matchFault(certificate: string, key: string): string | undefined {
  try {
    const isPair = new X509Certificate(certificate).checkPrivateKey(createPrivateKey(key))
    return isPair ? undefined : 'private key does not match public key'
  } catch {
    // Neither a wrong structure nor a kind of key that is unknown here is told in Go's words, so nothing is.
    return undefined
  }
}
