// What addresses of pages hold behind the question mark.
import type { ApplicationOrder } from './applications/application-list.ts'

export interface ListSearch {
  readonly q?: string
  readonly sync?: readonly string[]
  readonly health?: readonly string[]
  readonly order?: ApplicationOrder
}

export const RESOURCE_TABS = ['summary', 'desired', 'live', 'diff'] as const
export type ResourceTab = (typeof RESOURCE_TABS)[number]

export interface ApplicationSearch {
  /** The key of the resource whose panel is open. */
  readonly resource?: string
  readonly tab?: ResourceTab
}

export interface LoginSearch {
  /** Where to go after logging in: a path of this page. */
  readonly to?: string
}

type Search = Readonly<Record<string, unknown>>

export const ORDERS: readonly ApplicationOrder[] = ['name', 'attention', 'recent']

/** Whatever an address holds, what comes out is sound; the rest is dropped. */
export function readListSearch(search: Search): ListSearch {
  const q = textOf(search['q'])
  const sync = listOf(search['sync'])
  const health = listOf(search['health'])
  const order = ORDERS.find((name) => name === search['order'])
  return {
    ...(q === undefined ? {} : { q }),
    ...(sync.length === 0 ? {} : { sync }),
    ...(health.length === 0 ? {} : { health }),
    ...(order === undefined || order === 'name' ? {} : { order }),
  }
}

export function readApplicationSearch(search: Search): ApplicationSearch {
  const resource = textOf(search['resource'])
  if (resource === undefined) return {}
  const tab = RESOURCE_TABS.find((name) => name === search['tab'])
  return { resource, ...(tab === undefined ? {} : { tab }) }
}

/** Only paths of this page: an address of another host would make the log-in a way to lure people there. */
export function readLoginSearch(search: Search): LoginSearch {
  const to = textOf(search['to'])
  return to !== undefined && /^\/(?![/\\])/.test(to) ? { to } : {}
}

function textOf(value: unknown): string | undefined {
  if (typeof value === 'number') return String(value)
  return typeof value === 'string' && value !== '' ? value : undefined
}

function listOf(value: unknown): readonly string[] {
  return (Array.isArray(value) ? value : [value]).filter((item) => typeof item === 'string' && item !== '')
}
