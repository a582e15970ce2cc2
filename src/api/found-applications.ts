// A part of the list of applications as the page asks for it: what matches, how many there are of each value, one page of them.
import type { Application } from '../crds/application.ts'
import type { ApplicationTree } from '../crds/tree.ts'

/** What applications are told apart by, in the order in which the page shows it. */
export const FACETS = [
  'sync',
  'health',
  'operation',
  'autoSync',
  'project',
  'cluster',
  'namespace',
  'label',
  'repo',
] as const
export type Facet = (typeof FACETS)[number]

/** `attention`: what is worst first; `recent`: what was operated on last. */
export const APPLICATION_ORDERS = ['name', 'attention', 'recent'] as const
export type ApplicationOrder = (typeof APPLICATION_ORDERS)[number]

export interface FacetCount {
  readonly value: string
  readonly count: number
}

export interface FoundApplications {
  /** How many the caller may see at all. */
  readonly total: number
  /** How many of them match. */
  readonly matching: number
  readonly offset: number
  /** How many there are of each value among what matches everything else; the most frequent `MAX_FACET_VALUES`. */
  readonly facets: Readonly<Record<Facet, readonly FacetCount[]>>
  /** Without what the list does not show: values of charts, resources, history. */
  readonly items: readonly Application[]
}

/** One message of the page's stream: exactly one field is set. */
export interface FollowedEvent {
  /** Something in the list has changed: it is to be asked for again. */
  readonly list?: true
  readonly type?: string
  readonly application?: Application
  readonly tree?: ApplicationTree
}
