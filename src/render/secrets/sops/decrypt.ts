// Decrypts a whole document and holds it against its authentication code before anything of it is used.
import { createHash, timingSafeEqual } from 'node:crypto'
import type { Branch, Leaf, Node } from './document.ts'
import { SopsError } from './fault.ts'
import type { SopsMetadata } from './metadata.ts'
import { additionalData, decryptValue, looksEncrypted } from './value.ts'

/** Called for each value that was encrypted, once the whole document has proved genuine; gives what stands in its place. */
export type Replace = (value: Leaf, path: readonly string[]) => Leaf

/** What `mac_only_encrypted` hashes first (sops v3.13.3 MACOnlyEncryptedInitialization). */
const ONLY_ENCRYPTED = createHash('sha256').update('sops').digest()

/** The documents in clear, values replaced as `replace` says. Throws `bad-input` naming the key path of what does not fit. */
export function decryptTree(
  branches: readonly Branch[],
  metadata: SopsMetadata,
  dataKey: Buffer,
  replace: Replace,
): Branch[] {
  const walk = new Walk(metadata, dataKey)
  const opened = branches.map((branch) => walk.branch(branch, []))
  walk.verify()
  return opened.map((branch) => replaced(branch, [], walk.encrypted, replace) as Branch) // a branch stays one
}

class Walk {
  /** The values that were encrypted, as they stand in the result. */
  readonly encrypted: Set<Leaf> = new Set<Leaf>()
  readonly #metadata: SopsMetadata
  readonly #key: Buffer
  readonly #hash = createHash('sha512')

  constructor(metadata: SopsMetadata, key: Buffer) {
    this.#metadata = metadata
    this.#key = key
    if (metadata.macOnlyEncrypted) this.#hash.update(ONLY_ENCRYPTED)
  }

  branch(branch: Branch, path: readonly string[]): Branch {
    const entries = branch.entries.map(({ key, value }) => ({ key, value: this.#node(value, [...path, key]) }))
    return { kind: 'map', entries }
  }

  verify(): void {
    const { mac, lastModified } = this.#metadata
    const computed = this.#hash.digest('hex').toUpperCase()
    let wanted: string
    try {
      wanted = decryptValue(mac, this.#key, lastModified).bytes.toString('utf8')
    } catch (error) {
      throw new SopsError('Failed to verify data integrity: the MAC itself cannot be decrypted', 'bad-input', {
        cause: error,
      })
    }
    const isSame = wanted.length === computed.length && timingSafeEqual(Buffer.from(wanted), Buffer.from(computed))
    if (!isSame) {
      throw new SopsError(
        `MAC mismatch. File has ${wanted.slice(0, 16)}…, computed ${computed.slice(0, 16)}…: it was changed after it was encrypted`,
      )
    }
  }

  #node(node: Node, path: readonly string[]): Node {
    if (node.kind === 'map') return this.branch(node, path)
    if (node.kind === 'list') return { kind: 'list', items: node.items.map((item) => this.#node(item, path)) }
    return this.#leaf(node, path)
  }

  #leaf(value: Leaf, path: readonly string[]): Leaf {
    // Null is neither encrypted nor hashed.
    if (value.type === 'null') return value
    const text = value.type === 'str' ? value.bytes.toString('utf8') : undefined
    const isEncrypted = this.#metadata.isEncrypted(path) ?? (text !== undefined && looksEncrypted(text))
    const opened = isEncrypted ? this.#open(value, text, path) : value
    const counts = !this.#metadata.macOnlyEncrypted || isEncrypted
    if (counts && opened.type !== 'comment') this.#hash.update(opened.bytes)
    if (isEncrypted && opened.bytes.length > 0) this.encrypted.add(opened)
    return opened
  }

  #open(value: Leaf, text: string | undefined, path: readonly string[]): Leaf {
    const place = path.join('.')
    if (text === undefined) throw new SopsError(`${place}: Expected encrypted value as string, but got ${value.type}`)
    try {
      return decryptValue(text, this.#key, additionalData(path))
    } catch (error) {
      if (!(error instanceof SopsError)) throw error
      throw new SopsError(`${place}: ${error.message}`, error.code, { cause: error })
    }
  }
}

function replaced(node: Node, path: readonly string[], encrypted: ReadonlySet<Leaf>, replace: Replace): Node {
  if (node.kind === 'leaf') return encrypted.has(node) ? replace(node, path) : node
  if (node.kind === 'list') {
    const items = node.items.filter((item) => item.kind !== 'leaf' || item.type !== 'comment')
    return { kind: 'list', items: items.map((item) => replaced(item, path, encrypted, replace)) }
  }
  const entries = node.entries
    .filter(({ value }) => value.kind !== 'leaf' || value.type !== 'comment')
    .map(({ key, value }) => ({ key, value: replaced(value, [...path, key], encrypted, replace) }))
  return { kind: 'map', entries }
}
