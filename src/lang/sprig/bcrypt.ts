// bcrypt (Provos and Mazières, 1999) as htpasswd and Sprig use it: $2a$ hashes of cost 10.

const COST = 10
const ROUNDS = 16
const P_WORDS = ROUNDS + 2
const S_WORDS = 1024
const SALT_BYTES = 16
const HASH_BYTES = 23
const MAX_PASSWORD_BYTES = 72
const ALPHABET = './ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'
const MAGIC = 'OrpheanBeholderScryDoubt'

/** The `$2a$10$…` hash of a password with 16 bytes of salt; undefined where the password is longer than 72 bytes. */
export function bcryptHash(password: Uint8Array, salt: Uint8Array): string | undefined {
  if (password.length > MAX_PASSWORD_BYTES) return undefined
  const key = Uint8Array.from([...password, 0])
  const cipher = startCipher()
  expandKey(cipher, key, salt.subarray(0, SALT_BYTES))
  const none = new Uint8Array(SALT_BYTES)
  for (let round = 0; round < 2 ** COST; round += 1) {
    expandKey(cipher, key, none)
    expandKey(cipher, salt, none)
  }
  const hash = encryptMagic(cipher).subarray(0, HASH_BYTES)
  return `$2a$${COST}$${encode(salt.subarray(0, SALT_BYTES))}${encode(hash)}`
}

interface Cipher {
  readonly p: Uint32Array
  readonly s: Uint32Array
  left: number
  right: number
}

/** Blowfish starts with the digits of pi. */
function startCipher(): Cipher {
  const words = piWords(P_WORDS + S_WORDS)
  return { p: words.slice(0, P_WORDS), s: words.slice(P_WORDS), left: 0, right: 0 }
}

/** The binary digits of pi's fraction, 32 a word, by Machin's formula. */
function piWords(count: number): Uint32Array {
  const guard = 64n
  const bits = BigInt(count * 32)
  const one = 1n << (bits + guard)
  const pi = 16n * arctangentOfInverse(5n, one) - 4n * arctangentOfInverse(239n, one)
  const fraction = (pi - 3n * one) >> guard
  const hex = fraction.toString(16).padStart(count * 8, '0')
  return Uint32Array.from({ length: count }, (_, index) => Number.parseInt(hex.slice(index * 8, index * 8 + 8), 16))
}

function arctangentOfInverse(x: bigint, one: bigint): bigint {
  let power = one / x
  let sum = power
  for (let divisor = 3n, sign = -1n; power > 0n; divisor += 2n, sign = -sign) {
    power /= x * x
    sum += (sign * power) / divisor
  }
  return sum
}

function encryptBlock(cipher: Cipher, left: number, right: number): void {
  const { p, s } = cipher
  let a = left ^ (p[0] ?? 0)
  let b = right
  for (let round = 1; round <= ROUNDS; round += 2) {
    b ^= mix(s, a) ^ (p[round] ?? 0)
    a ^= mix(s, b) ^ (p[round + 1] ?? 0)
  }
  cipher.left = (b ^ (p[ROUNDS + 1] ?? 0)) >>> 0
  cipher.right = a >>> 0
}

function mix(s: Uint32Array, x: number): number {
  const high = ((s[x >>> 24] ?? 0) + (s[256 + ((x >>> 16) & 0xff)] ?? 0)) | 0
  return ((high ^ (s[512 + ((x >>> 8) & 0xff)] ?? 0)) + (s[768 + (x & 0xff)] ?? 0)) | 0
}

function expandKey(cipher: Cipher, key: Uint8Array, salt: Uint8Array): void {
  for (let index = 0; index < P_WORDS; index += 1) cipher.p[index] = (cipher.p[index] ?? 0) ^ wordAt(key, index * 4)
  cipher.left = 0
  cipher.right = 0
  let offset = fill(cipher, cipher.p, salt, 0)
  offset = fill(cipher, cipher.s, salt, offset)
}

/** Replaces the words by what the cipher makes of the salt, and returns where in the salt it stopped. */
function fill(cipher: Cipher, words: Uint32Array, salt: Uint8Array, start: number): number {
  let offset = start
  for (let index = 0; index < words.length; index += 2) {
    encryptBlock(cipher, cipher.left ^ wordAt(salt, offset), cipher.right ^ wordAt(salt, offset + 4))
    words[index] = cipher.left
    words[index + 1] = cipher.right
    offset += 8
  }
  return offset
}

function wordAt(bytes: Uint8Array, offset: number): number {
  let word = 0
  for (let index = 0; index < 4; index += 1) word = (word << 8) | (bytes[(offset + index) % bytes.length] ?? 0)
  return word >>> 0
}

function encryptMagic(cipher: Cipher): Buffer {
  const result = Buffer.from(MAGIC, 'latin1')
  for (let block = 0; block < result.length; block += 8) {
    cipher.left = result.readUInt32BE(block)
    cipher.right = result.readUInt32BE(block + 4)
    for (let round = 0; round < 64; round += 1) encryptBlock(cipher, cipher.left, cipher.right)
    result.writeUInt32BE(cipher.left, block)
    result.writeUInt32BE(cipher.right, block + 4)
  }
  return result
}

/** bcrypt's own base64: another alphabet, no padding. */
function encode(bytes: Uint8Array): string {
  const standard = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
  const text = Buffer.from(bytes).toString('base64').replaceAll('=', '')
  return Array.from(text, (char) => ALPHABET[standard.indexOf(char)] ?? '').join('')
}
