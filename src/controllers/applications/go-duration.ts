// Durations as retry strategies write them: Go's `1m30s`, or plain seconds.

const UNIT_MS: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
}
const PART = /(?<amount>\d+(?:\.\d+)?|\.\d+)(?<unit>ns|us|µs|ms|s|m|h)/y

/** Milliseconds; undefined for text that is no duration. */
export function parseDuration(text: string): number | undefined {
  if (/^\d+$/.test(text)) return Number(text) * 1000
  let totalMs = 0
  PART.lastIndex = 0
  while (PART.lastIndex < text.length) {
    const groups = PART.exec(text)?.groups
    if (groups === undefined) return undefined
    totalMs += Number(groups['amount']) * (UNIT_MS[groups['unit'] ?? ''] ?? 0)
  }
  return text === '' ? undefined : totalMs
}
