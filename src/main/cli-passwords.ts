// Passwords as argocd-secret keeps them, for the command line.
import { hash } from 'bcryptjs'
import type { Secret } from '../base/secret.ts'

/** Go's bcrypt.DefaultCost. */
const COST = 10

/** Go writes `$2a$`, which is what bcryptjs' `$2b$` means too. */
export async function hashPassword(password: Secret): Promise<string> {
  return (await hash(password.reveal(), COST)).replace(/^\$2b\$/, '$2a$')
}
