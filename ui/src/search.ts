// What addresses of pages hold behind the question mark.
import { APPLICATION_ORDERS, FACETS, type ApplicationOrder, type Facet } from '../../src/api/found-applications.ts'

export const LIST_VIEWS = ['table', 'tiles'] as const
export type ListView = (typeof LIST_VIEWS)[number]

/** Of each facet the values that are wanted. */
export type FacetSearch = Readonly<Partial<Record<Facet, readonly string[]>>>

export interface ListSearch extends FacetSearch {
  readonly q?: string
  readonly order?: ApplicationOrder
  readonly view?: ListView
  /** Only favourites. */
  readonly starred?: boolean
}

export const RESOURCE_TABS = ['summary', 'desired', 'live', 'diff', 'events', 'logs', 'terminal'] as const
export type ResourceTab = (typeof RESOURCE_TABS)[number]

export const APPLICATION_TABS = ['details', 'parameters', 'manifest', 'appEvents', 'windows'] as const
export type ApplicationTab = (typeof APPLICATION_TABS)[number]

export const RESOURCE_VIEWS = ['tree', 'network', 'pods', 'list'] as const
export type ResourceView = (typeof RESOURCE_VIEWS)[number]

/** How the resources of an application are looked at, and which of them. */
export interface ViewSearch {
  readonly view?: ResourceView
  readonly find?: string
  readonly kind?: readonly string[]
  readonly health?: readonly string[]
  readonly sync?: readonly string[]
}

export interface ApplicationSearch extends ViewSearch {
  /** The key of the resource whose panel is open; `application` for the application's own. */
  readonly resource?: string
  readonly tab?: ResourceTab | ApplicationTab
  /** Of the logs and the terminal: what they are of. */
  readonly container?: string
}

export interface LoginSearch {
  /** Where to go after logging in: a path of this page. */
  readonly to?: string
}

export interface NewSearch {
  /** The application to make another like: `namespace/name`. */
  readonly clone?: string
}

export const SET_TABS = ['applications', 'yaml'] as const
export type SetTab = (typeof SET_TABS)[number]

export interface SetSearch {
  readonly tab?: SetTab
}

export const PROJECT_TABS = ['summary', 'sources', 'resources', 'roles', 'windows', 'rules', 'yaml'] as const
export type ProjectTab = (typeof PROJECT_TABS)[number]

export interface ProjectSearch {
  readonly tab?: ProjectTab
}

type Search = Readonly<Record<string, unknown>>

export const ORDERS: readonly ApplicationOrder[] = APPLICATION_ORDERS

/** Whatever an address holds, what comes out is sound; the rest is dropped. */
export function readListSearch(search: Search): ListSearch {
  const q = textOf(search['q'])
  const order = ORDERS.find((name) => name === search['order'])
  const view = LIST_VIEWS.find((name) => name === search['view'])
  const facets = FACETS.map((facet) => [facet, listOf(search[facet])] as const)
  return {
    ...(q === undefined ? {} : { q }),
    ...Object.fromEntries(facets.filter(([, values]) => values.length > 0)),
    ...(order === undefined || order === 'name' ? {} : { order }),
    ...(view === undefined ? {} : { view }),
    ...(search['starred'] === true ? { starred: true } : {}),
  }
}

export function readApplicationSearch(search: Search): ApplicationSearch {
  const resource = textOf(search['resource'])
  const tab = [...RESOURCE_TABS, ...APPLICATION_TABS].find((name) => name === search['tab'])
  const container = textOf(search['container'])
  return {
    ...readViewSearch(search),
    ...(resource === undefined ? {} : { resource }),
    ...(resource === undefined || tab === undefined ? {} : { tab }),
    ...(resource === undefined || container === undefined ? {} : { container }),
  }
}

function readViewSearch(search: Search): ViewSearch {
  const view = RESOURCE_VIEWS.find((name) => name === search['view'])
  const find = textOf(search['find'])
  const lists = (['kind', 'health', 'sync'] as const)
    .map((name) => [name, listOf(search[name])] as const)
    .filter(([, values]) => values.length > 0)
  return {
    ...(view === undefined || view === 'tree' ? {} : { view }),
    ...(find === undefined ? {} : { find }),
    ...Object.fromEntries(lists),
  }
}

export function readNewSearch(search: Search): NewSearch {
  const clone = textOf(search['clone'])
  return clone === undefined ? {} : { clone }
}

export function readSetSearch(search: Search): SetSearch {
  return search['tab'] === 'yaml' ? { tab: 'yaml' } : {}
}

export function readProjectSearch(search: Search): ProjectSearch {
  const tab = PROJECT_TABS.find((name) => name === search['tab'])
  return tab === undefined || tab === 'summary' ? {} : { tab }
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
