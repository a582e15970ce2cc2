// Formats of strings: `@base64 "…\(.x)"`.
import type { Budget } from './budget.ts'
import { JqError } from './error.ts'
import { describe, textOf } from './value-text.ts'
import { isList, type Json } from './values.ts'

/** A value as text: strings as they are, others as JSON. */
export function plainText(value: Json, budget: Budget): string {
  return typeof value === 'string' ? value : textOf(value, budget)
}

/** A value as text in a format; the empty name is none. */
export function formatText(name: string, value: Json, budget: Budget): string {
  if (name === '') return plainText(value, budget)
  const format = Object.hasOwn(FORMATS, name) ? FORMATS[name] : undefined
  if (format === undefined) throw new JqError(`format not defined: @${name}`)
  return format(value, budget)
}

const FORMATS: Readonly<Record<string, (value: Json, budget: Budget) => string>> = {
  text: plainText,
  json: textOf,
  html: (value, budget) => plainText(value, budget).replaceAll(/[<>&'"]/g, (char) => HTML[char] ?? char),
  uri: (value, budget) => encodeURIComponent(plainText(value, budget)).replaceAll(/[!'()*]/g, percent),
  csv: (value, budget) =>
    row({ format: '@csv', quote: (text) => `"${text.replaceAll('"', '""')}"` }, value, budget).join(','),
  tsv: (value, budget) => row({ format: '@tsv', quote: escapeTabs }, value, budget).join('\t'),
  sh: (value, budget) => (isList(value) ? value : [value]).map((item) => quoteShell(item, budget)).join(' '),
  base64: (value, budget) => Buffer.from(plainText(value, budget)).toString('base64'),
  base64d: (value, budget) => Buffer.from(plainText(value, budget), 'base64').toString('utf8'),
}

const HTML: Readonly<Record<string, string>> = { '<': '&lt;', '>': '&gt;', '&': '&amp;', "'": '&#39;', '"': '&quot;' }

function percent(char: string): string {
  return `%${(char.codePointAt(0) ?? 0).toString(16).toUpperCase()}`
}

interface RowStyle {
  readonly format: string
  readonly quote: (text: string) => string
}

function row({ format, quote }: RowStyle, value: Json, budget: Budget): readonly string[] {
  if (!isList(value)) throw new JqError(`${format} cannot be applied to: ${describe(value)}`)
  return value.map((item) => {
    if (typeof item === 'string') return quote(item)
    if (item === null) return ''
    if (typeof item === 'object') throw new JqError(`${format} cannot be applied to: ${describe(item)}`)
    return textOf(item, budget)
  })
}

function escapeTabs(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('\t', '\\t').replaceAll('\n', '\\n').replaceAll('\r', '\\r')
}

function quoteShell(value: Json, budget: Budget): string {
  if (typeof value === 'object' && value !== null) throw new JqError(`@sh cannot be applied to: ${describe(value)}`)
  return typeof value === 'string' ? `'${value.replaceAll("'", String.raw`'\''`)}'` : textOf(value, budget)
}
