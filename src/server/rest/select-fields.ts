// The `fields` parameter: keeps or drops parts of an answer by dotted paths (argo-cd util/http and server/application, v3.5.1).

type Json = Readonly<Record<string, unknown>>

/** More paths than this are passed over: a page asks for some thirty. */
export const MAX_FIELDS = 200

export type Selection = (answer: unknown) => unknown

/** `a.b,c` keeps only those; `-a.b,c` drops them. Paths go through lists. The identity for an absent parameter. */
export function selectFields(parameter: string | null): Selection {
  if (parameter === null || parameter === '') return (answer) => answer
  const isExclusion = parameter.startsWith('-')
  const paths = parameter
    .slice(isExclusion ? 1 : 0)
    .split(',')
    .slice(0, MAX_FIELDS)
    .map((path) => path.split('.'))
  return (answer) => (isExclusion ? drop(answer, paths) : keep(answer, paths))
}

type Paths = readonly (readonly string[])[]

function keep(value: unknown, paths: Paths): unknown {
  if (paths.some((path) => path.length === 0)) return value
  if (Array.isArray(value)) return value.map((item) => keep(item, paths))
  if (!isJson(value)) return value
  const kept = Object.entries(value).flatMap(([name, child]) => {
    const below = pathsBelow(paths, name)
    return below.length === 0 ? [] : [[name, keep(child, below)]]
  })
  return Object.fromEntries(kept)
}

function drop(value: unknown, paths: Paths): unknown {
  if (Array.isArray(value)) return value.map((item) => drop(item, paths))
  if (!isJson(value)) return value
  const left = Object.entries(value).flatMap(([name, child]) => {
    const below = pathsBelow(paths, name)
    if (below.some((path) => path.length === 0)) return []
    return [[name, below.length === 0 ? child : drop(child, below)]]
  })
  return Object.fromEntries(left)
}

function pathsBelow(paths: Paths, name: string): Paths {
  return paths.filter(([first]) => first === name).map((path) => path.slice(1))
}

function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null
}
