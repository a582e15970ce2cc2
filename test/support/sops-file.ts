// Encrypts as SOPS does, for tests: YAML documents in flow style, to age recipients.
import { createCipheriv, createHash, randomBytes } from 'node:crypto'
import { armor, Encrypter } from 'age-encryption'

export interface SopsFileOptions {
  readonly recipients: readonly string[]
  /** More metadata for the data key, such as `pgp`. */
  readonly wrap?: (key: Buffer) => object
  /** Values below keys that fit; default: `data` and `stringData`. */
  readonly encryptedRegex?: string
}

const LAST_MODIFIED = '2026-01-02T03:04:05Z'

/** The text of a file with one document, whose values are texts, numbers, objects and lists. */
export async function sopsYaml(document: object, options: SopsFileOptions): Promise<string> {
  const { recipients, encryptedRegex = '^(data|stringData)$' } = options
  const key = randomBytes(32)
  const hash = createHash('sha512')
  const encrypted = walk(document, [], { key, hash, rule: new RegExp(encryptedRegex) })
  const age = await Promise.all(recipients.map(async (recipient) => ({ recipient, enc: await toAge(key, recipient) })))
  const mac = seal(hash.digest('hex').toUpperCase(), key, LAST_MODIFIED)
  const sops = {
    age,
    ...options.wrap?.(key),
    lastmodified: LAST_MODIFIED,
    mac,
    encrypted_regex: encryptedRegex,
    version: '3.13.3',
  }
  return `${JSON.stringify({ ...(encrypted as object), sops })}\n` // an object stays one
}

async function toAge(key: Uint8Array, recipient: string): Promise<string> {
  const encrypter = new Encrypter()
  encrypter.addRecipient(recipient)
  return armor.encode(await encrypter.encrypt(key))
}

interface Walk {
  readonly key: Buffer
  readonly hash: ReturnType<typeof createHash>
  readonly rule: RegExp
}

function walk(value: unknown, path: readonly string[], context: Walk): unknown {
  if (Array.isArray(value)) return value.map((item) => walk(item, path, context))
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, walk(one, [...path, key], context)]))
  }
  const text = String(value)
  context.hash.update(text)
  const isEncrypted = text !== '' && path.some((part) => context.rule.test(part))
  return isEncrypted ? seal(text, context.key, path.map((part) => `${part}:`).join(''), typeOf(value)) : value
}

function typeOf(value: unknown): string {
  if (typeof value !== 'number') return 'str'
  return Number.isInteger(value) ? 'int' : 'float'
}

function seal(text: string, key: Buffer, aad: string, type = 'str'): string {
  const iv = randomBytes(32)
  const cipher = createCipheriv('aes-256-gcm', key, iv)
  cipher.setAAD(Buffer.from(aad))
  const data = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
  const [b64data, b64iv, tag] = [data, iv, cipher.getAuthTag()].map((bytes) => bytes.toString('base64'))
  return `ENC[AES256_GCM,data:${b64data},iv:${b64iv},tag:${tag},type:${type}]`
}
