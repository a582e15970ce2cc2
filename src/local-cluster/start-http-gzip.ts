// Large answers go out compressed to clients that ask for it, as kube-apiserver sends them.
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'

/** Shorter bodies are sent as they are (apiserver 1.36 `defaultGzipThresholdBytes`). */
export const GZIP_THRESHOLD_BYTES: number = 128 * 1024
/** The least effort, as upstream's `defaultGzipContentEncodingLevel`: a list compresses to a tenth with it. */
const LEVEL = 1

const compress = promisify(gzip)

/** What a compressed body adds to the head of its answer. */
export const GZIP_HEADERS: Readonly<Record<string, string>> = { 'content-encoding': 'gzip', vary: 'Accept-Encoding' }

/** The body compressed; undefined where it is too small or the client did not name `gzip`. */
export async function gzipped(body: Uint8Array, acceptEncoding: string | undefined): Promise<Uint8Array | undefined> {
  if (body.length <= GZIP_THRESHOLD_BYTES || !namesGzip(acceptEncoding)) return undefined
  return compress(body, { level: LEVEL })
}

/** Upstream takes the first of the names it knows and no `q` into account (endpoints/handlers/responsewriters). */
export function namesGzip(acceptEncoding: string | undefined): boolean {
  return (acceptEncoding ?? '').split(',').some((name) => name.trim().split(';', 1)[0] === 'gzip')
}
