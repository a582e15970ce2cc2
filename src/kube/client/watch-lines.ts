// Cuts the byte stream of a watch into lines, whatever way it was split on the road.
import { KubeError } from './client.ts'

/** etcd refuses objects above 1.5 MiB; an event holds one object, escaped. */
export const MAX_LINE_BYTES: number = 32 * 1024 * 1024

const NEWLINE = 0x0a

/** Yields every non-empty line; throws `KubeError` where one passes `maxBytes`. A last line without newline counts. */
export async function* splitLines(
  chunks: AsyncIterable<string | Uint8Array>,
  maxBytes: number = MAX_LINE_BYTES,
): AsyncGenerator<string> {
  let rest: Buffer[] = []
  let restBytes = 0
  for await (const chunk of chunks) {
    if (typeof chunk === 'string' && restBytes === 0 && chunk.endsWith('\n')) {
      yield* wholeLines(chunk)
      continue
    }
    let data = toBuffer(chunk)
    for (let end = data.indexOf(NEWLINE); end >= 0; end = data.indexOf(NEWLINE)) {
      const line = restBytes === 0 ? data.toString('utf8', 0, end) : joined(rest, data.subarray(0, end))
      rest = []
      restBytes = 0
      data = data.subarray(end + 1)
      if (line !== '') yield line
    }
    if (data.length === 0) continue
    rest.push(data)
    restBytes += data.length
    if (restBytes > maxBytes)
      throw new KubeError(500, 'InternalError', `a watch event is larger than ${maxBytes} bytes`)
  }
  if (restBytes > 0) yield joined(rest, Buffer.alloc(0))
}

/** What the in-process transport sends: whole lines as text, no bytes in between. */
function* wholeLines(text: string): Generator<string> {
  for (const line of text.split('\n')) if (line !== '') yield line
}

function joined(rest: readonly Buffer[], last: Buffer): string {
  return Buffer.concat([...rest, last]).toString('utf8')
}

function toBuffer(chunk: string | Uint8Array): Buffer {
  if (typeof chunk === 'string') return Buffer.from(chunk)
  return Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
}
