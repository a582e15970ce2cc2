// Waiting until a stream that was full takes more.

export interface FullStream {
  once(event: 'drain' | 'close', listener: () => void): unknown
  off(event: 'drain' | 'close', listener: () => void): unknown
}

/** Resolves when the stream has room again, or is closed; to be asked after a `write` that said there is none. Leaves no listener behind. */
export async function roomToWrite(stream: FullStream): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  stream.once('drain', resolve)
  stream.once('close', resolve)
  await promise
  stream.off('drain', resolve)
  stream.off('close', resolve)
}
