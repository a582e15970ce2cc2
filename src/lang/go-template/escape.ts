// html, js and urlquery: how the built-in functions escape text.
import { isPrintable } from '../go/quote.ts'
import { bytesOfText } from '../go/text.ts'

const HTML: Readonly<Record<string, string>> = {
  '\0': '\ufffd',
  '"': '&#34;',
  "'": '&#39;',
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
}
const JS: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  "'": "\\'",
  '"': '\\"',
  '<': '\\u003C',
  '>': '\\u003E',
  '&': '\\u0026',
  '=': '\\u003D',
}

export function escapeHtml(text: string): string {
  // eslint-disable-next-line no-control-regex -- NUL is one of the characters that are replaced
  return text.replaceAll(/[\0"'&<>]/g, (char) => HTML[char] ?? char)
}

export function escapeJs(text: string): string {
  let escaped = ''
  for (const char of text) escaped += JS[char] ?? (isPrintable(char) ? char : controlText(char))
  return escaped
}

function controlText(char: string): string {
  const hex = (char.codePointAt(0) ?? 0).toString(16).toUpperCase()
  return `\\u${hex.padStart(4, '0')}`
}

/** url.QueryEscape: a space is `+`, all but letters, digits and `-_.~` become `%XX`. */
export function escapeQuery(text: string): string {
  let escaped = ''
  for (const byte of bytesOfText(text)) {
    const char = String.fromCharCode(byte)
    if (/[A-Za-z0-9\-_.~]/.test(char)) escaped += char
    else escaped += char === ' ' ? '+' : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`
  }
  return escaped
}
