// Age identities: read from the text of a key file, tried on data keys that were encrypted to them.
import type * as AgeModule from 'age-encryption'
import { messageOf } from '../../../base/errors.ts'
import { Secret } from '../../../base/secret.ts'
import { SopsError } from './fault.ts'
import { readSshKey } from './ssh-keys.ts'

export interface AgeIdentity {
  readonly secret: Secret
  /** What was encrypted to: may be shown. */
  readonly recipient: string
}

const IDENTITY = /^AGE-SECRET-KEY-(?:PQ-)?1[A-Z0-9]+$/

/** Identities of one key file; a person has a few. */
const MAX_IDENTITIES = 100

/** An SSH key, of several lines, or one line. */
const ENTRY = /^-----BEGIN OPENSSH PRIVATE KEY-----$[\s\S]*?^-----END OPENSSH PRIVATE KEY-----$|^.*$/gm

/**
 * One a line; empty lines and comments count for nothing. Private keys of OpenSSH stand among them as they are.
 * Throws `bad-input` naming the line, never its content.
 */
export async function readAgeIdentities(text: string): Promise<readonly AgeIdentity[]> {
  const identities: AgeIdentity[] = []
  const unix = text.replaceAll('\r\n', '\n')
  let lines = 1
  for (const [raw] of unix.matchAll(ENTRY)) {
    const number = lines
    lines += raw.split('\n').length
    const entry = raw.trim()
    if (entry === '' || entry.startsWith('#')) continue
    if (identities.length === MAX_IDENTITIES) throw new SopsError(`more than ${MAX_IDENTITIES} identities`, 'limit')
    identities.push({ secret: new Secret(entry), recipient: await recipientIn(entry, number) })
  }
  return identities
}

async function recipientIn(entry: string, line: number): Promise<string> {
  if (isSshKey(entry)) return sshRecipient(entry, line)
  if (!IDENTITY.test(entry)) throw new SopsError(`line ${line} is no age identity: ${whyNot(entry)}`)
  return recipientOf(entry, line)
}

/** Sixty files of ciphers and 20 MB, which nobody pays who has no such key. */
function loadAge(): Promise<typeof AgeModule> {
  return import('age-encryption')
}

function isSshKey(entry: string): boolean {
  return entry.startsWith('-----BEGIN OPENSSH PRIVATE KEY-----\n')
}

function sshRecipient(entry: string, line: number): string {
  try {
    return readSshKey(entry).recipient
  } catch (error) {
    const why = error instanceof SopsError ? error.message : 'it cannot be read'
    throw new SopsError(`the SSH key from line ${line} on cannot be used: ${why}`, 'bad-input', { cause: error })
  }
}

function whyNot(line: string): string {
  if (line.startsWith('ssh-')) return 'this is the public half of an SSH key'
  if (line.startsWith('-----BEGIN')) return 'write SSH keys in the format of OpenSSH (`ssh-keygen -p` does it)'
  if (line.startsWith('AGE-PLUGIN-')) return 'identities of age plug-ins are not supported'
  return 'expected AGE-SECRET-KEY-1…, AGE-SECRET-KEY-PQ-1… or an SSH key'
}

async function recipientOf(identity: string, line: number): Promise<string> {
  const { identityToRecipient } = await loadAge()
  try {
    return await identityToRecipient(identity)
  } catch (error) {
    // The library's message may hold the identity.
    throw new SopsError(`line ${line} is no age identity: its checksum does not fit`, 'bad-input', { cause: error })
  }
}

/** What an armored age file holds, undefined where none of the identities fits. Throws `bad-input` for a broken file. */
export async function openAgeFile(armored: string, identities: readonly AgeIdentity[]): Promise<Buffer | undefined> {
  if (identities.length === 0) return undefined
  const { armor, Decrypter } = await loadAge()
  const decrypter = new Decrypter()
  for (const { secret } of identities) {
    const entry = secret.reveal()
    decrypter.addIdentity(isSshKey(entry) ? readSshKey(entry).identity : entry)
  }
  try {
    return Buffer.from(await decrypter.decrypt(armor.decode(armored)))
  } catch (error) {
    if (/no identity matched/.test(messageOf(error))) return undefined
    throw new SopsError('the data key is no age file that can be read', 'bad-input', { cause: error })
  }
}

/** Why a recipient can never be served here; undefined for those that can. */
export function unsupportedRecipient(recipient: string): string | undefined {
  return /^age1(?!pq1)[a-z0-9-]+1[a-z0-9]+$/.test(recipient) && recipient.lastIndexOf('1') > 4
    ? 'recipients of age plug-ins are not supported'
    : undefined
}
