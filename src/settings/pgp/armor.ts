// The text form of OpenPGP data: base64 between two lines, with a checksum (RFC 4880, 6.2).
import { CapstanError } from '../../base/errors.ts'

const BLOCK = /-----BEGIN PGP PUBLIC KEY BLOCK-----\r?\n(?<inner>[\s\S]*?)\r?\n?-----END PGP PUBLIC KEY BLOCK-----/g
const LINE = 64

/** The bytes of every public key block of a text. Throws `bad-input` where there is none or one is damaged. */
export function unarmor(text: string): readonly Uint8Array[] {
  const blocks = [...text.matchAll(BLOCK)].map((match) => decode(match.groups?.['inner'] ?? ''))
  if (blocks.length > 0) return blocks
  throw new CapstanError(
    'bad-input',
    'the text holds no PGP public key block: export the key with gpg --export --armor',
  )
}

function decode(inner: string): Uint8Array {
  const lines = inner.split(/\r?\n/).map((line) => line.trim())
  const data = lines.filter((line) => line !== '' && !line.includes(':'))
  const checksum = data.find((line) => /^=[A-Za-z0-9+/]{4}$/.test(line))
  const body = data.filter((line) => line !== checksum).join('')
  const bytes = Buffer.from(body, 'base64')
  const isWhole = /^[A-Za-z0-9+/]*={0,2}$/.test(body) && bytes.length > 0
  if (!isWhole || (checksum !== undefined && checksum !== `=${checksumOf(bytes)}`)) {
    throw new CapstanError('bad-input', 'the PGP public key block is damaged: copy it again, whole')
  }
  return bytes
}

/** The armoured text of packets that make up one key. */
export function armorPublicKey(packets: readonly Uint8Array[]): string {
  const bytes = Buffer.concat(packets)
  const lines = bytes.toString('base64').match(new RegExp(`.{1,${LINE}}`, 'g')) ?? []
  const kind = 'PGP PUBLIC KEY BLOCK'
  return [`-----BEGIN ${kind}-----`, '', ...lines, `=${checksumOf(bytes)}`, `-----END ${kind}-----`, ''].join('\n')
}

/** CRC-24 (RFC 4880, 6.1) in base64. */
function checksumOf(bytes: Uint8Array): string {
  let crc = 0xb704ce
  for (const byte of bytes) {
    crc ^= byte << 16
    for (let bit = 0; bit < 8; bit++) crc = (crc << 1) ^ ((crc & 0x800000) === 0 ? 0 : 0x1864cfb)
    crc &= 0xffffff
  }
  return Buffer.from([crc >> 16, (crc >> 8) & 0xff, crc & 0xff]).toString('base64')
}
