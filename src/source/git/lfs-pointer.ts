// Pointers of Git LFS: small files that stand in Git for large ones (git-lfs docs/spec.md).

/** git-lfs looks for pointers in files up to this size. */
export const MAX_POINTER_BYTES = 1024

const SPEC = /^version https:\/\/(?:git-lfs\.github\.com|hawser\.github\.com)\/spec\/v1\n/

export interface LfsPointer {
  /** SHA-256 of the file, 64 hexadecimal digits. */
  readonly oid: string
  readonly size: number
}

/** What a file points to; undefined for one that is no pointer. */
export function parsePointer(bytes: Uint8Array): LfsPointer | undefined {
  // `v`: nearly every file is told from a pointer by its first byte.
  if (bytes.length > MAX_POINTER_BYTES || bytes[0] !== 0x76) return undefined
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8')
  if (!SPEC.test(text)) return undefined
  const oid = /^oid sha256:(?<oid>[0-9a-f]{64})$/m.exec(text)?.groups?.['oid']
  const size = Number(/^size (?<size>\d{1,15})$/m.exec(text)?.groups?.['size'] ?? 'none')
  return oid === undefined || Number.isNaN(size) ? undefined : { oid, size }
}
