// Asks RBAC, and answers as upstream does where something is not allowed (server/rbacpolicy, v3.5.1).
import { CapstanError, messageOf } from '../../base/errors.ts'
import type { Call } from '../context.ts'
import type { Identity } from '../auth/identity.ts'

/** The caller; throws `unauthenticated` where nobody is logged in. */
export function callerOf(call: Call): Identity {
  if (call.identity === undefined) throw new CapstanError('unauthenticated', 'no session information')
  return call.identity
}

export function isAllowed(call: Call, resource: string, action: string, object: string): boolean {
  return call.context.isAllowed(callerOf(call), resource, action, object)
}

/** Throws `forbidden` with upstream's text, which names what was asked and by whom. */
export function requireAllowed(call: Call, resource: string, action: string, object: string): void {
  const identity = callerOf(call)
  if (call.context.isAllowed(identity, resource, action, object)) return
  const issued = new Date(identity.issuedAt * 1000).toISOString().replace('.000Z', 'Z')
  throw new CapstanError(
    'forbidden',
    `permission denied: ${resource}, ${action}, ${object}, sub: ${identity.subject}, iat: ${issued}`,
  )
}

/** Runs a check; what it throws gets words in front, as upstream wraps its errors. */
export function wrapErrors<Result>(words: string, check: () => Result): Result {
  try {
    return check()
  } catch (error) {
    if (!(error instanceof CapstanError)) throw error
    throw new CapstanError(error.code, `${words}: ${messageOf(error)}`, { cause: error })
  }
}
