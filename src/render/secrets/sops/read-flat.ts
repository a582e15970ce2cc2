// Files without nesting, dotenv and INI, into documents and back; their metadata is flattened into keys.
import { leaf, type Branch, type Entry, type Leaf } from './document.ts'
import { SopsError } from './fault.ts'

/** A key a line; `\n` in a value is a line break (sops v3.13.3 stores/dotenv). Comments are left out. */
export function readDotenvTree(text: string): Branch {
  const entries: Entry[] = []
  for (const line of text.split('\n')) {
    if (line === '' || line.startsWith('#')) continue
    const at = line.indexOf('=')
    if (at < 0) throw new SopsError('invalid dotenv input line: it has no =')
    entries.push({ key: line.slice(0, at), value: leaf('str', line.slice(at + 1).replaceAll(String.raw`\n`, '\n')) })
  }
  return { kind: 'map', entries }
}

export function writeDotenv(branch: Branch, textOf: (leaf: Leaf) => string): string {
  return branch.entries
    .map(({ key, value }) => {
      if (value.kind !== 'leaf') throw new SopsError(`cannot use complex value in dotenv file; offending key ${key}`)
      return `${key}=${textOf(value).replaceAll('\n', String.raw`\n`)}\n`
    })
    .join('')
}

/** Sections of keys; what stands before the first one is in section DEFAULT, which is always there (go-ini v1). */
export function readIniTree(text: string): Branch {
  const sections: { key: string; entries: Entry[] }[] = [{ key: 'DEFAULT', entries: [] }]
  const lines = text.split(/\r?\n/)
  for (let at = 0; at < lines.length; at++) {
    const line = (lines[at] ?? '').trim()
    if (line === '' || line.startsWith('#') || line.startsWith(';')) continue
    const header = /^\[(?<name>.*)\]/.exec(line)?.groups?.['name']
    if (header !== undefined) {
      sections.push({ key: header.trim(), entries: [] })
      continue
    }
    const { key, value, last } = readKey(lines, at)
    at = last
    sections.at(-1)?.entries.push({ key, value: leaf('str', value) })
  }
  return { kind: 'map', entries: sections.map(({ key, entries }) => ({ key, value: { kind: 'map', entries } })) }
}

interface ReadKey {
  readonly key: string
  readonly value: string
  /** The last line that belongs to it. */
  readonly last: number
}

function readKey(lines: readonly string[], at: number): ReadKey {
  const groups = /^(?<key>[^=:]+?)\s*[=:]\s*(?<value>.*)$/.exec((lines[at] ?? '').trim())?.groups
  if (groups === undefined) throw new SopsError(`line ${at + 1}: key-value delimiter not found`)
  const key = (groups['key'] ?? '').replaceAll(/^["`]|["`]$/g, '')
  const value = groups['value'] ?? ''
  if (value.startsWith('"""')) return { key, ...readLong(lines, at, value.slice(3)) }
  const quoted = /^(?<mark>["`'])(?<inner>.*)\k<mark>$/.exec(value)?.groups?.['inner']
  if (quoted !== undefined) return { key, value: quoted, last: at }
  const comment = value.search(/\s[#;]/)
  return { key, value: (comment < 0 ? value : value.slice(0, comment)).trim(), last: at }
}

function readLong(lines: readonly string[], start: number, first: string): Omit<ReadKey, 'key'> {
  let value = first
  for (let last = start; last < lines.length; last++) {
    if (last > start) value += `\n${lines[last] ?? ''}`
    const end = value.indexOf('"""')
    if (end >= 0) return { value: value.slice(0, end), last }
  }
  throw new SopsError(`line ${start + 1}: missing closing """`)
}

/** As go-ini writes: keys of a section aligned, an empty line behind each section; values that need it in quotes. */
export function writeIni(branch: Branch, textOf: (leaf: Leaf) => string): string {
  return branch.entries
    .map(({ key: section, value }) => {
      const entries = value.kind === 'map' ? value.entries : []
      const width = Math.max(0, ...entries.map(({ key }) => key.length))
      const lines = entries.map(({ key, value: one }) => {
        if (one.kind !== 'leaf') throw new SopsError(`[${section}] ${key}: cannot use complex value in an INI file`)
        return `${key.padEnd(width)} = ${quoted(textOf(one))}\n`
      })
      if (section === 'DEFAULT') return lines.join('')
      return `[${section}]\n${lines.join('')}`
    })
    .filter((text) => text !== '')
    .join('\n')
}

function quoted(text: string): string {
  if (/[\n`]/.test(text)) return `"""${text}"""`
  if (/[#;]/.test(text)) return `\`${text}\``
  return text.trim() === text ? text : `"${text}"`
}
