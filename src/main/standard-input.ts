// Reads what a person hands to a command, on standard input or as a file, and no more of it than a bound.
import { open } from 'node:fs/promises'
import { CapstanError } from '../base/errors.ts'

/** All of standard input, until its writer closes it. Throws `limit` as soon as there are more than `maxBytes`. */
export function readStandardInput(
  maxBytes: number,
  input: AsyncIterable<Uint8Array> = process.stdin,
): Promise<Uint8Array> {
  return readAll('standard input', input, maxBytes)
}

/** All of a file or pipe. Throws `limit` where it has more than `maxBytes`, for a file before anything is read. */
export async function readInputFile(path: string, maxBytes: number): Promise<Uint8Array> {
  const file = await open(path)
  try {
    const { size } = await file.stat()
    if (size > maxBytes) throw tooLarge(path, maxBytes)
    return await readAll(path, file.createReadStream({ autoClose: false }), maxBytes)
  } finally {
    await file.close()
  }
}

async function readAll(name: string, input: AsyncIterable<Uint8Array>, maxBytes: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of input) {
    size += chunk.length
    if (size > maxBytes) throw tooLarge(name, maxBytes)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

function tooLarge(name: string, maxBytes: number): CapstanError {
  return new CapstanError('limit', `${name} is larger than ${maxBytes} bytes: hand it over in parts`)
}
