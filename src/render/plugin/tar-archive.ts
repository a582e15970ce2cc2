// A gzipped tar of files, as a sidecar plug-in is sent the repository.
import { createHash } from 'node:crypto'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { CapstanError } from '../../base/errors.ts'
import type { FileTree } from '../../source/file-tree.ts'
import { type CopiedFile, filesBelow } from './copied-files.ts'

const BLOCK = 512
const NAME_BYTES = 100

export interface Archive {
  readonly bytes: Buffer
  /** SHA-256 in hexadecimal digits. */
  readonly checksum: string
}

/** Packs all files of a tree when first asked, and gives the same archive from then on. Throws `bad-input` for a tree without files. */
export function archiveOnce(tree: FileTree): (signal?: AbortSignal) => Promise<Archive> {
  let packed: Archive | undefined
  return async (signal) => {
    packed ??= await packTree(tree, signal)
    return packed
  }
}

async function packTree(tree: FileTree, signal: AbortSignal | undefined): Promise<Archive> {
  const files = await filesBelow(tree, '', signal)
  if (files.length === 0) throw new CapstanError('bad-input', 'no files to send')
  const bytes = await packFiles(files)
  return { bytes, checksum: createHash('sha256').update(bytes).digest('hex') }
}

/** Plain files in the order given; names of more than 100 bytes in PAX headers (POSIX.1-2001). */
export async function packFiles(files: readonly CopiedFile[]): Promise<Buffer> {
  const parts: Buffer[] = []
  for (const { path, bytes, isExecutable } of files) {
    const name = Buffer.from(path, 'utf8')
    if (name.length > NAME_BYTES) parts.push(...entry(Buffer.from('pax'), 'x', paxRecord(path)))
    parts.push(...entry(name.subarray(0, NAME_BYTES), '0', bytes, isExecutable))
  }
  parts.push(Buffer.alloc(2 * BLOCK))
  // Up to 100 MiB: not on the thread that everything else waits for.
  return promisify(gzip)(Buffer.concat(parts), { level: 1 })
}

function entry(name: Buffer, type: string, content: Uint8Array, isExecutable = false): Buffer[] {
  const header = Buffer.alloc(BLOCK)
  name.copy(header)
  header.write(isExecutable ? '0000755\0' : '0000644\0', 100, 'latin1')
  header.write('0000000\0', 108, 'latin1')
  header.write('0000000\0', 116, 'latin1')
  header.write(`${content.length.toString(8).padStart(11, '0')}\0`, 124, 'latin1')
  header.write('00000000000\0', 136, 'latin1')
  header.write('        ', 148, 'latin1')
  header.write(type, 156, 'latin1')
  header.write('ustar\0' + '00', 257, 'latin1')
  let sum = 0
  for (const byte of header) sum += byte
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1')
  const padding = Buffer.alloc((BLOCK - (content.length % BLOCK)) % BLOCK)
  return [header, Buffer.from(content.buffer, content.byteOffset, content.byteLength), padding]
}

/** `LENGTH path=…\n`, where LENGTH counts itself. */
function paxRecord(path: string): Buffer {
  const rest = Buffer.byteLength(` path=${path}\n`, 'utf8')
  let length = rest + String(rest).length
  if (String(length).length !== String(rest).length) length = rest + String(length).length
  return Buffer.from(`${length} path=${path}\n`, 'utf8')
}
