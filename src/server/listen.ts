// Opens a port, and says what to do where that fails.
import type { Server } from 'node:http'
import { CapstanError } from '../base/errors.ts'

export interface Place {
  readonly port: number
  readonly address: string
  /** The flag that chooses the port. */
  readonly flag: string
}

/** Resolves when the server listens. Throws `precondition` where the port is taken, `forbidden` where it may not be opened. */
export async function listen(server: Server, { port, address, flag }: Place): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  server.once('error', reject)
  server.listen(port, address, resolve)
  try {
    await promise
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : ''
    if (code === 'EADDRINUSE') {
      throw new CapstanError(
        'precondition',
        `port ${port} on ${address} is taken; end what uses it, or choose another with ${flag}`,
        { cause: error },
      )
    }
    if (code === 'EACCES') {
      throw new CapstanError(
        'forbidden',
        `port ${port} may not be opened by this user; choose one above 1023 with ${flag}`,
        { cause: error },
      )
    }
    throw error
  }
  server.removeListener('error', reject)
}
