// Values and templates made at random from a seed, for properties that hold of all of them.

/** Numbers below 1, the same for the same seed (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

export function pick<T>(random: () => number, items: readonly [T, ...T[]]): T {
  return items[Math.floor(random() * items.length)] ?? items[0]
}

const PIECES: readonly [string, ...string[]] = [
  'a',
  'B',
  'z9',
  '0',
  '12',
  '1e3',
  '.5',
  '-',
  '_',
  ':',
  ': ',
  ' #',
  '#',
  ',',
  '[',
  ']',
  '{',
  '}',
  '&',
  '*',
  '!',
  '|',
  '>',
  "'",
  '"',
  '%',
  '@',
  '`',
  '?',
  '? ',
  '- ',
  '=',
  '<<',
  '~',
  'null',
  'yes',
  'No',
  'on',
  'true',
  '0x1F',
  '0o7',
  '1:30',
  '2001-01-01',
  '.inf',
  '.nan',
  '---',
  '...',
  ' ',
  '  ',
  '\n',
  '\n\n',
  '\t',
  '\r',
  'é',
  '日本',
  '\u00a0',
  '\u0085',
  '\u2028',
  '\u200b',
  '\ufeff',
  '😀',
  '\u0001',
  '\u007f',
  '\\',
  '/',
  'some words of text that go on for a while',
  'https://example.com/a?b=c&d=e',
]

const SCALARS: readonly [unknown, ...unknown[]] = [
  null,
  true,
  false,
  0,
  1,
  -1,
  8,
  10,
  255,
  1000000,
  123456789,
  9007199254740991,
  -2147483648,
  0.1,
  1.5,
  -0.25,
  1e-7,
  1e20,
  1e21,
  123456.789,
  '',
]

/** Text of up to eight pieces that mean something to YAML. */
export function randomText(random: () => number): string {
  let text = ''
  for (let count = Math.floor(random() * 8); count > 0; count--) text += pick(random, PIECES)
  return text
}

/** Scalars, lists and tables up to `depth` levels. */
export function randomValue(random: () => number, depth: number): unknown {
  const kind = random()
  if (depth === 0 || kind < 0.5) return random() < 0.6 ? randomText(random) : pick(random, SCALARS)
  const size = Math.floor(random() * 5)
  if (kind < 0.7) return Array.from({ length: size }, () => randomValue(random, depth - 1))
  const entries = Array.from({ length: size }, () => [randomText(random), randomValue(random, depth - 1)] as const)
  return Object.fromEntries(entries.filter(([key]) => key !== '__proto__'))
}

const TOKENS: readonly [string, ...string[]] = [
  '{{',
  '}}',
  '{{-',
  '-}}',
  '{{- ',
  ' -}}',
  ' ',
  '\n',
  'text',
  'if ',
  'else',
  'else if ',
  'else with ',
  'end',
  'range ',
  'with ',
  'define "a"',
  'template "a"',
  'block "b"',
  'break',
  'continue',
  '.',
  '.a',
  '.a.b',
  '$',
  '$x',
  '$x.y',
  ':=',
  '=',
  ',',
  '|',
  '(',
  ')',
  '"s"',
  '`raw`',
  "'c'",
  '1',
  '1.5',
  '0x1f',
  '1i',
  '-1',
  '+2',
  '1_0',
  'nil',
  'true',
  'printf',
  'eq',
  'and',
  'f',
  'include',
  'nope',
  '/* c */',
  '{{/* c */}}',
  '{{ if .a }}',
  '{{ else }}',
  '{{ end }}',
  '{{ range $i, $e := .l }}',
  '{{ $x := 1 }}',
  '{{ with .a }}',
  '{{ define "t" }}',
  '{{ include "t" . | f }}',
  '{{ .a.b }}',
  '{{ break }}',
  '{{ template "t" . }}',
  '{{ (f 1).a }}',
  '"',
  '\\',
  '@',
  '#',
]

/** A run of words of the template language, most of them wrong somewhere. */
export function randomTemplate(random: () => number): string {
  let text = ''
  for (let count = 1 + Math.floor(random() * 9); count > 0; count--) text += pick(random, TOKENS)
  return random() < 0.4 ? `{{ ${text} }}` : text
}
