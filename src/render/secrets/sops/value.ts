// One encrypted value: `ENC[AES256_GCM,data:…,iv:…,tag:…,type:…]` and what it holds.
import { createDecipheriv } from 'node:crypto'
import { floatText, leaf, type Leaf, type LeafType } from './document.ts'
import { SopsError } from './fault.ts'

const FORM = /^ENC\[AES256_GCM,data:(?<data>[^,]+),iv:(?<iv>[^,]+),tag:(?<tag>[^,]+),type:(?<type>[^\]]+)\]/

/** Does a text have the form of an encrypted value? */
export function looksEncrypted(text: string): boolean {
  return FORM.test(text)
}

/** What authenticates a value besides itself: the keys above it, list positions left out. */
export function additionalData(path: readonly string[]): string {
  return path.map((part) => `${part}:`).join('')
}

/** Longest nonce that is taken; sops writes 32 bytes. */
const MAX_NONCE = 64

/** Decrypts a value (sops v3.13.3 aes/cipher.go); an empty text stays empty. Throws without repeating the value. */
export function decryptValue(text: string, key: Buffer, aad: string): Leaf {
  if (text === '') return leaf('str', '')
  const groups = FORM.exec(text)?.groups
  if (groups === undefined) throw new SopsError("the value does not match sops' data format")
  const { type = '' } = groups
  const iv = Buffer.from(groups['iv'] ?? '', 'base64')
  const tag = Buffer.from(groups['tag'] ?? '', 'base64')
  if (iv.length === 0 || iv.length > MAX_NONCE || tag.length !== 16) {
    throw new SopsError("the value does not match sops' data format: its iv or tag has a wrong length")
  }
  return typed(type, open({ data: Buffer.from(groups['data'] ?? '', 'base64'), iv, tag }, key, aad))
}

interface Sealed {
  readonly data: Buffer
  readonly iv: Buffer
  readonly tag: Buffer
}

function open({ data, iv, tag }: Sealed, key: Buffer, aad: string): Buffer {
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, iv, { authTagLength: 16 })
    decipher.setAAD(Buffer.from(aad, 'utf8'))
    decipher.setAuthTag(tag)
    return Buffer.concat([decipher.update(data), decipher.final()])
  } catch (error) {
    throw new SopsError('Could not decrypt with AES_GCM: message authentication failed', 'bad-input', { cause: error })
  }
}

/** Go's strconv.ParseBool. */
const TRUE = new Set(['1', 't', 'T', 'TRUE', 'true', 'True'])
const FALSE = new Set(['0', 'f', 'F', 'FALSE', 'false', 'False'])

function typed(type: string, bytes: Buffer): Leaf {
  const text = bytes.toString('utf8')
  switch (type) {
    case 'str':
    case 'bytes':
    case 'comment':
    case 'time':
      return leaf(type, bytes)
    case 'int':
      if (!/^[+-]?\d+$/.test(text)) throw wrong(type)
      return leaf('int', String(BigInt(text.replace(/^\+/, ''))))
    case 'float':
      if (text.trim() === '' || (Number.isNaN(Number(text)) && text !== 'NaN')) throw wrong(type)
      return leaf('float', floatText(Number(text)))
    case 'bool':
      if (!TRUE.has(text) && !FALSE.has(text)) throw wrong(type)
      return leaf('bool', TRUE.has(text) ? 'True' : 'False')
    default:
      throw new SopsError(`Unknown datatype: ${JSON.stringify(type.slice(0, 20))}`)
  }
}

function wrong(type: LeafType): SopsError {
  return new SopsError(`the decrypted value is no ${type}`)
}
