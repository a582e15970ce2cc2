// Opens a port, and says what to do where that fails.
import type { Server } from 'node:net'
import { listenFault, type Place } from '../base/listen-fault.ts'

/** Resolves when the server listens. Throws as `listenFault` says. */
export async function listen(server: Server, place: Place): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  server.once('error', reject)
  server.listen(place.port, place.address, resolve)
  try {
    await promise
  } catch (error) {
    throw listenFault(error, place)
  }
  server.removeListener('error', reject)
}
