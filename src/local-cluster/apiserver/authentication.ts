// Who is asking: a client certificate, a bearer token, or somebody else on an administrator's word.
import type { TokenIssuer } from './hooks.ts'
import { badRequest, unauthorized } from './status.ts'
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

/** The user a request wants to act as. Throws 400 for groups without a name. */
export function impersonated(headers: Readonly<Record<string, string>>): UserInfo | undefined {
  const name = headers['impersonate-user'] ?? ''
  const groups = (headers['impersonate-group'] ?? '')
    .split(',')
    .map((group) => group.trim())
    .filter((group) => group !== '')
  if (name === '' && groups.length === 0) return undefined
  if (name === '') {
    const list = groups.map((group) => JSON.stringify(group)).join(', ')
    throw badRequest(
      `requested &user.DefaultInfo{Name:"", UID:"", Groups:[]string{${list}}, Extra:map[string][]string(nil)} without impersonating a user name`,
    )
  }
  const uid = headers['impersonate-uid']
  return {
    name,
    groups:
      groups.includes('system:authenticated') || name === 'system:anonymous'
        ? groups
        : [...groups, ...automaticGroups(name)],
    ...(uid === undefined ? {} : { uid }),
  }
}

/** Groups that follow from the name: those of a service account, and being known at all. */
function automaticGroups(name: string): readonly string[] {
  const match = /^system:serviceaccount:(?<namespace>[^:]+):[^:]+$/.exec(name)
  const namespace = match?.groups?.['namespace']
  const accounts = namespace === undefined ? [] : ['system:serviceaccounts', `system:serviceaccounts:${namespace}`]
  return [...accounts, 'system:authenticated']
}
