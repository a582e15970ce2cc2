// An archive as a file tree: a chart without its top folder, or the layer of an artifact as it is.
import { CapstanError } from '../../base/errors.ts'
import { readTar, unpackGzip } from '../tar.ts'
import type { TarEntry } from '../tar.ts'
import type { FileTree, TreeEntry } from '../file-tree.ts'

/** Bytes of an archive when unpacked (helm v4.2.1 archive.MaxDecompressedChartSize). */
export const MAX_UNPACKED_BYTES: number = 100 * 1024 * 1024
/** Files of an archive. */
export const MAX_FILES = 20_000

export interface ArchiveOptions {
  /** What the tree calls itself. */
  readonly revision: string
  /** SHA-256 of the archive; content ids begin with it. */
  readonly digest: string
  /** Leave out the folder that everything stands in, as in a chart's archive. */
  readonly withoutTop: boolean
  readonly isGzip?: boolean
}

/** Throws `bad-input` for names that leave the archive and for links, `limit` for too much of it. */
export function archiveTree(bytes: Uint8Array, options: ArchiveOptions): FileTree {
  const files = new Map<string, Uint8Array>()
  const tar = options.isGzip === false ? withinSize(bytes) : unpackGzip(bytes, MAX_UNPACKED_BYTES)
  for (const entry of readTar(tar)) addEntry(files, entry, options)
  if (files.size === 0) throw new CapstanError('bad-input', 'no files in the archive')
  const folders = foldersOf(files.keys(), options.digest)
  return {
    revision: options.revision,
    readFile: (path) => {
      const content = files.get(path)
      return Promise.resolve(content === undefined ? undefined : { id: `${options.digest}:${path}`, bytes: content })
    },
    readDirectory: (path) => Promise.resolve(folders.get(path)),
  }
}

function withinSize(bytes: Uint8Array): Buffer {
  if (bytes.length > MAX_UNPACKED_BYTES) {
    throw new CapstanError('limit', `the layer is larger than the maximum size ${MAX_UNPACKED_BYTES}`)
  }
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
}

function addEntry(files: Map<string, Uint8Array>, entry: TarEntry, { withoutTop }: ArchiveOptions): void {
  if (entry.type === '5') return
  if (entry.type !== '0' && entry.type !== '7') {
    throw new CapstanError('bad-input', `archive holds ${entry.name}, which is a link or a device and not a file`)
  }
  const parts = entry.name.replaceAll('\\', '/').split('/')
  if (parts.includes('..') || /^(?:\/|[a-zA-Z]:)/.test(entry.name)) {
    throw new CapstanError('bad-input', `archive holds ${entry.name}, which leads outside of it`)
  }
  const plain = parts.filter((part) => part !== '' && part !== '.')
  if (withoutTop) plain.shift()
  if (plain.length === 0) {
    throw new CapstanError('bad-input', `archive holds ${entry.name} beside the folder of the chart`)
  }
  if (files.size >= MAX_FILES) throw new CapstanError('limit', `archive has more than ${MAX_FILES} files`)
  files.set(plain.join('/'), entry.content)
}

/** Listings of all folders. */
function foldersOf(paths: Iterable<string>, digest: string): ReadonlyMap<string, readonly TreeEntry[]> {
  const folders = new Map<string, Map<string, TreeEntry>>([['', new Map()]])
  for (const path of paths) {
    let folder = ''
    for (const [index, name] of path.split('/').entries()) {
      const inner = folder === '' ? name : `${folder}/${name}`
      const isFile = path.split('/').length === index + 1
      folders.get(folder)?.set(name, { name, type: isFile ? 'file' : 'directory', id: `${digest}:${inner}` })
      if (!isFile && !folders.has(inner)) folders.set(inner, new Map())
      folder = inner
    }
  }
  return new Map(
    [...folders].map(([path, entries]) => [path, [...entries.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1))]),
  )
}
