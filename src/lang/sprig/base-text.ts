// Base64 and base32 as Go's encoding packages read them: strict, with the place of the first wrong byte.
import { textOfBytes } from '../go/text.ts'

const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

/** The decoded bytes as a string, or Go's error text: Sprig gives the one or the other. */
export function decodeBase64(text: string): string {
  const plain = text.replaceAll(/[\r\n]/g, '')
  const wrong = firstWrong(plain, /[A-Za-z0-9+/]/, 4)
  if (wrong !== undefined) return `illegal base64 data at input byte ${placeOf(text, wrong)}`
  return textOfBytes(Buffer.from(plain, 'base64'))
}

/** The offset in the whole text of an offset that does not count line breaks. */
function placeOf(text: string, offset: number): number {
  let left = offset
  for (let index = 0; index < text.length; index += 1) {
    if (text[index] === '\n' || text[index] === '\r') continue
    if (left === 0) return index
    left -= 1
  }
  return text.length
}

/** Where a text of blocks stops being right: a wrong character, wrong padding, or its end. */
function firstWrong(text: string, alphabet: RegExp, block: number): number | undefined {
  const digits = text.replace(/=*$/, '')
  for (let index = 0; index < digits.length; index += 1) {
    if (!alphabet.test(digits[index] ?? '')) return index
  }
  const padding = text.length - digits.length
  if (padding === 0) return digits.length % block === 0 ? undefined : digits.length - (digits.length % block)
  const rest = digits.length % block
  const wanted = rest === 0 ? 0 : block - rest
  const isPossible = block === 4 ? rest > 1 : [2, 4, 5, 7].includes(rest)
  if (!isPossible || padding < wanted) return isPossible ? text.length : digits.length
  return padding > wanted ? digits.length + wanted : undefined
}

export function encodeBase32(bytes: Uint8Array): string {
  let bits = ''
  for (const byte of bytes) bits += byte.toString(2).padStart(8, '0')
  let text = ''
  for (let start = 0; start < bits.length; start += 5) {
    text += BASE32[Number.parseInt(bits.slice(start, start + 5).padEnd(5, '0'), 2)]
  }
  return text.padEnd(Math.ceil(text.length / 8) * 8, '=')
}

export function decodeBase32(text: string): string {
  const plain = text.replaceAll(/[\r\n]/g, '')
  const wrong = firstWrong(plain, /[A-Z2-7]/, 8)
  if (wrong !== undefined) return `illegal base32 data at input byte ${placeOf(text, wrong)}`
  const bytes: number[] = []
  let value = 0
  let count = 0
  for (const char of plain.replace(/=*$/, '')) {
    value = (value << 5) | BASE32.indexOf(char)
    count += 5
    if (count >= 8) {
      count -= 8
      bytes.push((value >> count) & 0xff)
      value &= (1 << count) - 1
    }
  }
  return textOfBytes(Buffer.from(bytes))
}
