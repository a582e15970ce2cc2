// The metadata of an encrypted file: who can decrypt it, which values are encrypted, how it is authenticated.
import type { GoRegexp } from '../../../lang/go/regexp/regexp.ts'
import { compileRegexp, matchesRegexp } from '../../../lang/go/regexp/regexp.ts'
import type { Branch, Format, Node } from './document.ts'
import { SopsError } from './fault.ts'

/** Kinds of master keys by their names in the file. */
export const KEY_KINDS = ['kms', 'gcp_kms', 'hckms', 'azure_kv', 'hc_vault', 'pgp', 'age'] as const
export type KeyKind = (typeof KEY_KINDS)[number]

export interface MasterKey {
  readonly kind: KeyKind
  /** Recipient, fingerprint, ARN …: what names it to people. */
  readonly name: string
  /** The data key, or a part of it, as this master key encrypted it. */
  readonly encrypted: string
}

export interface SopsMetadata {
  readonly groups: readonly (readonly MasterKey[])[]
  /** Parts needed where there are several groups. */
  readonly threshold: number
  /** RFC 3339 as Go prints it: what authenticates `mac`. */
  readonly lastModified: string
  readonly mac: string
  readonly macOnlyEncrypted: boolean
  /** Whether the values below a path of keys are encrypted; undefined where comments decide it, which are not read here. */
  readonly isEncrypted: (path: readonly string[]) => boolean | undefined
}

/** Groups of one file; sops itself has no bound, shares are 255 at most. */
const MAX_GROUPS = 255
/** Keys of one group; each that fits costs a key exchange. */
const MAX_KEYS = 200

export interface SplitFile {
  /** Without the metadata. */
  readonly branches: readonly Branch[]
  readonly metadata: SopsMetadata
}

/** Takes the metadata out of a file; undefined where it has none and thus is not encrypted. */
export function splitMetadata(branches: readonly Branch[], format: Format): SplitFile | undefined {
  const [first] = branches
  if (first === undefined) return undefined
  const found = format === 'dotenv' ? prefixed(first) : underKey(first)
  if (found === undefined) return undefined
  const isFlat = format === 'dotenv' || format === 'ini'
  const fields = isFlat ? unflatten(found, format === 'ini') : plain(found)
  const rest = branches.map((branch): Branch => {
    const isOwn = (key: string): boolean => (format === 'dotenv' ? key.startsWith('sops_') : key === 'sops')
    return { kind: 'map', entries: branch.entries.filter(({ key }) => !isOwn(key)) }
  })
  return { branches: rest, metadata: parseMetadata(recordOf(fields) ?? new Map()) }
}

function prefixed(branch: Branch): Branch | undefined {
  const entries = branch.entries
    .filter(({ key }) => key.startsWith('sops_'))
    .map(({ key, value }) => ({ key: key.slice('sops_'.length), value }))
  return entries.length === 0 ? undefined : { kind: 'map', entries }
}

function underKey(branch: Branch): Branch | undefined {
  const found = branch.entries.filter(({ key }) => key === 'sops')
  if (found.length > 1) throw new SopsError('Found duplicate sops entry')
  const value = found[0]?.value
  if (value === undefined) return undefined
  if (value.kind !== 'map') throw new SopsError('Found sops entry that is not a mapping')
  return value
}

type Plain = string | readonly Plain[] | Fields
type Fields = ReadonlyMap<string, Plain>

function plain(node: Node): Plain {
  if (node.kind === 'leaf') return node.bytes.toString('utf8')
  if (node.kind === 'list') return node.items.map(plain)
  return new Map(node.entries.map(({ key, value }) => [key, plain(value)]))
}

function recordOf(value: Plain | undefined): Fields | undefined {
  return value instanceof Map ? value : undefined
}

const PATH_PART = /__(?<kind>map|list)_/

/** `age__list_0__map_enc` → `age[0].enc`. */
function unflatten(branch: Branch, hasEscapes: boolean): Plain {
  const root = new Map<string, Plain>()
  for (const { key, value } of branch.entries) {
    const text = value.kind === 'leaf' ? value.bytes.toString('utf8') : ''
    put(root, key, hasEscapes ? text.replaceAll(String.raw`\n`, '\n') : text)
  }
  return lists(root)
}

function put(root: Map<string, Plain>, key: string, value: string): void {
  const parts = key.split(PATH_PART)
  const path = parts.filter((_part, index) => index % 2 === 0)
  let into = root
  for (const name of path.slice(0, -1)) {
    const next = into.get(name) ?? new Map<string, Plain>()
    if (!(next instanceof Map)) throw new SopsError(`Error while unflattening ${JSON.stringify(key)}: Type mismatch`)
    into.set(name, next)
    into = next
  }
  into.set(path.at(-1) ?? '', value)
}

/** Maps whose keys are all positions are lists. */
function lists(value: Plain): Plain {
  if (!(value instanceof Map)) return value
  const entries = [...value].map(([key, one]) => [key, lists(one)] as const)
  const isList = entries.length > 0 && entries.every(([key]) => /^\d+$/.test(key))
  if (!isList) return new Map(entries)
  return entries.toSorted(([a], [b]) => Number(a) - Number(b)).map(([, one]) => one)
}

function parseMetadata(fields: Fields): SopsMetadata {
  const topLevel = groupOf(fields)
  const listed = listOf(fields.get('key_groups')).map(groupOf)
  const groups = topLevel.length > 0 ? [topLevel] : listed
  if (groups.length === 0) throw new SopsError('No keys found in file')
  if (groups.length > MAX_GROUPS || groups.some((group) => group.length > MAX_KEYS)) {
    throw new SopsError(`more than ${MAX_GROUPS} key groups or ${MAX_KEYS} keys in one`, 'limit')
  }
  return {
    groups,
    threshold: Number(textOf(fields, 'shamir_threshold')) || groups.length,
    lastModified: lastModifiedOf(textOf(fields, 'lastmodified')),
    mac: textOf(fields, 'mac'),
    macOnlyEncrypted: /^(?:1|t|true)$/i.test(textOf(fields, 'mac_only_encrypted')),
    isEncrypted: ruleOf(fields),
  }
}

function listOf(value: Plain | undefined): readonly Fields[] {
  return Array.isArray(value) ? value.map((one: Plain) => recordOf(one) ?? new Map()) : []
}

function textOf(fields: Fields, key: string): string {
  const value = fields.get(key)
  return typeof value === 'string' ? value : ''
}

const NAMES: Readonly<Record<KeyKind, string>> = {
  kms: 'arn',
  gcp_kms: 'resource_id',
  hckms: 'key_id',
  azure_kv: 'vault_url',
  hc_vault: 'vault_address',
  pgp: 'fp',
  age: 'recipient',
}

function groupOf(fields: Fields): readonly MasterKey[] {
  return KEY_KINDS.flatMap((kind) =>
    listOf(fields.get(kind)).map((key) => ({ kind, name: textOf(key, NAMES[kind]), encrypted: textOf(key, 'enc') })),
  )
}

const TIME = /^(?<seconds>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.\d+)?(?<zone>Z|[+-]\d\d:\d\d)$/

/** Parsed and printed as Go's time.RFC3339: no fractions, UTC as Z. */
function lastModifiedOf(text: string): string {
  const groups = TIME.exec(text)?.groups
  if (groups === undefined) throw new SopsError('lastmodified is no RFC 3339 time')
  const { seconds = '', zone = '' } = groups
  return seconds + (zone === '+00:00' || zone === '-00:00' ? 'Z' : zone)
}

const RULES = [
  'unencrypted_suffix',
  'encrypted_suffix',
  'unencrypted_regex',
  'encrypted_regex',
  'unencrypted_comment_regex',
  'encrypted_comment_regex',
] as const

/** The one rule of a file (sops v3.13.3 shouldBeEncrypted): any part of a path decides for all below it. */
function ruleOf(fields: Fields): SopsMetadata['isEncrypted'] {
  const set = RULES.filter((rule) => textOf(fields, rule) !== '')
  if (set.length > 1) {
    throw new SopsError(
      'Cannot use more than one of encrypted_suffix, unencrypted_suffix, encrypted_regex, unencrypted_regex, encrypted_comment_regex, or unencrypted_comment_regex in the same file',
    )
  }
  const [rule = 'unencrypted_suffix'] = set
  const text = textOf(fields, rule) || '_unencrypted'
  if (rule.endsWith('_comment_regex')) return () => undefined
  const isEncryptedWhereFound = rule.startsWith('encrypted')
  const fits = rule.endsWith('_suffix') ? (part: string) => part.endsWith(text) : matcherOf(rule, text)
  return (path) => path.some(fits) === isEncryptedWhereFound
}

function matcherOf(rule: string, pattern: string): (part: string) => boolean {
  let regexp: GoRegexp
  try {
    regexp = compileRegexp(pattern)
  } catch (error) {
    throw new SopsError(`${rule} is no regular expression that Go reads`, 'bad-input', { cause: error })
  }
  return (part) => matchesRegexp(regexp, part)
}
