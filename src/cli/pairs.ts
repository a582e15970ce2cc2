// `key=value` flags.
import { CapstanError } from '../base/errors.ts'

/** As a map; `bad-input` names the flag. */
export function pairsOf(values: readonly string[] = [], flag: string): Readonly<Record<string, string>> {
  return Object.fromEntries(
    values.map((value) => {
      const equals = value.indexOf('=')
      if (equals < 1) throw new CapstanError('bad-input', `${flag} ${value}: write key=value`)
      return [value.slice(0, equals), value.slice(equals + 1)]
    }),
  )
}
