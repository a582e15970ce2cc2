// Writes a file that holds secrets: beside the old one, which it replaces once it is whole.
import { lstat, open, realpath, rename, rm, stat, writeFile, type FileHandle } from 'node:fs/promises'
import { CapstanError } from '../base/errors.ts'

/**
 * Only the owner may read the file, whatever the mode of the old one was; where anything fails the old one stays as it
 * is. A link is followed; a pipe or a device is written to as it is. Throws `conflict` where somebody else writes the
 * same file meanwhile, and what `parts` and the operating system throw.
 */
export async function replaceFile(path: string, parts: AsyncIterable<string>): Promise<void> {
  const old = await unlessAbsent(stat(path))
  if (old !== undefined && !old.isFile()) return writeFile(path, parts)
  const place = (await unlessAbsent(realpath(path))) ?? path
  const draft = `${place}.new`
  // One that a kill left behind, or somebody's link: `wx` opens nothing that is there.
  await rm(draft, { force: true })
  const file = await open(draft, 'wx', 0o600)
  try {
    await file.writeFile(parts)
    await file.sync()
    if (!(await isStillAt(draft, file))) throw new CapstanError('conflict', `${path}: somebody else writes it, too`)
    await rename(draft, place)
  } catch (error) {
    if (await isStillAt(draft, file)) await rm(draft, { force: true })
    throw error
  } finally {
    await file.close()
  }
}

async function isStillAt(path: string, file: FileHandle): Promise<boolean> {
  const found = await unlessAbsent(lstat(path))
  return found !== undefined && found.ino === (await file.stat()).ino
}

async function unlessAbsent<T>(asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}
