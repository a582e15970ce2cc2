// What stands behind a backslash in a string of JSON, and of the languages that took it over.

/** The character that each letter stands for; `u` begins a code of four digits instead. */
export const JSON_ESCAPES: Readonly<Record<string, string>> = {
  '"': '"',
  '\\': '\\',
  '/': '/',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
}
