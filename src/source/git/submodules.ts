// Submodules: where .gitmodules says they are from, what may be fetched for it, and their trees, opened when a path leads in.
import { CapstanError } from '../../base/errors.ts'
import { type AddressRules, assertForeignHost, hostOf } from '../addresses.ts'
import type { FileTree } from '../file-tree.ts'
import { printableUrl, protocolOf } from './url.ts'

/** Submodules opened for one tree, those of submodules counted with it. Real repositories have a handful. */
export const MAX_SUBMODULES = 100
/** Submodules of submodules; git itself has no bound. */
export const MAX_SUBMODULE_DEPTH = 8

/** One entry of .gitmodules. */
export interface Submodule {
  readonly path: string
  readonly url: string
  /** `none` leaves the directory empty. */
  readonly update: string
}

/** Opens a commit of the repository at an address that has been checked. */
export type OpenModule = (module: { readonly url: string; readonly commit: string } & Level) => Promise<FileTree>

/** Where a tree stands below the one that was asked for, and what is shared by all of these. */
export interface Level {
  readonly depth: number
  readonly budget: { left: number }
}

export function topLevel(): Level {
  return { depth: 0, budget: { left: MAX_SUBMODULES } }
}

export interface SubmodulesOptions extends Level {
  /** Of the repository that has the submodules. */
  readonly parentUrl: string
  readonly project: string
  readonly rules: AddressRules
  /** The entries of .gitmodules; undefined where there is no such file. */
  readonly read: () => Promise<readonly Submodule[] | undefined>
  readonly open: OpenModule
}

/** The submodules of one commit. */
export class Submodules {
  readonly #options: SubmodulesOptions
  readonly #trees = new Map<string, Promise<FileTree | undefined>>()
  #entries: Promise<readonly Submodule[] | undefined> | undefined

  constructor(options: SubmodulesOptions) {
    this.#options = options
  }

  /** False where git would leave their directories empty: there is no .gitmodules. */
  async areConfigured(): Promise<boolean> {
    this.#entries ??= this.#options.read()
    return (await this.#entries) !== undefined
  }

  /** The files of one; undefined where its directory stays empty. Throws with the name of the file that is to be changed. */
  async treeAt(path: string, commit: string): Promise<FileTree | undefined> {
    if (!(await this.areConfigured())) return undefined
    const known = this.#trees.get(path)
    if (known !== undefined) return known
    const opening = this.#open(path, commit)
    this.#trees.set(path, opening)
    // Asked again once it may work: a server that is away, a credential that was missing.
    opening.catch(() => this.#trees.delete(path))
    return opening
  }

  async #open(path: string, commit: string): Promise<FileTree | undefined> {
    const { depth, budget, open } = this.#options
    const entry = (await this.#entries)?.find((one) => one.path === path)
    if (entry === undefined) throw refused('bad-input', `no url found for submodule path '${path}'`)
    if (entry.update === 'none') return undefined
    if (depth >= MAX_SUBMODULE_DEPTH) throw refused('limit', `submodules are nested deeper than ${MAX_SUBMODULE_DEPTH}`)
    if (budget.left <= 0) throw refused('limit', `more than ${MAX_SUBMODULES} submodules are read`)
    budget.left--
    try {
      const url = resolveSubmoduleUrl(this.#options.parentUrl, entry.url)
      await this.#assertAllowed(url)
      return await open({ url, commit, depth: depth + 1, budget })
    } catch (error) {
      budget.left++
      if (!(error instanceof CapstanError)) throw error
      throw new CapstanError(error.code, `.gitmodules: submodule ${path}: ${error.message}`, { cause: error })
    }
  }

  async #assertAllowed(url: string): Promise<void> {
    const { parentUrl, rules, project } = this.#options
    const shown = printableUrl(url)
    if (protocolOf(url) === 'file') {
      throw new CapstanError('forbidden', `${shown}: paths of this machine are not read; use https or ssh`)
    }
    const host = hostOf(url)
    if (host === undefined) throw new CapstanError('bad-input', `${shown}: the address names no host`)
    if (placeOf(url) === placeOf(parentUrl) || rules.isRegistered(url, project)) return
    await assertForeignHost(host, shown)
  }
}

/** Protocol, host and port: credentials for one repository there are good for another one. */
export function placeOf(url: string): string {
  const scheme = /^(?<scheme>[a-z][a-z0-9+.-]*):\/\/(?:[^/@]*@)?(?<place>[^/]*)/i.exec(url)?.groups
  if (scheme !== undefined) return `${scheme['scheme']}://${scheme['place']}`.toLowerCase()
  return `ssh://${hostOf(url) ?? ''}`.toLowerCase()
}

/** `../other.git` is beside the parent, as git has it (submodule--helper `relative_url`); anything else stands for itself. */
export function resolveSubmoduleUrl(parentUrl: string, url: string): string {
  if (!/^\.\.?(?:\/|$)/.test(url)) return url
  let base = parentUrl.replace(/\/+$/, '')
  let rest = url
  let separator = '/'
  for (let step = /^(?<dots>\.\.?)(?:\/+|$)/.exec(rest); step !== null; step = /^(?<dots>\.\.?)(?:\/+|$)/.exec(rest)) {
    rest = rest.slice(step[0].length)
    if (step.groups?.['dots'] === '.') continue
    const path = pathStart(base)
    const slash = base.lastIndexOf('/')
    if (base.length <= path) throw new CapstanError('bad-input', `${url} leads out of ${printableUrl(parentUrl)}`)
    separator = slash >= path ? '/' : base.charAt(path - 1)
    base = base.slice(0, slash >= path ? slash : path - 1)
  }
  return `${base}${separator}${rest}`.replace(/\/+$/, '')
}

/** Where the path of an address begins: behind the host's `/` or `:`. */
function pathStart(url: string): number {
  const scheme = /^[a-z][a-z0-9+.-]*:\/\/[^/]*\//i.exec(url)
  if (scheme !== null) return scheme[0].length
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(url)) return url.length
  return url.startsWith('/') ? 1 : url.indexOf(':') + 1
}

/** Reads what `git config --null --list` prints of .gitmodules. */
export function parseSubmodules(listed: string): readonly Submodule[] {
  const found = new Map<string, Record<string, string>>()
  for (const line of listed.split('\0')) {
    const { name, key, value } =
      /^submodule\.(?<name>[^]*)\.(?<key>path|url|update)\n(?<value>[^]*)$/.exec(line)?.groups ?? {}
    if (name === undefined || key === undefined) continue
    const fields = found.get(name) ?? {}
    fields[key] = value ?? ''
    found.set(name, fields)
  }
  return [...found.values()]
    .map(({ path = '', url = '', update = '' }) => ({ path: path.replace(/\/+$/, ''), url, update }))
    .filter(({ path, url }) => path !== '' && url !== '')
}

function refused(code: 'bad-input' | 'limit', problem: string): CapstanError {
  return new CapstanError(code, `.gitmodules: ${problem}`)
}
