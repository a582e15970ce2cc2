// SSH keys as age identities: private keys in OpenSSH's format, and how age wraps a file's key for them (age v1.2.1 agessh).
import {
  createDecipheriv,
  createHash,
  createPrivateKey,
  createPublicKey,
  constants,
  diffieHellman,
  hkdfSync,
  privateDecrypt,
  type KeyObject,
} from 'node:crypto'
import type { Identity, Stanza } from 'age-encryption'
import { SopsError } from './fault.ts'

export interface SshKey {
  readonly identity: Identity
  /** The public key as OpenSSH writes it, without a comment. */
  readonly recipient: string
}

const BLOCK = /^-----BEGIN OPENSSH PRIVATE KEY-----\s+(?<body>[A-Za-z0-9+/=\s]+)-----END OPENSSH PRIVATE KEY-----\s*$/
const MAGIC = 'openssh-key-v1\0'

/** Reads a private key (PROTOCOL.key of OpenSSH). Throws `bad-input` that says why, never with the key's content. */
export function readSshKey(text: string): SshKey {
  const body = BLOCK.exec(text)?.groups?.['body']
  const bytes = Buffer.from(body ?? '', 'base64')
  if (!bytes.subarray(0, MAGIC.length).equals(Buffer.from(MAGIC))) throw new SopsError('it is no OpenSSH private key')
  const outer = new Fields(bytes.subarray(MAGIC.length))
  const cipher = outer.string().toString('latin1')
  outer.string()
  outer.string()
  if (cipher !== 'none') throw new SopsError('it has a passphrase: take it off with `ssh-keygen -p`')
  if (outer.number() !== 1) throw new SopsError('it holds more than one key')
  const publicKey = outer.string()
  const inner = new Fields(outer.string())
  inner.number()
  inner.number()
  const type = inner.string().toString('latin1')
  const recipient = `${type} ${publicKey.toString('base64')}`
  if (type === 'ssh-ed25519') return { recipient, identity: ed25519Identity(inner, publicKey) }
  if (type === 'ssh-rsa') return { recipient, identity: rsaIdentity(inner, publicKey) }
  throw new SopsError(`keys of type ${type} are not used by age: take ssh-ed25519 or ssh-rsa`)
}

/** Texts and numbers as SSH writes them: a length of four bytes before each. */
class Fields {
  readonly #bytes: Buffer
  #at = 0

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  number(): number {
    if (this.#at + 4 > this.#bytes.length) throw new SopsError('it is cut off')
    this.#at += 4
    return this.#bytes.readUInt32BE(this.#at - 4)
  }

  string(): Buffer {
    const length = this.number()
    if (this.#at + length > this.#bytes.length) throw new SopsError('it is cut off')
    this.#at += length
    return this.#bytes.subarray(this.#at - length, this.#at)
  }

  integer(): bigint {
    return BigInt(`0x0${this.string().toString('hex')}`)
  }
}

/** Which key a stanza is for: the beginning of its digest. */
function tagOf(publicKey: Buffer): string {
  return createHash('sha256').update(publicKey).digest().subarray(0, 4).toString('base64').replace(/=+$/, '')
}

const ED25519 = 'ssh-ed25519'
const ED25519_LABEL = 'age-encryption.org/v1/ssh-ed25519'

function ed25519Identity(fields: Fields, publicKey: Buffer): Identity {
  fields.string()
  const seed = fields.string().subarray(0, 32)
  const own = x25519Private(createHash('sha512').update(seed).digest().subarray(0, 32))
  const ownPublic = rawPublic(createPublicKey(own))
  const tweak = x25519Private(Buffer.from(hkdfSync('sha256', '', publicKey, ED25519_LABEL, 32)))
  const tag = tagOf(publicKey)
  const unwrap = ({ args, body }: Stanza): Uint8Array => {
    const share = Buffer.from(args[2] ?? '', 'base64')
    const shared = diffieHellman({ privateKey: own, publicKey: x25519Public(share) })
    const tweaked = diffieHellman({ privateKey: tweak, publicKey: x25519Public(shared) })
    const key = Buffer.from(hkdfSync('sha256', tweaked, Buffer.concat([share, ownPublic]), ED25519_LABEL, 32))
    const decipher = createDecipheriv('chacha20-poly1305', key, Buffer.alloc(12), { authTagLength: 16 })
    decipher.setAuthTag(body.subarray(-16))
    return Buffer.concat([decipher.update(body.subarray(0, -16)), decipher.final()])
  }
  return identityFor(ED25519, tag, unwrap)
}

/** What stands before the 32 bytes of a key (RFC 8410). */
const PRIVATE_PREFIX: Buffer = Buffer.from('302e020100300506032b656e04220420', 'hex')
const PUBLIC_PREFIX: Buffer = Buffer.from('302a300506032b656e032100', 'hex')

function x25519Private(bytes: Buffer): KeyObject {
  return createPrivateKey({ key: Buffer.concat([PRIVATE_PREFIX, bytes]), format: 'der', type: 'pkcs8' })
}

function x25519Public(bytes: Buffer): KeyObject {
  return createPublicKey({ key: Buffer.concat([PUBLIC_PREFIX, bytes]), format: 'der', type: 'spki' })
}

function rawPublic(key: KeyObject): Buffer {
  return key.export({ format: 'der', type: 'spki' }).subarray(PUBLIC_PREFIX.length)
}

const RSA = 'ssh-rsa'
const RSA_LABEL = 'age-encryption.org/v1/ssh-rsa'

function rsaIdentity(fields: Fields, publicKey: Buffer): Identity {
  const [n, e, d, qi, p, q] = Array.from({ length: 6 }, () => fields.integer())
  if (n === undefined || e === undefined || d === undefined || qi === undefined || p === undefined || q === undefined)
    throw new SopsError('it is cut off')
  const numbers = { n, e, d, p, q, dp: d % (p - 1n), dq: d % (q - 1n), qi }
  const jwk = Object.fromEntries(Object.entries(numbers).map(([name, value]) => [name, base64Url(value)]))
  const key = createPrivateKey({ key: { kty: 'RSA', ...jwk }, format: 'jwk' })
  return identityFor(RSA, tagOf(publicKey), ({ body }) =>
    privateDecrypt(
      { key, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha256', oaepLabel: Buffer.from(RSA_LABEL) },
      body,
    ),
  )
}

function base64Url(value: bigint): string {
  const hex = value.toString(16)
  return Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex').toString('base64url')
}

/** Throws only for a stanza that is for this key and broken. */
function identityFor(type: string, tag: string, unwrap: (stanza: Stanza) => Uint8Array): Identity {
  return {
    unwrapFileKey: (stanzas) => {
      const own = stanzas.find(({ args }) => args[0] === type && args[1] === tag)
      return own === undefined ? null : unwrap(own)
    },
  }
}
