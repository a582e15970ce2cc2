// Shamir's secret sharing as SOPS splits data keys: bytes in GF(2^8), the last byte of a share says where it was sampled.
import { SopsError } from './fault.ts'

/** The secret of enough shares (sops v3.13.3 shamir.Combine). Too few give wrong bytes, which authentication then shows. */
export function combineShares(shares: readonly Buffer[]): Buffer {
  const length = shares[0]?.length ?? 0
  if (shares.length < 2) throw new SopsError('less than two parts cannot be used to reconstruct the secret')
  if (length < 2 || shares.some((share) => share.length !== length)) {
    throw new SopsError('all parts must be the same length of at least two bytes')
  }
  const places = shares.map((share) => share[length - 1] ?? 0)
  if (new Set(places).size !== places.length) throw new SopsError('duplicate part detected')
  const secret = Buffer.alloc(length - 1)
  const weights = places.map((_place, index) => weightAt(places, index))
  for (let at = 0; at < secret.length; at++) {
    let sum = 0
    for (const [index, share] of shares.entries()) sum ^= multiply(share[at] ?? 0, weights[index] ?? 0)
    secret[at] = sum
  }
  return secret
}

/** Lagrange's basis at zero: addition and subtraction are both XOR. */
function weightAt(places: readonly number[], index: number): number {
  const own = places[index] ?? 0
  let weight = 1
  for (const [other, place] of places.entries()) {
    if (other !== index) weight = multiply(weight, multiply(place, inverse(own ^ place)))
  }
  return weight
}

/** Modulo x^8 + x^4 + x^3 + x + 1, the field of AES. */
function multiply(a: number, b: number): number {
  let product = 0
  let factor = a
  for (let rest = b; rest > 0; rest >>= 1) {
    if ((rest & 1) === 1) product ^= factor
    factor = (factor << 1) ^ ((factor & 0x80) === 0 ? 0 : 0x11b)
  }
  return product
}

/** a^254, by Fermat. */
function inverse(a: number): number {
  let result = 1
  for (let count = 0; count < 254; count++) result = multiply(result, a)
  return result
}
