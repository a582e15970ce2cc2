// Texts out of JSON whose types were checked elsewhere, or by nobody.

/** A string as it is, numbers and booleans printed; the fallback for anything else. */
export function textOf(value: unknown, fallback = ''): string {
  if (typeof value === 'string') return value
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : fallback
}
