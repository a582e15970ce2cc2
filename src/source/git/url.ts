// Repository addresses: which are accepted, and which name a repository on this machine's disk.
import { existsSync } from 'node:fs'
import { isAbsolute, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { CapstanError } from '../../base/errors.ts'

/** Longer addresses are refused: nothing real comes near, and they end up in messages. */
export const MAX_URL_LENGTH = 2048

export type GitProtocol = 'https' | 'http' | 'ssh' | 'file'

const SCP_FORM = /^(?:[\w.-]+@)?[\w.-]+:(?!\/\/)(?!\\)[^\s:][^\s]*$/
const CONTROL = /[\p{Cc}\s]/u

/** Says how an address is reached; throws `bad-input` for everything Git could take as an option or as a command. */
export function protocolOf(url: string): GitProtocol {
  if (url.length > MAX_URL_LENGTH || CONTROL.test(url) || url.startsWith('-')) throw unusable(url)
  const scheme = /^(?<scheme>[a-z][a-z0-9+.-]*):\/\//i.exec(url)?.groups?.['scheme']?.toLowerCase()
  switch (scheme) {
    case 'https':
    case 'http':
    case 'ssh':
    case 'file':
      return scheme
    case undefined:
      if (isAbsolute(url)) return 'file'
      if (SCP_FORM.test(url) && !url.includes('::')) return 'ssh'
      throw unusable(url)
    default:
      throw unusable(url)
  }
}

/** The Git directory of a repository on this disk (bare, or `.git` of a work tree); undefined for any other protocol. */
export function localGitDirectory(url: string): string | undefined {
  if (protocolOf(url) !== 'file') return undefined
  const folder = isAbsolute(url) ? url : fileURLToPath(url)
  const inner = join(folder, '.git')
  if (existsSync(join(inner, 'HEAD'))) return inner
  if (existsSync(join(folder, 'HEAD'))) return folder
  throw new CapstanError('not-found', `repository ${url} not found: ${folder} is not a Git repository; check repoURL`)
}

/** A web address without the login written in it, and that login: arguments of a program are seen by everybody on the machine. */
export function splitLogin(url: string): {
  readonly plain: string
  readonly username?: string
  readonly password?: string
} {
  const parsed = /^https?:\/\//i.test(url) ? URL.parse(url) : null
  if (parsed === null || (parsed.username === '' && parsed.password === '')) return { plain: url }
  return { plain: printableUrl(url), username: decoded(parsed.username), password: decoded(parsed.password) }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text // a percent sign that stands for itself
  }
}

/** The address without user name and password, fit for a message. */
export function printableUrl(url: string): string {
  // Up to the last @: a password may have others.
  return url.replace(/^(?<scheme>[a-z][a-z0-9+.-]*:\/\/)[^/]*@/i, '$<scheme>')
}

function unusable(url: string): CapstanError {
  const shown = printableUrl(url.slice(0, MAX_URL_LENGTH)).replaceAll(/[\p{Cc}]/gu, '?')
  return new CapstanError(
    'bad-input',
    `repository URL ${JSON.stringify(shown)} is not usable: write https://host/path.git, ssh://git@host/path.git, git@host:path.git or file:///path`,
  )
}
