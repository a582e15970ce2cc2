// Keeps the tokens that a project's roles have in its spec and in its status the same.
import { isDeepStrictEqual } from 'node:util'
import type { AppProject, JWTToken } from '../crds/app-project.ts'

/**
 * The project with every token in both places: joined by id, the newest first; a token without an id is known by the time of
 * its issue, and roles that are gone lose theirs. The same object where nothing is to be changed (argo-cd v3.5.1
 * `app_project_types.go` `NormalizeJWTTokens`).
 */
export function withTokensInStep(project: AppProject): AppProject {
  const { roles = [] } = project.spec
  const before = project.status?.jwtTokensByRole ?? {}
  const nextRoles = roles.map((role) => {
    const tokens = joined(before[role.name]?.items ?? [], role.jwtTokens ?? [])
    return isDeepStrictEqual(tokens, role.jwtTokens ?? []) ? role : { ...role, jwtTokens: tokens }
  })
  const next = Object.fromEntries(
    nextRoles
      .filter(({ name, jwtTokens = [] }) => jwtTokens.length > 0 || Object.hasOwn(before, name))
      .map(({ name, jwtTokens = [] }) => {
        const known = before[name]
        const isSame = known !== undefined && isDeepStrictEqual(jwtTokens, known.items ?? [])
        return [name, isSame ? known : { items: jwtTokens }] as const
      }),
  )
  const isSpecSame = nextRoles.every((role, index) => role === roles[index])
  const names = Object.keys(next)
  const isStatusSame = names.length === Object.keys(before).length && names.every((name) => next[name] === before[name])
  if (isSpecSame && isStatusSame) return project
  return {
    ...project,
    ...(isSpecSame ? {} : { spec: { ...project.spec, roles: nextRoles } }),
    ...(isStatusSame ? {} : { status: { ...project.status, jwtTokensByRole: next } }),
  }
}

function joined(inStatus: readonly JWTToken[], inSpec: readonly JWTToken[]): readonly JWTToken[] {
  const byId = new Map<string, JWTToken>()
  for (const token of [...inStatus, ...inSpec]) {
    const id = token.id || String(token.iat)
    byId.set(id, token.id === id ? token : { ...token, id })
  }
  return [...byId.values()].toSorted((a, b) => Number(b.iat) - Number(a.iat))
}
