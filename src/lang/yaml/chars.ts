// Character classes of YAML 1.1 as libyaml has them. Code 0 is the end of the text.

export const TAB = 0x09
export const LF = 0x0a
export const CR = 0x0d
export const SPACE = 0x20
export const HASH = 0x23
export const DASH = 0x2d
export const COLON = 0x3a
export const QUESTION = 0x3f
export const QUOTE = 0x22
export const APOSTROPHE = 0x27
export const BACKSLASH = 0x5c

export function isBlank(c: number): boolean {
  return c === SPACE || c === TAB
}

/** LF, CR, NEL, LS, PS. */
export function isBreak(c: number): boolean {
  return c === LF || c === CR || (c > 0x7f && (c === 0x85 || c === 0x2028 || c === 0x2029))
}

export function isBreakOrEnd(c: number): boolean {
  return c === 0 || isBreak(c)
}

export function isBlankOrEnd(c: number): boolean {
  return c <= SPACE ? c === SPACE || c === LF || c === TAB || c === CR || c === 0 : c > 0x7f && isBreak(c)
}

export function isDigit(c: number): boolean {
  return c >= 0x30 && c <= 0x39
}

/** What anchors, tag handles and directive names are made of. */
export function isWordCharacter(c: number): boolean {
  return isDigit(c) || (c >= 0x41 && c <= 0x5a) || (c >= 0x61 && c <= 0x7a) || c === 0x5f || c === DASH
}

/** `,` `[` `]` `{` `}`. */
export function isFlowIndicator(c: number): boolean {
  return c === 0x2c || c === 0x5b || c === 0x5d || c === 0x7b || c === 0x7d
}
