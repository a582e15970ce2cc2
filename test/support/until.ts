// Waiting for a condition, however slow the machine is.
import assert from 'node:assert/strict'

/** Tests of a run with less time for each give less. */
const PATIENCE_MS = 60_000
const POLL_MS = 20

/** Asks until the answer is as wanted, and gives it; fails with `what` and the last answer after `patienceMs`. */
export async function until<T>(
  what: string,
  ask: () => T | Promise<T>,
  isSo: (answer: T) => boolean,
  patienceMs: number = PATIENCE_MS,
): Promise<T> {
  const endMs = Date.now() + patienceMs
  for (;;) {
    const answer = await ask()
    if (isSo(answer)) return answer
    assert.ok(Date.now() < endMs, `${what}: ${JSON.stringify(answer)}`)
    await new Promise((resolve) => void setTimeout(resolve, POLL_MS))
  }
}
