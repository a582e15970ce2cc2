// An encrypted file becomes one that can be rendered: names stand where secret values were.
import { textOfBytes } from '../../../lang/go/text.ts'
import { Secret } from '../../../base/secret.ts'
import { heldName, type HeldValues } from '../held.ts'
import { clearValue, type ClearValue } from '../hide.ts'
import { dataKeyOf, type KeyRing } from './data-key.ts'
import { decryptTree } from './decrypt.ts'
import { formatOf, leaf, type Branch, type Format, type Leaf } from './document.ts'
import { SopsError } from './fault.ts'
import { splitMetadata, type SopsMetadata } from './metadata.ts'
import { readDotenvTree, readIniTree } from './read-flat.ts'
import { readJsonTree } from './read-json.ts'
import { readYamlTree } from './read-yaml.ts'
import { additionalData } from './value.ts'
import { writeTree } from './write.ts'

/** Bytes of an encrypted file (fluxcd/kustomize-controller has the same bound). */
export const MAX_ENCRYPTED_BYTES: number = 5 * 1024 * 1024

export interface OpenedFile {
  readonly bytes: Buffer
  readonly held: HeldValues
  /** Encrypted numbers and times, which stand in `bytes` as they are. */
  readonly clear: readonly ClearValue[]
  /** Master keys the file was encrypted to, as `age age1…`. */
  readonly recipients: readonly string[]
}

const MARK = 'ENC[AES256_GCM,'
const MARKS: Readonly<Record<Format, RegExp>> = {
  yaml: /\bmac["']?\s*:\s*(?:[>|]-?\s+)?["']?ENC\[AES256_GCM,/,
  json: /"mac"\s*:\s*"ENC\[AES256_GCM,/,
  binary: /"mac"\s*:\s*"ENC\[AES256_GCM,/,
  dotenv: /^sops_mac=ENC\[AES256_GCM,/m,
  ini: /^\[sops\]\s*$/m,
}
/** Objects that are stored encrypted, for an operator in the cluster to decrypt (isindir/sops-secrets-operator). */
const OPERATED = /^["']?kind["']?:\s*["']?SopsSecret\b/m

/** Is it a file that SOPS encrypted? Cheap for files that are not. */
export function isEncryptedFile(path: string, bytes: Uint8Array): boolean {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (!buffer.includes(MARK)) return false
  const text = buffer.toString('utf8')
  return MARKS[formatOf(path)].test(text) && !OPERATED.test(text)
}

/** Decrypts a file that `isEncryptedFile`. Throws a `SopsError` that names the path. */
export async function openSopsFile(path: string, bytes: Uint8Array, ring: KeyRing): Promise<OpenedFile> {
  try {
    if (bytes.length > MAX_ENCRYPTED_BYTES) {
      throw new SopsError(`is larger than ${MAX_ENCRYPTED_BYTES} bytes`, 'limit')
    }
    return await open(formatOf(path), Buffer.from(bytes).toString('utf8'), ring)
  } catch (error) {
    if (!(error instanceof SopsError)) throw error
    throw new SopsError(`${path}: cannot be decrypted: ${error.message}`, error.code, { cause: error })
  }
}

/** Master keys that a file was encrypted to, as `age age1…`, read without any key. Throws a `SopsError` that names the path. */
export function recipientsOfFile(path: string, bytes: Uint8Array): readonly string[] {
  const format = formatOf(path)
  const split = splitMetadata(read(format, Buffer.from(bytes).toString('utf8')), format)
  if (split === undefined) throw new SopsError(`${path}: sops metadata not found`)
  return recipientsOf(split.metadata)
}

async function open(format: Format, text: string, ring: KeyRing): Promise<OpenedFile> {
  const split = splitMetadata(read(format, text), format)
  if (split === undefined) throw new SopsError('sops metadata not found')
  const dataKey = await dataKeyOf(split.metadata, ring)
  const held = new Map<string, Secret>()
  const clear: ClearValue[] = []
  const hold = (value: Leaf, path: readonly string[]): Leaf => {
    // Templates compute with numbers, switches and times: a name in their place would break them.
    if (value.type !== 'str' && value.type !== 'bytes') {
      const isNumber = value.type === 'int' || value.type === 'float'
      const place = { dataKey, place: additionalData(path), isNumber }
      const hidden = clearValue(value.bytes.toString('utf8'), place)
      if (hidden === undefined) return value
      clear.push(hidden.clear)
      for (const [name, secret] of hidden.held) held.set(name, secret)
      return value
    }
    const bytes = format === 'dotenv' ? escaped(value.bytes) : value.bytes
    const name = heldName(dataKey, additionalData(path), value.bytes)
    held.set(name, new Secret(textOfBytes(bytes)))
    return leaf('str', name)
  }
  const branches = decryptTree(split.branches, split.metadata, dataKey, hold)
  return { bytes: writeTree(branches, format), held, clear, recipients: recipientsOf(split.metadata) }
}

/** Line breaks of a dotenv file are written as `\n`, which is how its readers see them. */
function escaped(bytes: Buffer): Buffer {
  return Buffer.from(bytes.toString('utf8').replaceAll('\n', String.raw`\n`), 'utf8')
}

function read(format: Format, text: string): Branch[] {
  switch (format) {
    case 'yaml':
      return readYamlTree(text)
    case 'json':
    case 'binary':
      return [readJsonTree(text)]
    case 'dotenv':
      return [readDotenvTree(text)]
    case 'ini':
      return [readIniTree(text)]
  }
}

function recipientsOf({ groups }: SopsMetadata): readonly string[] {
  return groups.flat().map(({ kind, name }) => `${kind} ${name}`)
}
