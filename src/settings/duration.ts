// Durations as Go writes them.

const UNIT_MS: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  μs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
}

/** Longer text is no duration a person wrote. */
const MAX_LENGTH = 64

const PART = /(?<number>\d+(?:\.\d*)?|\.\d+)(?<unit>ns|us|µs|μs|ms|s|m|h)/y

/** `1h30m`, `90s`, `1.5h`, `-5m`, `0` in milliseconds; undefined where the text is none (Go `time.ParseDuration`). */
export function parseDurationMs(text: string): number | undefined {
  if (text.length > MAX_LENGTH) return undefined
  const sign = text.startsWith('-') ? -1 : 1
  const rest = text.replace(/^[+-]/, '')
  if (rest === '0') return 0
  if (rest === '') return undefined
  let total = 0
  PART.lastIndex = 0
  for (let at = 0; at < rest.length; at = PART.lastIndex) {
    PART.lastIndex = at
    const groups = PART.exec(rest)?.groups
    if (groups === undefined) return undefined
    total += Number(groups['number']) * (UNIT_MS[groups['unit'] ?? ''] ?? 0)
  }
  return sign * total
}

/** A Go duration, or a bare number of seconds, as `retry.backoff` of applications allows. */
export function parseDurationOrSecondsMs(text: string): number | undefined {
  return /^\d+$/.test(text) ? Number(text) * 1000 : parseDurationMs(text)
}
