// Asks RBAC, and answers as upstream does where something is not allowed (server/rbacpolicy, v3.5.1).
import { CapstanError, messageOf } from '../../base/errors.ts'
import { GRPC_CODE_NAMES, GRPC_CODES } from '../../base/grpc-codes.ts'
import { rfc3339Seconds } from '../../base/rfc3339.ts'
import { KubeError } from '../../kube/client/client.ts'
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
  const issued = rfc3339Seconds(identity.issuedAt * 1000)
  throw new CapstanError(
    'forbidden',
    `permission denied: ${resource}, ${action}, ${object}, sub: ${identity.subject}, iat: ${issued}`,
  )
}

/** An error with upstream's words in front. */
class WrappedError extends CapstanError {}

/**
 * Runs a check; what it throws gets words in front, as upstream wraps its errors. Of an error with a gRPC code Go prints the
 * code too, once: `words: rpc error: code = PermissionDenied desc = permission denied`.
 */
export function wrapErrors<Result>(words: string, check: () => Result): Result {
  try {
    return check()
  } catch (error) {
    throw wrapped(words, error)
  }
}

/** The same for what takes time. */
export async function wrapLater<Result>(words: string, check: Promise<Result>): Promise<Result> {
  try {
    return await check
  } catch (error) {
    throw wrapped(words, error)
  }
}

function wrapped(words: string, error: unknown): unknown {
  if (!(error instanceof CapstanError)) return error
  const isPlain = error instanceof WrappedError || error instanceof KubeError || error.code === 'unknown'
  const inner = isPlain
    ? messageOf(error)
    : `rpc error: code = ${GRPC_CODE_NAMES[GRPC_CODES[error.code]]} desc = ${messageOf(error)}`
  return new WrappedError(error.code, `${words}: ${inner}`, { cause: error })
}
