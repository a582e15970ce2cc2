// Whether a source is one of an application's, now or in its history: whoever may see an application learns of no other files.
import { isDeepStrictEqual } from 'node:util'
import type { Application, ApplicationSource } from '../../../crds/application.ts'

/**
 * Sources of the specification, and those that were synced, at the revision they were synced at (`isSourceInHistory` of
 * server/repository/repository.go, v3.5.1). What is empty counts as absent.
 */
export function isKnownSource({ spec, status }: Application, wanted: unknown): boolean {
  const { sourceHydrator } = spec
  if (sourceHydrator !== undefined) {
    const { drySource, syncSource } = sourceHydrator
    const synced = { repoURL: syncSource?.repoURL || drySource?.repoURL, path: syncSource?.path, targetRevision: syncSource?.targetBranch } // prettier-ignore
    return [drySource, synced].some((source) => isSame(source, wanted))
  }
  const current = hasSeveral(spec.sources) ? spec.sources : [spec.source]
  const past = (status?.history ?? []).flatMap((entry) =>
    hasSeveral(entry.sources)
      ? entry.sources.map((source, index) => ({ ...source, targetRevision: entry.revisions?.[index] }))
      : [{ ...entry.source, targetRevision: entry.revision }],
  )
  return [...current, ...past].some((source) => source !== undefined && isSame(source, wanted))
}

function hasSeveral(sources: readonly ApplicationSource[] | undefined): sources is readonly ApplicationSource[] {
  return sources !== undefined && sources.length > 0
}

function isSame(a: unknown, b: unknown): boolean {
  return isDeepStrictEqual(withoutEmpty(a), withoutEmpty(b))
}

function withoutEmpty(value: unknown): unknown {
  if (Array.isArray(value)) return value.length === 0 ? undefined : value.map(withoutEmpty)
  if (typeof value !== 'object' || value === null)
    return value === '' || value === null || value === false ? undefined : value
  const entries = Object.entries(value)
    .map(([key, item]) => [key, withoutEmpty(item)] as const)
    .filter(([, item]) => item !== undefined)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
  return entries.length === 0 ? undefined : Object.fromEntries(entries)
}
