// The checksum of two texts in a row from those of each (CRC-32 of RFC 1952, as polynomials over two elements).

/** x to the 32nd, reflected. */
const POLYNOMIAL = 0xedb88320
const ONE = 0x8000_0000

/** The product of two polynomials, modulo the one of the checksum. */
function product(a: number, b: number): number {
  let [result, shifted] = [0, b]
  for (let mask = ONE; mask !== 0; mask >>>= 1) {
    if ((a & mask) !== 0) result ^= shifted
    shifted = (shifted & 1) === 0 ? shifted >>> 1 : (shifted >>> 1) ^ POLYNOMIAL
  }
  return result >>> 0
}

/** What so many bytes that follow do to a checksum: x to the power of their bits. */
export function shiftOf(length: number): number {
  let result = ONE
  // x to the 8th, then its squares.
  let power = ONE >>> 8
  for (let rest = length; rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) result = product(result, power)
    power = product(power, power)
  }
  return result
}

/** The checksum of what `crc` is of with a text behind it, whose own checksum and shift are known. */
export function crcOfBoth(crc: number, next: { readonly crc: number; readonly shift: number }): number {
  return (product(next.shift, crc) ^ next.crc) >>> 0
}
