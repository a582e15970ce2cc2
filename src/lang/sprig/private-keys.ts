// Private keys as PEM: making them as genPrivateKey does, reading those of the functions that take one.
import { createPrivateKey, generateKeyPairSync } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { derInteger, derSequence, derSmallInteger, readDerValues } from '../../base/der.ts'
import { pemBlock } from '../../base/x509.ts'
import { messageOf } from '../../base/errors.ts'
import { GoError } from '../go/error.ts'

const RSA_BITS = 4096

/** A new key of a kind as PEM, or Sprig's text for a kind it does not know. */
export function generatePrivateKey(kind: string): string {
  switch (kind) {
    case '':
    case 'rsa':
      return privateKeyPem(generateKeyPairSync('rsa', { modulusLength: RSA_BITS }).privateKey)
    case 'ecdsa':
      return privateKeyPem(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey)
    case 'ed25519':
      return privateKeyPem(generateKeyPairSync('ed25519').privateKey)
    case 'dsa':
      return dsaPem(generateKeyPairSync('dsa', { modulusLength: 2048, divisorLength: 256 }).privateKey)
    default:
      return `Unknown type ${kind}`
  }
}

/** A key in the form Go's tools write it: PKCS#1 for RSA, SEC 1 for EC, PKCS#8 for Ed25519. */
export function privateKeyPem(key: KeyObject): string {
  switch (key.asymmetricKeyType) {
    case 'rsa':
      return pemBlock('RSA PRIVATE KEY', key.export({ type: 'pkcs1', format: 'der' }))
    case 'ec':
      return pemBlock('EC PRIVATE KEY', key.export({ type: 'sec1', format: 'der' }))
    default:
      return pemBlock('PRIVATE KEY', key.export({ type: 'pkcs8', format: 'der' }))
  }
}

/** OpenSSL's old form for DSA: version, p, q, g, the public and the private number. */
function dsaPem(key: KeyObject): string {
  const info = contentsOf(contentsOf(key.export({ type: 'pkcs8', format: 'der' }))[0])
  const [p = NOTHING, q = NOTHING, g = NOTHING] = contentsOf(contentsOf(info[1])[1])
  const [x = NOTHING] = contentsOf(info[2])
  const y = powerModulo(bigintOf(g), bigintOf(x), bigintOf(p)).toString(16)
  const yBytes = Buffer.from(y.length % 2 === 0 ? y : `0${y}`, 'hex')
  const numbers = [p, q, g, yBytes, x].map((bytes) => derInteger(bytes))
  return pemBlock('DSA PRIVATE KEY', derSequence(derSmallInteger(0), ...numbers))
}

const NOTHING = Buffer.alloc(0)

function contentsOf(bytes: Uint8Array | undefined): Buffer[] {
  return readDerValues(bytes ?? NOTHING).map((value) => value.content)
}

function bigintOf(bytes: Uint8Array): bigint {
  return bytes.length === 0 ? 0n : BigInt(`0x${Buffer.from(bytes).toString('hex')}`)
}

function powerModulo(base: bigint, exponent: bigint, modulus: bigint): bigint {
  let result = 1n
  let square = base % modulus
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if (rest % 2n === 1n) result = (result * square) % modulus
    square = (square * square) % modulus
  }
  return result
}

/** The key of a PEM text. Throws a GoError with Sprig's text for what is none. */
export function parsePrivateKey(pem: string): KeyObject {
  const label = /-----BEGIN (?<label>[^-]+)-----/.exec(pem)?.groups?.['label']
  if (label === undefined) throw new GoError('no PEM data in input')
  if (label !== 'PRIVATE KEY' && !label.endsWith(' PRIVATE KEY')) {
    throw new GoError(`no private key data in PEM block of type ${label}`)
  }
  const kind = label.replace(/ ?PRIVATE KEY$/, '')
  if (!['', 'RSA', 'EC', 'DSA'].includes(kind)) throw new GoError(`invalid private key type ${kind}`)
  try {
    return createPrivateKey(pem)
  } catch (error) {
    const form = kind === '' ? 'decoding PEM as PKCS#8' : `parsing ${kind} private key from PEM`
    throw new GoError(`${form}: ${messageOf(error)}`, { cause: error })
  }
}
