// Who is asking: a client certificate or a bearer token.
import type { TokenIssuer } from './hooks.ts'
import { unauthorized } from './status.ts'
import { ANONYMOUS, type UserInfo } from './user.ts'

export interface Credentials {
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>
  /** The subject of a client certificate that the cluster's authority signed. */
  readonly certificate: { readonly commonName: string; readonly organizations: readonly string[] } | undefined
}

/** The user behind a request. Throws 401 for a token that is not valid. */
export async function authenticate(credentials: Credentials, tokens: TokenIssuer): Promise<UserInfo> {
  const { headers, certificate } = credentials
  if (certificate !== undefined) {
    return { name: certificate.commonName, groups: [...certificate.organizations, 'system:authenticated'] }
  }
  const match = /^bearer +(?<token>\S+)$/i.exec(headers['authorization'] ?? '')
  const token = match?.groups?.['token']
  if (token === undefined) return ANONYMOUS
  const user = await tokens.review(token, tokens.defaultAudiences)
  if (user === undefined) throw unauthorized()
  return user
}
