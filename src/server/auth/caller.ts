// Who makes a call, as its token says.
import { CapstanError } from '../../base/errors.ts'
import type { Secret } from '../../base/secret.ts'
import type { ServerContext } from '../context.ts'
import type { Identity } from './identity.ts'

/** Whoever asks without a login, where `users.anonymous.enabled` lets everybody in: what the default role may do, and no more. */
const NOBODY: Identity = { subject: '', username: '', issuer: '', groups: [], issuedAt: 0 }

/** The caller; undefined for calls that are open to everybody. Throws `unauthenticated` where a login is needed and none is good. */
export async function identityOf(
  { authenticator, settings }: Pick<ServerContext, 'authenticator' | 'settings'>,
  token: Secret | undefined,
  isOpen: boolean,
): Promise<Identity | undefined> {
  if (token === undefined) {
    if (isOpen) return undefined
    if (settings().anonymousEnabled) return NOBODY
    throw new CapstanError('unauthenticated', 'no session information')
  }
  try {
    return await authenticator.identify(token.reveal())
  } catch (error) {
    // An open call answers to an ended session as to none.
    if (isOpen) return undefined
    if (settings().anonymousEnabled) return NOBODY
    throw error
  }
}
