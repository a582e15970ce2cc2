// Waits for the end of a process that runs until it is told to stop.

/** Resolves when the signal aborts. */
export async function untilAborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return
  const { promise, resolve } = Promise.withResolvers<void>()
  signal.addEventListener('abort', () => resolve(), { once: true })
  // A pending promise alone would let the program end.
  const alive = setInterval(() => undefined, 2 ** 30)
  await promise
  clearInterval(alive)
}
