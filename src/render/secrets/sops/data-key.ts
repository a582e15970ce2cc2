// The key that all values of a file are encrypted with: found through any master key somebody holds.
import { messageOf } from '../../../base/errors.ts'
import type { Secret } from '../../../base/secret.ts'
import { openAgeFile, unsupportedRecipient, type AgeIdentity } from './age-keys.ts'
import { SopsError } from './fault.ts'
import type { KeyKind, MasterKey, SopsMetadata } from './metadata.ts'
import { openPgpMessage } from './pgp-keys.ts'
import { combineShares } from './shamir.ts'

/** The private keys that may be used for a file. */
export interface KeyRing {
  readonly identities: readonly AgeIdentity[]
  /** Armored private keys. */
  readonly pgpKeys: readonly Secret[]
  /** How long gpg may take; it has a default. */
  readonly gpgTimeoutMs?: number
}

const KIND_NAMES: Readonly<Record<KeyKind, string>> = {
  age: 'age',
  pgp: 'PGP',
  kms: 'AWS KMS',
  gcp_kms: 'GCP KMS',
  hckms: 'Huawei Cloud KMS',
  azure_kv: 'Azure Key Vault',
  hc_vault: 'Vault transit',
}

/** 32 bytes. Throws `precondition` that lists who could decrypt and what is held. */
export async function dataKeyOf(metadata: SopsMetadata, ring: KeyRing): Promise<Buffer> {
  const parts: Buffer[] = []
  const refusals: string[] = []
  const { groups, threshold } = metadata
  const needed = groups.length > 1 ? threshold : 1
  for (const group of groups) {
    const part = parts.length < needed ? await openGroup(group, ring, refusals) : undefined
    if (part !== undefined) parts.push(part)
  }
  if (parts.length < needed) throw cannotOpen(metadata, ring, { needed, opened: parts.length, refusals })
  const key = groups.length > 1 ? combineShares(parts) : parts[0]
  if (key?.length !== 32) throw new SopsError('the data key is not 32 bytes long')
  return key
}

async function openGroup(group: readonly MasterKey[], ring: KeyRing, refusals: string[]): Promise<Buffer | undefined> {
  for (const key of group) {
    try {
      const opened = await openKey(key, ring)
      if (opened !== undefined) return opened
    } catch (error) {
      refusals.push(`${KIND_NAMES[key.kind]} ${key.name}: ${reasonOf(error)}`)
    }
  }
  return undefined
}

async function openKey(
  { kind, encrypted }: MasterKey,
  { identities, pgpKeys, gpgTimeoutMs }: KeyRing,
): Promise<Buffer | undefined> {
  if (kind === 'age') return openAgeFile(encrypted, identities)
  return kind === 'pgp' ? openPgpMessage(encrypted, pgpKeys, gpgTimeoutMs) : undefined
}

function reasonOf(error: unknown): string {
  const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT'
  return isMissing ? 'gpg is not installed on the control plane' : messageOf(error)
}

interface Attempt {
  readonly needed: number
  readonly opened: number
  readonly refusals: readonly string[]
}

/** Names shown of each kind; a file may list hundreds. */
const MAX_SHOWN = 10

function cannotOpen({ groups }: SopsMetadata, ring: KeyRing, attempt: Attempt): SopsError {
  const keys = groups.flat()
  const wanted = keys.slice(0, MAX_SHOWN).map((key) => {
    const why = key.kind === 'age' ? unsupportedRecipient(key.name) : undefined
    return `${KIND_NAMES[key.kind]} ${key.name}${why === undefined ? '' : ` (${why})`}`
  })
  const held = ring.identities.slice(0, MAX_SHOWN).map(({ recipient }) => recipient)
  if (ring.pgpKeys.length > 0) held.push(`${ring.pgpKeys.length} PGP key(s)`)
  const cloud = keys.every(({ kind }) => kind !== 'age' && kind !== 'pgp')
  const shares = attempt.needed > 1 ? `; ${attempt.opened} of ${attempt.needed} needed key groups could be opened` : ''
  const advice = cloud
    ? 'keys of a cloud or of Vault are not used here: add an age recipient with `sops --add-age`'
    : 'add a fitting identity to a Secret labelled argocd.argoproj.io/secret-type: decryption'
  return new SopsError(
    [
      `no key fits: encrypted to ${wanted.join(', ')}`,
      `held: ${held.length === 0 ? 'none' : held.join(', ')}${shares}`,
      ...attempt.refusals.slice(0, MAX_SHOWN),
      advice,
    ].join('; '),
    'precondition',
  )
}
