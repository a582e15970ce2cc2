// Applications in the form the application controller leaves them, so that two controllers do not write against each other.
import type { Application, ApplicationSource } from '../crds/application.ts'
import type { JsonObject, JsonValue } from '../kube/object.ts'
import { isObject } from '../kube/json-value.ts'

/** The spec without empty blocks and with its project (argo-cd v3.5.1 `util/argo` `NormalizeApplicationSpec`). */
export function normalizeSpec(application: Application): Application {
  const { syncPolicy, sources = [], source, project, ...rest } = application.spec
  const spec = {
    ...rest,
    project: project === '' || project === undefined ? 'default' : project,
    ...(isZero(syncPolicy) ? {} : { syncPolicy }),
    ...(sources.length > 0 ? { sources: sources.map(normalizeSource) } : {}),
    ...(source === undefined ? {} : { source: sources.length > 0 ? source : normalizeSource(source) }),
  }
  return { ...application, spec } as Application // optional blocks alone were left out
}

function normalizeSource({ kustomize, helm, directory, ...rest }: ApplicationSource): ApplicationSource {
  return {
    ...rest,
    ...(isZero(kustomize) ? {} : { kustomize }),
    ...(isZero(helm) ? {} : { helm }),
    ...(isZero(directory) ? {} : { directory }),
  } as ApplicationSource // as above
}

/** Nothing in it but zero values of Go, all the way down; an `automated: {}` says something by being there. */
function isZero(value: unknown, depth = 0): boolean {
  if (value === undefined || value === null || value === '' || value === false || value === 0) return true
  if (Array.isArray(value)) return value.length === 0
  if (typeof value !== 'object' || depth > MAX_BLOCK_DEPTH) return false
  return Object.entries(value).every(([key, item]) => !MEANINGFUL_EMPTY.has(key) && isZero(item, depth + 1))
}

/** Blocks of sources and policies are this deep before a person's own values begin. */
const MAX_BLOCK_DEPTH = 4
const MEANINGFUL_EMPTY: ReadonlySet<string> = new Set(['automated', 'retry', 'valuesObject', 'backoff', 'limit'])

/** Without what Go leaves out when it writes: nulls, empty texts and lists. For comparing, not for writing. */
export function withoutEmpty(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map((item) => withoutEmpty(item as JsonValue))
  if (!isObject(value)) return value
  const kept: Record<string, JsonValue> = {}
  for (const [key, item] of Object.entries(value)) {
    if (item === null || item === '' || (Array.isArray(item) && item.length === 0)) continue
    kept[key] = withoutEmpty(item)
  }
  return kept satisfies JsonObject
}
