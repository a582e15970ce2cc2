// Files that a person names on the command line: what is wrong with one is told with the flag that names it.
import { CapstanError } from '../base/errors.ts'

const REASONS: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EISDIR: 'it is a directory',
  ENAMETOOLONG: 'the name is too long',
  ENOENT: 'no such file or directory',
  ENOSPC: 'no space left on the device',
  ENOTDIR: 'a part of the path is no directory',
  EPERM: 'not permitted',
  EROFS: 'the file system is read-only',
}

/** Does something with a file. Throws `bad-input` that names flag and file where the operating system refuses. */
export function withNamedFile<T>(flag: string, file: string, act: () => T): T {
  try {
    return act()
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : ''
    const reason = REASONS[code]
    if (reason === undefined) throw error
    throw new CapstanError('bad-input', `${flag} ${file}: ${reason}`, { cause: error })
  }
}
