// Formats of strings: `@base64 "…\(.x)"`.
import { JqError } from './error.ts'
import { describe, isList, type Json, textOf } from './values.ts'

/** A value as text: strings as they are, others as JSON. */
export function plainText(value: Json): string {
  return typeof value === 'string' ? value : textOf(value)
}

/** A value as text in a format; the empty name is none. */
export function formatText(name: string, value: Json): string {
  if (name === '') return plainText(value)
  const format = Object.hasOwn(FORMATS, name) ? FORMATS[name] : undefined
  if (format === undefined) throw new JqError(`format not defined: @${name}`)
  return format(value)
}

const FORMATS: Readonly<Record<string, (value: Json) => string>> = {
  text: plainText,
  json: textOf,
  html: (value) => plainText(value).replaceAll(/[<>&'"]/g, (char) => HTML[char] ?? char),
  uri: (value) => encodeURIComponent(plainText(value)).replaceAll(/[!'()*]/g, percent),
  csv: (value) => row('@csv', value, (text) => `"${text.replaceAll('"', '""')}"`).join(','),
  tsv: (value) => row('@tsv', value, escapeTabs).join('\t'),
  sh: (value) => (isList(value) ? value : [value]).map(quoteShell).join(' '),
  base64: (value) => Buffer.from(plainText(value)).toString('base64'),
  base64d: (value) => Buffer.from(plainText(value), 'base64').toString('utf8'),
}

const HTML: Readonly<Record<string, string>> = { '<': '&lt;', '>': '&gt;', '&': '&amp;', "'": '&#39;', '"': '&quot;' }

function percent(char: string): string {
  return `%${(char.codePointAt(0) ?? 0).toString(16).toUpperCase()}`
}

function row(format: string, value: Json, quote: (text: string) => string): readonly string[] {
  if (!isList(value)) throw new JqError(`${format} cannot be applied to: ${describe(value)}`)
  return value.map((item) => {
    if (typeof item === 'string') return quote(item)
    if (item === null) return ''
    if (typeof item === 'object') throw new JqError(`${format} cannot be applied to: ${describe(item)}`)
    return textOf(item)
  })
}

function escapeTabs(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('\t', '\\t').replaceAll('\n', '\\n').replaceAll('\r', '\\r')
}

function quoteShell(value: Json): string {
  if (typeof value === 'object' && value !== null) throw new JqError(`@sh cannot be applied to: ${describe(value)}`)
  return typeof value === 'string' ? `'${value.replaceAll("'", String.raw`'\''`)}'` : textOf(value)
}
