// Chart archives: a gzipped tar with one top folder becomes a list of files, within limits.
import { CapstanError } from '../../base/errors.ts'
import { readTar, unpackGzip } from '../../source/tar.ts'
import type { TarEntry } from '../../source/tar.ts'
import type { ChartFile } from './chart.ts'
import { MAX_ARCHIVE_BYTES, MAX_CHART_FILE_BYTES, MAX_CHART_FILES } from './limits.ts'

/**
 * The files of an archive, names without the top folder (helm v4.2.1 chart/loader/archive). Content ids are made from
 * the archive's. Throws `bad-input` for what is no archive and for names that leave it, `limit` for too much of it.
 */
export function readArchive(bytes: Uint8Array, id: string): ChartFile[] {
  const files: ChartFile[] = []
  for (const entry of readTar(unpackGzip(bytes, MAX_ARCHIVE_BYTES))) {
    if (entry.type !== '5') addFile(files, entry, id)
  }
  if (files.length === 0) throw new CapstanError('bad-input', 'no files in chart archive')
  return files
}

function addFile(files: ChartFile[], { name, ...entry }: TarEntry, id: string): void {
  if (entry.type !== '0' && entry.type !== '7') {
    throw new CapstanError('bad-input', `chart archive holds ${name}, which is a link or a device and not a file`)
  }
  if (entry.size > MAX_CHART_FILE_BYTES) {
    const base = name.slice(name.lastIndexOf('/') + 1)
    throw new CapstanError(
      'limit',
      `decompressed chart file "${base}" is larger than the maximum file size ${MAX_CHART_FILE_BYTES}`,
    )
  }
  if (files.length >= MAX_CHART_FILES) throw new CapstanError('limit', `chart has more than ${MAX_CHART_FILES} files`)
  const path = pathInside(name)
  files.push({ name: path, id: `${id}:${path}`, bytes: withoutMark(entry.content) })
}

/** The name below the top folder. */
function pathInside(name: string): string {
  const parts = name.replaceAll('\\', '/').split('/')
  if (parts.includes('..')) throw new CapstanError('bad-input', 'chart illegally references parent directory')
  if (/^(?:\/|[a-zA-Z]:)/.test(name)) {
    throw new CapstanError('bad-input', 'chart contains illegally named files')
  }
  const [top, ...rest] = parts.filter((part) => part !== '' && part !== '.')
  if (rest.length === 0) {
    if (top === 'Chart.yaml') throw new CapstanError('bad-input', 'chart yaml not in base directory')
    throw new CapstanError('bad-input', `chart illegally contains content outside the base directory`)
  }
  return rest.join('/')
}

/** The bytes without a UTF-8 byte order mark. */
export function withoutMark(bytes: Uint8Array): Uint8Array {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? bytes.subarray(3) : bytes
}
