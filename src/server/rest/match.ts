// Finds the route of a REST request on the raw path, so that `%2F` inside a repository URL does not split it.
import type { Route } from '../../api/routes.ts'

export interface RouteMatch {
  readonly route: Route
  /** Field path of the request → decoded value. */
  readonly parameters: Readonly<Record<string, string>>
}

interface Segment {
  readonly literal?: string
  readonly field?: string
  /** Takes the rest of the path. */
  readonly rest?: boolean
}

interface Compiled {
  readonly route: Route
  readonly segments: readonly Segment[]
}

export type RouteMatcher = (verb: string, rawPath: string) => RouteMatch | undefined

/** Compiles routes once; literal segments win over fields, as in `/applications/manifestsWithFiles`. */
export function createRouteMatcher(routes: readonly Route[]): RouteMatcher {
  const compiled = routes
    .map((route) => ({ route, segments: route.path.split('/').map(readSegment) }))
    .toSorted((a, b) => fieldsIn(a) - fieldsIn(b))
  return (verb, rawPath) => {
    const parts = rawPath.split('/')
    for (const candidate of compiled) {
      if (candidate.route.verb !== verb) continue
      const parameters = matchSegments(candidate.segments, parts)
      if (parameters !== undefined) return { route: candidate.route, parameters }
    }
    return undefined
  }
}

function readSegment(text: string): Segment {
  const field = /^\{(?<name>[\w.]+)(?<rest>=\*\*)?\}$/.exec(text)?.groups
  if (field === undefined) return { literal: text }
  return { field: field['name'] ?? '', rest: field['rest'] !== undefined }
}

function fieldsIn({ segments }: Compiled): number {
  return segments.filter(({ field }) => field !== undefined).length
}

function matchSegments(segments: readonly Segment[], parts: readonly string[]): Record<string, string> | undefined {
  const takesRest = segments.at(-1)?.rest === true
  if (takesRest ? parts.length < segments.length : parts.length !== segments.length) return undefined
  const parameters: Record<string, string> = {}
  for (const [index, segment] of segments.entries()) {
    const raw = segment.rest === true ? parts.slice(index).join('/') : (parts[index] ?? '')
    if (segment.literal !== undefined) {
      if (segment.literal !== raw) return undefined
      continue
    }
    const value = decode(raw)
    if (value === undefined || value === '') return undefined
    parameters[segment.field ?? ''] = value
  }
  return parameters
}

/** Undefined for a broken escape. */
function decode(raw: string): string | undefined {
  try {
    return decodeURIComponent(raw)
  } catch {
    return undefined
  }
}
