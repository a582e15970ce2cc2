// Headers that say who asks: a user with a password, or the bearer of a token.
import type { Secret } from '../../base/secret.ts'
import type { Message } from '../../crds/message-type.ts'
import type { GeneratorContext } from '../contract.ts'
import { attempt } from '../failure.ts'
import { secretAt } from './credentials.ts'

type Headers = Readonly<Record<string, string>>

export function basicLogin(username: string, password: Secret | undefined): Headers {
  const pair = `${username}:${password?.reveal().trim() ?? ''}`
  return { authorization: `Basic ${Buffer.from(pair).toString('base64')}` }
}

interface BitbucketAccess {
  readonly basicAuth?: Message<'BasicAuthBitbucketServer'>
  readonly bearerToken?: { readonly tokenRef: Message<'SecretRef'> }
}

/** Of both kinds of Bitbucket; a token wins, and without either anybody asks. */
export async function loginOf(
  { basicAuth, bearerToken }: BitbucketAccess,
  context: GeneratorContext,
): Promise<Headers> {
  if (bearerToken !== undefined) {
    const token = await attempt('error fetching Secret Bearer token', () => secretAt(bearerToken.tokenRef, context))
    return token === undefined ? {} : { authorization: `Bearer ${token.reveal().trim()}` }
  }
  if (basicAuth === undefined) return {}
  const password = await attempt('error fetching Secret token', () => secretAt(basicAuth.passwordRef, context))
  return basicLogin(basicAuth.username, password)
}
