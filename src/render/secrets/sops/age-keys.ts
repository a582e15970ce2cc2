// Age identities: read from the text of a key file, tried on data keys that were encrypted to them.
import { armor, Decrypter, identityToRecipient } from 'age-encryption'
import { messageOf } from '../../../base/errors.ts'
import { Secret } from '../../../base/secret.ts'
import { SopsError } from './fault.ts'

export interface AgeIdentity {
  readonly secret: Secret
  /** What was encrypted to: may be shown. */
  readonly recipient: string
}

const IDENTITY = /^AGE-SECRET-KEY-(?:PQ-)?1[A-Z0-9]+$/

/** Identities of one key file; a person has a few. */
const MAX_IDENTITIES = 100

/** One a line; empty lines and comments count for nothing. Throws `bad-input` naming the line, never its content. */
export async function readAgeIdentities(text: string): Promise<readonly AgeIdentity[]> {
  const identities: AgeIdentity[] = []
  for (const [index, raw] of text.split('\n').entries()) {
    const line = raw.trim()
    if (line === '' || line.startsWith('#')) continue
    if (!IDENTITY.test(line)) throw new SopsError(`line ${index + 1} is no age identity: ${whyNot(line)}`)
    if (identities.length === MAX_IDENTITIES) throw new SopsError(`more than ${MAX_IDENTITIES} identities`, 'limit')
    identities.push({ secret: new Secret(line), recipient: await recipientOf(line, index + 1) })
  }
  return identities
}

function whyNot(line: string): string {
  if (line.startsWith('-----BEGIN') || line.startsWith('ssh-')) {
    return 'SSH keys are not supported: encrypt to an age key made by age-keygen'
  }
  if (line.startsWith('AGE-PLUGIN-')) return 'identities of age plug-ins are not supported'
  return 'expected AGE-SECRET-KEY-1… or AGE-SECRET-KEY-PQ-1…'
}

async function recipientOf(identity: string, line: number): Promise<string> {
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
  const decrypter = new Decrypter()
  for (const { secret } of identities) decrypter.addIdentity(secret.reveal())
  try {
    return Buffer.from(await decrypter.decrypt(armor.decode(armored)))
  } catch (error) {
    if (/no identity matched/.test(messageOf(error))) return undefined
    throw new SopsError('the data key is no age file that can be read', 'bad-input', { cause: error })
  }
}

/** Why a recipient can never be served here; undefined for those that can. */
export function unsupportedRecipient(recipient: string): string | undefined {
  if (recipient.startsWith('ssh-')) return 'SSH recipients are not supported'
  return /^age1(?!pq1)[a-z0-9-]+1[a-z0-9]+$/.test(recipient) && recipient.lastIndexOf('1') > 4
    ? 'recipients of age plug-ins are not supported'
    : undefined
}
