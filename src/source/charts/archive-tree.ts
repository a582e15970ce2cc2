// An archive as a file tree: a chart without its top folder, or the layer of an artifact as it is.
import { CapstanError } from '../../base/errors.ts'
import { readTar, unpackGzip } from '../tar.ts'
import type { TarEntry } from '../tar.ts'
import type { FileTree, TreeEntry } from '../file-tree.ts'

/** Bytes of an archive when unpacked (helm v4.2.1 archive.MaxDecompressedChartSize). */
export const MAX_UNPACKED_BYTES: number = 100 * 1024 * 1024
/** Files of an archive. */
export const MAX_FILES = 20_000
/** More links in one path than this is taken for a circle, as by Linux. */
export const MAX_LINKS = 40

export interface ArchiveOptions {
  /** What the tree calls itself. */
  readonly revision: string
  /** SHA-256 of the archive; content ids begin with it. */
  readonly digest: string
  /** Leave out the folder that everything stands in, as in a chart's archive. */
  readonly withoutTop: boolean
  readonly isGzip?: boolean
}

/**
 * Throws `bad-input` for names that leave the archive, `limit` for too much of it. Links of an artifact are followed inside
 * of it, and refused where they lead out (argo-cd v3.5.1 `util/io/files` `untar`); a chart's archive has none.
 */
export function archiveTree(bytes: Uint8Array, options: ArchiveOptions): FileTree {
  const content: Content = { files: new Map(), links: new Map() }
  const tar = options.isGzip === false ? withinSize(bytes) : unpackGzip(bytes, MAX_UNPACKED_BYTES)
  for (const entry of readTar(tar)) addEntry(content, entry, options)
  const { files, links } = content
  if (files.size === 0) throw new CapstanError('bad-input', 'no files in the archive')
  const folders = foldersOf(content, options.digest)
  return {
    revision: options.revision,
    async readFile(path) {
      const place = followLinks(links, path)
      const bytesThere = place === undefined ? undefined : files.get(place)
      return bytesThere === undefined ? undefined : { id: `${options.digest}:${place}`, bytes: bytesThere }
    },
    async readDirectory(path) {
      const place = followLinks(links, path)
      return place === undefined ? undefined : folders.get(place)
    },
  }
}

interface Content {
  readonly files: Map<string, Uint8Array>
  /** Where each leads, from the root. */
  readonly links: Map<string, string>
}

/** The place behind the links of a path; undefined where they run in a circle. */
function followLinks(links: ReadonlyMap<string, string>, path: string): string | undefined {
  if (links.size === 0) return path
  let place = path
  for (let followed = 0; followed <= MAX_LINKS; followed++) {
    const link = prefixesOf(place).find((prefix) => links.has(prefix))
    if (link === undefined) return place
    place = joined(links.get(link) ?? '', place.slice(link.length + 1))
  }
  return undefined
}

/** `a`, `a/b`, `a/b/c` */
function prefixesOf(path: string): readonly string[] {
  const parts = path.split('/')
  return parts.map((_, index) => parts.slice(0, index + 1).join('/'))
}

function joined(folder: string, rest: string): string {
  return folder === '' || rest === '' ? folder + rest : `${folder}/${rest}`
}

function withinSize(bytes: Uint8Array): Buffer {
  if (bytes.length > MAX_UNPACKED_BYTES) {
    throw new CapstanError('limit', `the layer is larger than the maximum size ${MAX_UNPACKED_BYTES}`)
  }
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
}

function addEntry({ files, links }: Content, entry: TarEntry, { withoutTop }: ArchiveOptions): void {
  if (entry.type === '5') return
  if (entry.type === '2' && !withoutTop) {
    addLink(links, entry)
    return
  }
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

function addLink(links: Map<string, string>, { name, target }: TarEntry): void {
  const path = within('', name)
  const place = path === undefined ? undefined : within(path.split('/').slice(0, -1).join('/'), target)
  if (path === undefined || path === '' || place === undefined) {
    throw new CapstanError(
      'bad-input',
      `illegal filepath in symlink: ${name} leads to ${target}, outside of the archive`,
    )
  }
  if (links.size >= MAX_FILES) throw new CapstanError('limit', `archive has more than ${MAX_FILES} links`)
  links.set(path, place)
}

/** A path from a folder of the archive, without `.` and `..`; undefined where it leads out. */
function within(folder: string, path: string): string | undefined {
  if (/^(?:\/|[a-zA-Z]:)/.test(path)) return undefined
  const steps: string[] = []
  for (const step of [...folder.split('/'), ...path.replaceAll('\\', '/').split('/')]) {
    if (step === '' || step === '.') continue
    if (step !== '..') steps.push(step)
    else if (steps.pop() === undefined) return undefined
  }
  return steps.join('/')
}

/** Listings of all folders. */
function foldersOf({ files, links }: Content, digest: string): ReadonlyMap<string, readonly TreeEntry[]> {
  const folders = new Map<string, Map<string, TreeEntry>>([['', new Map()]])
  const types = [...files.keys()].map((path) => [path, 'file'] as const)
  for (const [path, type] of [...types, ...[...links.keys()].map((link) => [link, 'symlink'] as const)]) {
    let folder = ''
    const names = path.split('/')
    for (const [index, name] of names.entries()) {
      const inner = joined(folder, name)
      const isLast = names.length === index + 1
      folders.get(folder)?.set(name, { name, type: isLast ? type : 'directory', id: `${digest}:${inner}` })
      if (!isLast && !folders.has(inner)) folders.set(inner, new Map())
      folder = inner
    }
  }
  return new Map(
    [...folders].map(([path, entries]) => [path, [...entries.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1))]),
  )
}
