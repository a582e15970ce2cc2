// Asks RBAC, and answers as upstream does where something is not allowed (server/rbacpolicy, v3.5.1).
import { CapstanError } from '../../base/errors.ts'
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
