// Reads policy lines: `p, subject, resource, action, object, allow|deny` and `g, member, role`.
import { CapstanError } from '../../base/errors.ts'

export interface PolicyRule {
  readonly subject: string
  readonly resource: string
  readonly action: string
  readonly object: string
  readonly effect: 'allow' | 'deny'
}

export interface RoleGrant {
  readonly member: string
  readonly role: string
}

export interface PolicyLines {
  readonly rules: readonly PolicyRule[]
  readonly grants: readonly RoleGrant[]
}

/** A policy of many teams has some thousand lines; this is a hundred times more. */
const MAX_LINES = 200_000

/**
 * Reads comma-separated lines; empty ones and those behind `#` are skipped, fields may be quoted.
 * Throws `bad-input` naming the line (argo-cd v3.5.1 `util/rbac/rbac.go` `loadPolicyLine`).
 */
export function parsePolicy(text: string): PolicyLines {
  const rules: PolicyRule[] = []
  const grants: RoleGrant[] = []
  const lines = text.split('\n')
  if (lines.length > MAX_LINES) throw new CapstanError('limit', `policy has more than ${MAX_LINES} lines: shorten it`)
  for (const [index, raw] of lines.entries()) {
    const line = raw.trim()
    if (line === '' || line.startsWith('#')) continue
    const [kind, ...fields] = splitFields(line)
    if (kind === 'p' && fields.length >= 5) rules.push(ruleOf(fields))
    else if (kind === 'g' && fields.length >= 2) grants.push({ member: fields[0] ?? '', role: fields[1] ?? '' })
    else throw wrongLine(index + 1, line)
  }
  return { rules, grants }
}

function ruleOf([subject = '', resource = '', action = '', object = '', effect = '']: readonly string[]): PolicyRule {
  // Anything but deny and allow has no effect in upstream's model; denying is the safe reading.
  return { subject, resource, action, object, effect: effect === 'allow' ? 'allow' : 'deny' }
}

function wrongLine(number: number, line: string): CapstanError {
  const form = 'write p, subject, resource, action, object, allow or g, member, role'
  return new CapstanError('bad-input', `invalid RBAC policy: line ${number}: ${line}: ${form}`)
}

function splitFields(line: string): readonly string[] {
  const fields: string[] = []
  for (let at = 0; at <= line.length;) {
    while (line[at] === ' ' || line[at] === '\t') at++
    const isQuoted = line[at] === '"'
    const end = isQuoted ? endOfQuoted(line, at) : endOf(line, at)
    const field = isQuoted ? line.slice(at + 1, end - 1).replaceAll('""', '"') : line.slice(at, end).trim()
    fields.push(field)
    at = endOf(line, end) + 1
  }
  return fields
}

function endOf(line: string, from: number): number {
  const comma = line.indexOf(',', from)
  return comma < 0 ? line.length : comma
}

/** The position behind the closing quote; a quote that is not closed runs to the end. */
function endOfQuoted(line: string, open: number): number {
  for (let at = open + 1; at < line.length; at++) {
    if (line[at] !== '"') continue
    if (line[at + 1] === '"') at++
    else return at + 1
  }
  return line.length
}
