// Chart archives on disk by their SHA-256, and notes of which repository, chart and version led to which.
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { sha256Hex } from '../../base/digest.ts'
import { CapstanError } from '../../base/errors.ts'

export interface Blob {
  /** SHA-256, 64 hexadecimal digits. */
  readonly digest: string
  readonly bytes: Uint8Array
}

/** Archives are written once and never changed; what was damaged on disk counts as not there. */
export class BlobCache {
  readonly #folder: string

  constructor(folder: string) {
    this.#folder = folder
  }

  async get(digest: string): Promise<Blob | undefined> {
    const bytes = await readIfThere(this.#blobPath(digest))
    if (bytes === undefined) return undefined
    if (sha256Hex(bytes) === digest) return { digest, bytes }
    await rm(this.#blobPath(digest), { force: true })
    return undefined
  }

  /** Keeps an archive. Throws `bad-input` where it is not what `expected` says; empty says nothing. */
  async put(bytes: Uint8Array, expected = ''): Promise<Blob> {
    const digest = sha256Hex(bytes)
    if (expected !== '' && expected !== digest) {
      throw new CapstanError('bad-input', `the chart's archive has the digest ${digest}, and not ${expected} as listed`)
    }
    await writeWhole(this.#blobPath(digest), bytes)
    return { digest, bytes }
  }

  /** The archive an earlier fetch of this name led to. */
  async getNamed(name: readonly string[]): Promise<Blob | undefined> {
    const digest = await readIfThere(this.#namePath(name))
    return digest === undefined ? undefined : this.get(Buffer.from(digest).toString('utf8').trim())
  }

  async setName(name: readonly string[], digest: string): Promise<void> {
    await writeWhole(this.#namePath(name), Buffer.from(`${digest}\n`))
  }

  #blobPath(digest: string): string {
    if (!/^[0-9a-f]{64}$/.test(digest)) throw new CapstanError('bad-input', `${digest}: is no SHA-256 digest`)
    return join(this.#folder, 'sha256', digest.slice(0, 2), digest)
  }

  #namePath(name: readonly string[]): string {
    const key = sha256Hex(JSON.stringify(name))
    return join(this.#folder, 'names', key.slice(0, 2), key)
  }
}

async function readIfThere(path: string): Promise<Uint8Array | undefined> {
  try {
    return await readFile(path)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}

/** A reader sees the whole file or none, also after a crash. */
async function writeWhole(path: string, bytes: Uint8Array): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  const temporary = `${path}.${process.pid}.${performance.now()}`
  try {
    await writeFile(temporary, bytes, { flush: true })
    await rename(temporary, path)
  } finally {
    await rm(temporary, { force: true })
  }
}
