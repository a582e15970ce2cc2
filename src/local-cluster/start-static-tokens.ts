// Static tokens: the CSV file of kube-apiserver's --token-auth-file (apiserver/plugin/pkg/authenticator/token/tokenfile, v0.36.3).
import { CapstanError } from '../base/errors.ts'
import type { UserInfo } from './apiserver/user.ts'

/** Longest file that is read: some ten thousand tokens. */
export const MAX_TOKEN_FILE_BYTES: number = 4 * 1024 * 1024

const AUTHENTICATED = 'system:authenticated'

export interface StaticTokens {
  /** Users by their token. */
  readonly users: ReadonlyMap<string, UserInfo>
  /** Lines that were passed over or overwritten: `line 3: duplicate token`. */
  readonly warnings: readonly string[]
}

/**
 * Reads lines of `token,user,uid[,"group1,group2"]`. Lines without a token are passed over, a token that comes twice means the later user.
 * Throws `bad-input` for a line with fewer than three columns or quotes that do not close, `limit` for a file that is too long.
 */
export function parseTokenFile(text: string): StaticTokens {
  if (text.length > MAX_TOKEN_FILE_BYTES) {
    throw new CapstanError('limit', `a token file may have at most ${MAX_TOKEN_FILE_BYTES} bytes`)
  }
  const users = new Map<string, UserInfo>()
  const warnings: string[] = []
  for (const { line, columns } of parseRecords(text)) {
    const [token = '', name = '', uid, groups] = columns
    if (uid === undefined) {
      const need = 'a token file must have at least 3 columns (token, user name, user uid)'
      throw new CapstanError('bad-input', `${need}, found ${columns.length} in line ${line}`)
    }
    if (token === '') warnings.push(`line ${line}: empty token`)
    if (token === '') continue
    if (users.has(token)) warnings.push(`line ${line}: duplicate token`)
    const named = groups === undefined ? [] : groups.split(',')
    users.set(token, { name, uid, groups: [...named, AUTHENTICATED] })
  }
  return { users, warnings }
}

interface CsvRecord {
  /** Counted from 1, where the record begins. */
  readonly line: number
  readonly columns: readonly string[]
}

/** Records of a CSV text as Go's encoding/csv reads them: quoted fields may hold commas, line ends and doubled quotes. */
function parseRecords(text: string): readonly CsvRecord[] {
  const records: CsvRecord[] = []
  let at = 0
  let line = 1
  while (at < text.length) {
    const start = line
    const columns: string[] = []
    for (let more = true; more;) {
      const field = readField(text, at, start)
      columns.push(field.value)
      line += field.value.split('\n').length - 1
      at = field.end + 1
      more = text[field.end] === ','
    }
    line++
    if (columns.length > 1 || columns[0] !== '') records.push({ line: start, columns })
  }
  return records
}

interface Field {
  readonly value: string
  /** Where the comma or the line end stands. */
  readonly end: number
}

function readField(text: string, at: number, line: number): Field {
  if (text[at] !== '"') {
    const end = at + (/[,\n]/.exec(text.slice(at, at + MAX_FIELD))?.index ?? text.length - at)
    const value = text.slice(at, end).replace(/\r$/, '')
    if (value.includes('"')) throw new CapstanError('bad-input', `bare " in a field that is not quoted, line ${line}`)
    return { value, end }
  }
  let value = ''
  for (let from = at + 1; ;) {
    const quote = text.indexOf('"', from)
    if (quote < 0) throw new CapstanError('bad-input', `a quoted field does not end, line ${line}`)
    value += text.slice(from, quote)
    if (text[quote + 1] !== '"') return { value, end: endAfterQuote(text, quote + 1, line) }
    value += '"'
    from = quote + 2
  }
}

/** Longest field that is looked for; a token has some hundred characters. */
const MAX_FIELD = 64 * 1024

function endAfterQuote(text: string, at: number, line: number): number {
  const end = text.startsWith('\r\n', at) ? at + 1 : at
  if (end >= text.length || text[end] === ',' || text[end] === '\n') return end
  throw new CapstanError('bad-input', `text after a quoted field, line ${line}`)
}
