// The list of applications as the page shows it: found, counted and sorted here, so that thousands need not travel.
import {
  APPLICATION_ORDERS,
  FACETS,
  type ApplicationOrder,
  type Facet,
  type FacetCount,
  type FoundApplications,
} from '../../../api/found-applications.ts'
import { CapstanError } from '../../../base/errors.ts'
import { compareText } from '../../../lang/go/text.ts'
import type { Call } from '../../context.ts'
import { rbacName } from '../applications/find.ts'
import { flagField, numberField, textField, textListField, type RequestFields } from '../fields.ts'
import { isAllowed } from '../permissions.ts'
import { slimApplication, type ApplicationRow } from './application-row.ts'
import { matchesSearch, readSearch } from './search-words.ts'

/** What one answer holds at most, and what it holds where nobody says. */
export const MAX_PAGE_SIZE = 500
const PAGE_SIZE = 100
/** Values of a facet that are told; there may be thousands of labels. */
export const MAX_FACET_VALUES = 200

/** GET /api/v1/capstan/applications */
export async function findApplications(request: RequestFields, call: Call): Promise<FoundApplications> {
  const { applications, applicationRow, namespace } = call.context
  const permitted = [...applications.list()].filter((application) =>
    isAllowed(call, 'applications', 'get', rbacName(application, namespace)),
  )
  return arrange(permitted.map(applicationRow), readQuery(request))
}

export interface ListQuery {
  readonly search: string
  readonly chosen: ReadonlyMap<Facet, ReadonlySet<string>>
  readonly favourites: ReadonlySet<string>
  readonly onlyFavourites: boolean
  readonly order: ApplicationOrder
  readonly offset: number
  readonly limit: number
}

/** Throws `bad-input` for an order there is none of, or a place below 0. */
export function readQuery(request: RequestFields): ListQuery {
  const asked = textField(request, 'order')
  const order = asked === '' ? 'name' : APPLICATION_ORDERS.find((name) => name === asked)
  if (order === undefined) throw new CapstanError('bad-input', `order: one of ${APPLICATION_ORDERS.join(', ')}`)
  const offset = numberField(request, 'offset') ?? 0
  const limit = numberField(request, 'limit') ?? PAGE_SIZE
  if (offset < 0 || limit < 0) throw new CapstanError('bad-input', 'offset and limit: 0 or more')
  const chosen = FACETS.map((facet) => [facet, new Set(textListField(request, facet))] as const)
  return {
    search: textField(request, 'q'),
    chosen: new Map(chosen.filter(([, values]) => values.size > 0)),
    favourites: new Set(textListField(request, 'favourite')),
    onlyFavourites: flagField(request, 'onlyFavourites') === true,
    order,
    offset,
    limit: Math.min(limit, MAX_PAGE_SIZE),
  }
}

/** Finds, counts, sorts and cuts. */
export function arrange(rows: readonly ApplicationRow[], query: ListQuery): FoundApplications {
  const { search, chosen, favourites, onlyFavourites, offset, limit } = query
  const terms = readSearch(search)
  const counts = new Map(FACETS.map((facet) => [facet, new Map<string, number>()]))
  const matching: ApplicationRow[] = []
  for (const row of rows) {
    if (onlyFavourites && !favourites.has(row.key)) continue
    if (!matchesSearch(row, terms)) continue
    const [missed, ...others] = missedFacets(row, chosen)
    if (others.length > 0) continue
    if (missed === undefined) matching.push(row)
    // Of the one facet that it misses it would be found by choosing its value.
    for (const facet of missed === undefined ? FACETS : [missed]) count(counts.get(facet), row.values[facet])
  }
  const sorted = matching.toSorted(comparing(query))
  return {
    total: rows.length,
    matching: matching.length,
    offset,
    facets: Object.fromEntries(
      FACETS.map((facet) => [facet, sortedCounts(counts.get(facet), chosen.get(facet))]),
    ) as FoundApplications['facets'], // one entry for each of FACETS
    items: sorted.slice(offset, offset + limit).map(({ application }) => slimApplication(application)),
  }
}

function missedFacets({ values }: ApplicationRow, chosen: ListQuery['chosen']): readonly Facet[] {
  const missed: Facet[] = []
  for (const [facet, wanted] of chosen) if (!values[facet].some((value) => wanted.has(value))) missed.push(facet)
  return missed
}

function count(counts: Map<string, number> | undefined, values: readonly string[]): void {
  for (const value of values) counts?.set(value, (counts.get(value) ?? 0) + 1)
}

/** The most frequent, by name; what is chosen is told also where there is none of it. */
function sortedCounts(
  counts: ReadonlyMap<string, number> = new Map(),
  chosen: ReadonlySet<string> = new Set(),
): readonly FacetCount[] {
  const most = [...counts].toSorted(([a, m], [b, n]) => n - m || compareText(a, b)).slice(0, MAX_FACET_VALUES)
  const absent = [...chosen].filter((value) => !most.some(([told]) => told === value))
  return [...most, ...absent.map((value) => [value, counts.get(value) ?? 0] as const)]
    .map(([value, number]) => ({ value, count: number }))
    .toSorted((a, b) => compareText(a.value, b.value))
}

function comparing({ order, favourites }: ListQuery): (a: ApplicationRow, b: ApplicationRow) => number {
  const byName = (a: ApplicationRow, b: ApplicationRow): number =>
    compareText(a.name, b.name) || compareText(a.key, b.key)
  const byOrder = {
    name: byName,
    attention: (a: ApplicationRow, b: ApplicationRow) => a.urgency - b.urgency || byName(a, b),
    recent: (a: ApplicationRow, b: ApplicationRow) => b.changedAt - a.changedAt || byName(a, b),
  }[order]
  if (favourites.size === 0) return byOrder
  return (a, b) => Number(favourites.has(b.key)) - Number(favourites.has(a.key)) || byOrder(a, b)
}
