// Reads OpenPGP public keys without gpg: id, fingerprint, owner and kind of each (RFC 4880 and 9580, version 4 keys).
import { createHash } from 'node:crypto'
import { CapstanError } from '../../base/errors.ts'
import { armorPublicKey, unarmor } from './armor.ts'

export interface PgpPublicKey {
  /** The last 16 hexadecimal digits of the fingerprint, in capitals. */
  readonly keyID: string
  /** 40 hexadecimal digits, in capitals. */
  readonly fingerprint: string
  /** The first user id: `Name <address>`. */
  readonly owner: string
  /** As gpg names it: `rsa4096`, `ed25519`, `nistp256`. */
  readonly subType: string
  /** The key alone, armoured. */
  readonly keyData: string
}

/** A keyring of an organisation has some hundred keys of a few kilobytes; photos in keys are what makes them large. */
export const MAX_KEYRING_BYTES: number = 5 * 1024 * 1024
/** Packets in one text; a key that many people signed has a few hundred. */
export const MAX_PACKETS = 50_000

interface Packet {
  readonly tag: number
  readonly body: Uint8Array
  /** Header and body. */
  readonly bytes: Uint8Array
}

const PUBLIC_KEY = 6
const USER_ID = 13
const SECRET_TAGS = new Set([5, 7])

/** The keys of an armoured text, several blocks included. Throws `bad-input` saying what is wrong with it. */
export function readPublicKeys(text: string): readonly PgpPublicKey[] {
  if (text.length > MAX_KEYRING_BYTES) {
    throw new CapstanError('limit', `the keys are longer than ${MAX_KEYRING_BYTES} bytes: add them one by one`)
  }
  const keys: Packet[][] = []
  for (const packet of unarmor(text).flatMap(splitPackets)) {
    if (SECRET_TAGS.has(packet.tag)) throw wrong('holds a private key: export the public one (gpg --export --armor)')
    if (packet.tag === PUBLIC_KEY) keys.push([packet])
    else keys.at(-1)?.push(packet)
  }
  if (keys.length === 0) throw wrong('holds no OpenPGP public key')
  return keys.map(describeKey)
}

function describeKey(packets: readonly Packet[]): PgpPublicKey {
  const [key] = packets
  const body = key?.body ?? new Uint8Array()
  if (body[0] !== 4) throw wrong(`holds a key of version ${body[0] ?? 'none'}: only version 4 is read`)
  const length = Uint8Array.of(0x99, body.length >> 8, body.length & 0xff)
  const fingerprint = createHash('sha1').update(length).update(body).digest('hex').toUpperCase()
  const owner = packets.find(({ tag }) => tag === USER_ID)
  return {
    keyID: fingerprint.slice(-16),
    fingerprint,
    owner: owner === undefined ? '' : new TextDecoder().decode(owner.body),
    subType: subTypeOf(body),
    keyData: armorPublicKey(packets.map(({ bytes }) => bytes)),
  }
}

/** Names of curves by their object identifiers (RFC 9580, 9.2), as gpg has them. */
const CURVES: Readonly<Record<string, string>> = {
  '2a8648ce3d030107': 'nistp256',
  '2b81040022': 'nistp384',
  '2b81040023': 'nistp521',
  '2b06010401da470f01': 'ed25519',
  '2b240303020801010d': 'brainpoolP512r1',
  '2b240303020801010b': 'brainpoolP384r1',
  '2b2403030208010107': 'brainpoolP256r1',
  '2b8104000a': 'secp256k1',
}
const RSA = new Set([1, 2, 3])
const ON_A_CURVE = new Set([18, 19, 22])

/** Version, four bytes of time, the algorithm, then its numbers. */
function subTypeOf(body: Uint8Array): string {
  const algorithm = body[5] ?? 0
  const bits = ((body[6] ?? 0) << 8) | (body[7] ?? 0)
  if (RSA.has(algorithm)) return `rsa${bits}`
  if (algorithm === 17) return `dsa${bits}`
  if (algorithm === 16) return `elg${bits}`
  if (algorithm === 27) return 'ed25519'
  if (!ON_A_CURVE.has(algorithm)) return 'unknown'
  const oid = Buffer.from(body.subarray(7, 7 + (body[6] ?? 0))).toString('hex')
  return CURVES[oid] ?? 'unknown'
}

function splitPackets(bytes: Uint8Array): readonly Packet[] {
  const packets: Packet[] = []
  for (let at = 0; at < bytes.length;) {
    const { tag, start, length } = readHeader(bytes, at)
    const end = start + length
    if (end > bytes.length) throw wrong('ends in the middle of a packet: copy it whole')
    packets.push({ tag, body: bytes.subarray(start, end), bytes: bytes.subarray(at, end) })
    if (packets.length > MAX_PACKETS) throw new CapstanError('limit', `the keys have more than ${MAX_PACKETS} packets`)
    at = end
  }
  return packets
}

interface Header {
  readonly tag: number
  readonly start: number
  readonly length: number
}

/** Both forms of headers (RFC 4880, 4.2); bodies in parts are not allowed for keys. */
function readHeader(bytes: Uint8Array, at: number): Header {
  const first = bytes[at] ?? 0
  if ((first & 0x80) === 0) throw wrong('is no OpenPGP data')
  return (first & 0x40) === 0 ? readOldHeader(bytes, at) : readNewHeader(bytes, at)
}

function readOldHeader(bytes: Uint8Array, at: number): Header {
  const first = bytes[at] ?? 0
  const tag = (first >> 2) & 0x0f
  const size = [1, 2, 4][first & 3]
  if (size === undefined) throw wrong('has a packet of unknown length')
  return { tag, start: at + 1 + size, length: readNumber(bytes, at + 1, size) }
}

function readNewHeader(bytes: Uint8Array, at: number): Header {
  const tag = (bytes[at] ?? 0) & 0x3f
  const first = bytes[at + 1] ?? 0
  if (first < 192) return { tag, start: at + 2, length: first }
  if (first < 224) return { tag, start: at + 3, length: ((first - 192) << 8) + (bytes[at + 2] ?? 0) + 192 }
  if (first === 255) return { tag, start: at + 6, length: readNumber(bytes, at + 2, 4) }
  throw wrong('has a packet in parts')
}

function readNumber(bytes: Uint8Array, at: number, size: number): number {
  let value = 0
  for (let index = 0; index < size; index++) value = value * 256 + (bytes[at + index] ?? 0)
  return value
}

function wrong(problem: string): CapstanError {
  return new CapstanError('bad-input', `the text ${problem}`)
}
