// A bearer token that something else keeps renewing in a file.
import { readFile } from 'node:fs/promises'
import { CapstanError } from '../../base/errors.ts'
import { systemClock, type Clock } from '../../base/clock.ts'
import { Secret } from '../../base/secret.ts'

/** client-go transport/token_source.go reads the file again after a minute. */
const REREAD_MS = 60_000

/** Headers with the file's token, read again once a minute; the last good token lasts where the file is gone for a moment. */
export function tokenFileHeaders(
  path: string,
  clock: Clock = systemClock,
): () => Promise<Readonly<Record<string, string>>> {
  let token: Secret | undefined
  let readAtMs = 0
  return async () => {
    if (token === undefined || clock.now() - readAtMs >= REREAD_MS) {
      readAtMs = clock.now()
      try {
        token = new Secret((await readFile(path, 'utf8')).trim())
      } catch (error) {
        if (token === undefined)
          throw new CapstanError('unauthenticated', `cannot read token file ${path}`, { cause: error })
      }
    }
    return { authorization: `Bearer ${token.reveal()}` }
  }
}
