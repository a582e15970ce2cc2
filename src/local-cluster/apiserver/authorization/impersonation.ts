// Acting as somebody else: who the headers name, and whether the sender may (apiserver `WithImpersonation`, v0.36.3).
import { badRequest } from '../status.ts'
import type { UserInfo } from '../user.ts'
import { MASTERS, type Authorizer } from './authorizer.ts'
import { checkAction } from './check-request.ts'
import type { ResourceAction } from './policy-rule.ts'

type Headers = Readonly<Record<string, string>>

const EXTRA = 'impersonate-extra-'

/** The user a request acts as: the sender, or the one its headers name. Throws 400 for headers without a user, 403 where the sender may not. */
export function actingUser(authorizer: Authorizer, headers: Headers, sender: UserInfo): UserInfo {
  const wanted = impersonated(headers)
  if (wanted === undefined) return sender
  if (!sender.groups.includes(MASTERS)) {
    for (const action of impersonations(wanted)) checkAction(authorizer, sender, action)
  }
  return withAutomaticGroups(wanted)
}

/** The user of the headers with exactly the groups they name. */
function impersonated(headers: Headers): UserInfo | undefined {
  const name = headers['impersonate-user'] ?? ''
  const groups = (headers['impersonate-group'] ?? '')
    .split(',')
    .map((group) => group.trim())
    .filter((group) => group !== '')
  const uid = headers['impersonate-uid']
  const extra = extraOf(headers)
  const isEmpty = name === '' && groups.length === 0 && uid === undefined && extra === undefined
  if (isEmpty) return undefined
  if (name === '') {
    const list = groups.map((group) => JSON.stringify(group)).join(', ')
    const text = `requested &user.DefaultInfo{Name:"", UID:${JSON.stringify(uid ?? '')}, Groups:[]string{${list}}, Extra:map[string][]string(nil)} without impersonating a user name`
    throw badRequest(text)
  }
  return { name, groups, ...(uid === undefined ? {} : { uid }), ...(extra === undefined ? {} : { extra }) }
}

function extraOf(headers: Headers): Readonly<Record<string, readonly string[]>> | undefined {
  const found = Object.entries(headers).filter(([name]) => name.startsWith(EXTRA))
  if (found.length === 0) return undefined
  return Object.fromEntries(found.map(([name, value]) => [unescaped(name.slice(EXTRA.length)), value.split(', ')]))
}

/** Keys are percent-encoded; one that is not is taken as it is. */
function unescaped(key: string): string {
  try {
    return decodeURIComponent(key)
  } catch {
    return key // upstream keeps what cannot be decoded (`unescapeExtraKey`)
  }
}

const ACCOUNT = /^system:serviceaccount:(?<namespace>[^:]+):(?<account>[^:]+)$/

/** Everything the sender must be allowed to impersonate. */
function impersonations({ name, groups, uid, extra = {} }: UserInfo): readonly ResourceAction[] {
  const base = { kind: 'resource', verb: 'impersonate', group: '', subresource: '', namespace: '' } as const
  const account = ACCOUNT.exec(name)?.groups
  const who: ResourceAction =
    account === undefined
      ? { ...base, resource: 'users', name }
      : { ...base, resource: 'serviceaccounts', name: account['account'] ?? '', namespace: account['namespace'] ?? '' }
  const known = { ...base, group: 'authentication.k8s.io' }
  const extras = Object.entries(extra).flatMap(([key, values]) =>
    values.map((value) => ({ ...known, resource: 'userextras', subresource: key, name: value })),
  )
  return [
    who,
    ...groups.map((group) => ({ ...base, resource: 'groups', name: group })),
    ...extras,
    ...(uid === undefined ? [] : [{ ...known, resource: 'uids', name: uid }]),
  ]
}

/** Adds the groups that follow from the name: those of a service account, and being known at all. */
function withAutomaticGroups(user: UserInfo): UserInfo {
  const namespace = ACCOUNT.exec(user.name)?.groups?.['namespace']
  // Named groups of a service account replace its own.
  const accounts =
    namespace === undefined || user.groups.length > 0
      ? []
      : ['system:serviceaccounts', `system:serviceaccounts:${namespace}`]
  const groups = [...user.groups, ...accounts]
  const isKnown = groups.includes('system:authenticated') || groups.includes('system:unauthenticated')
  if (isKnown) return { ...user, groups }
  return { ...user, groups: [...groups, user.name === 'system:anonymous' ? 'system:unauthenticated' : 'system:authenticated'] } // prettier-ignore
}
