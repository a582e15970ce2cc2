// Where the first JSON value of a text ends, for texts that go on behind it.

/** The offset behind the first JSON value, which stands at the start; the value itself is not checked. */
export function jsonValueEnd(text: string): number {
  let depth = 0
  for (let at = 0; at < text.length; at++) {
    const character = text[at] ?? ''
    if (depth === 0 && /[,\s]/.test(character)) return at
    if (character === '"') at = stringEnd(text, at)
    else if (/[{[]/.test(character)) depth++
    else if (/[}\]]/.test(character)) depth--
    if (depth === 0 && /["}\]]/.test(character)) return at + 1
  }
  return text.length
}

function stringEnd(text: string, start: number): number {
  let at = start + 1
  while (at < text.length && text[at] !== '"') at += text[at] === '\\' ? 2 : 1
  return at
}
