// GET of a collection: pages, selectors, and text of stored objects put together without parsing it.
import type { ApiResponse } from '../../../kube/client/transport.ts'
import { jsonText } from '../../../kube/json-digits.ts'
import type { JsonObject, KubeObject } from '../../../kube/object.ts'
import { encodeList } from '../../../kube/protobuf/encode-object.ts'
import { CompactedError, type ListPage, type Store, type StoredObject } from '../../storage/store.ts'
import type { Call } from '../call.ts'
import { decodeContinue, encodeContinue, type ContinueToken } from '../continue-token.ts'
import { ListAnswer, ListBody } from '../list-body.ts'
import { itemText, joined, listOfTexts } from '../objects.ts'
import { wrongShape } from '../negotiation.ts'
import { isTrue } from '../options.ts'
import { apiVersionOf, type Resource } from '../resource.ts'
import { partialMetadata } from '../partial-metadata.ts'
import { bodyAnswer, valueAnswer } from '../respond.ts'
import { checkListOptions, checkNotNewer, countOption, parseRevision } from '../revisions.ts'
import { selectionOf, type Selection } from '../selection.ts'
import { ApiError, badRequest, expired } from '../status.ts'
import { storedMessage } from '../stored-message.ts'
import { tableOf, type ListMeta } from '../table.ts'
import { readStored } from '../write-object.ts'
import { watchCollection } from './watch.ts'

/** What one page shows. */
export interface SelectedPage {
  readonly items: readonly StoredObject[]
  readonly revision: number
  readonly meta: ListMeta
}

/** Lists a collection, or watches it when the query asks so. */
export async function listCollection(call: Call): Promise<ApiResponse> {
  if (isTrue(call.query.get('watch')) || call.route.legacyWatch) return watchCollection(call)
  await call.server.store.committed()
  const selection = selectionOf(call)
  checkListOptions(call.query, false)
  return answerPage(call, selectPage(call, selection))
}

/** The page of a collection that the query asks for. */
export function selectPage(call: Call, selection: Selection): SelectedPage {
  const limit = limitOf(call.query)
  countOption(call.query, 'timeoutSeconds')
  const token = readToken(call)
  const revision = token === undefined ? wantedRevision(call, limit) : pinnedRevision(call, token)
  try {
    return collect(call, selection, { limit, token, revision })
  } catch (error) {
    if (!(error instanceof CompactedError)) throw error
    throw token === undefined ? expired('The resourceVersion for the provided list is too old.') : expiredToken(token)
  }
}

interface PageQuery {
  readonly limit: number
  readonly token: ContinueToken | undefined
  readonly revision: number | undefined
}

function collect(call: Call, selection: Selection, page: PageQuery): SelectedPage {
  const { store } = call.server
  if (selection.onlyKey !== undefined && page.revision === undefined) {
    const stored = store.get(selection.onlyKey)
    const items = stored !== undefined && isSelected(call, selection, stored) ? [stored] : []
    return { items, revision: store.revision, meta: {} }
  }
  const after = page.token === undefined ? {} : { after: `${selection.prefix}${page.token.after}` }
  const revision = page.revision === undefined ? {} : { revision: page.revision }
  if (selection.matches === undefined) {
    const found = store.list({ prefix: selection.prefix, limit: page.limit, ...after, ...revision })
    return { items: found.items, revision: found.revision, meta: metaOf(selection, page, found, store) }
  }
  return collectMatching(call, selection, page)
}

/** Objects read at a time while looking for those a selector lets through. */
const MATCH_CHUNK = 500

/** Reads on until the page is full: selectors hide objects, a page must not come out short for that. */
function collectMatching(call: Call, selection: Selection, page: PageQuery): SelectedPage {
  const revision = page.revision ?? call.server.store.revision
  const items: StoredObject[] = []
  for (const { stored, isLast } of walk(call, selection, { ...page, revision })) {
    if (!isSelected(call, selection, stored)) continue
    items.push(stored)
    if (items.length !== page.limit || isLast) continue
    return { items, revision, meta: { continue: encodeContinue({ revision, after: keyAfter(selection, stored) }) } }
  }
  return { items, revision, meta: {} }
}

interface Visited {
  readonly stored: StoredObject
  /** Nothing stands behind it. */
  readonly isLast: boolean
}

function* walk(call: Call, selection: Selection, page: PageQuery): Generator<Visited> {
  const { prefix } = selection
  const limit = page.limit === 0 ? 0 : Math.max(page.limit, MATCH_CHUNK)
  let after = page.token === undefined ? prefix : `${prefix}${page.token.after}`
  for (;;) {
    const found = call.server.store.list({
      prefix,
      limit,
      after,
      revision: page.revision ?? call.server.store.revision,
    })
    for (const [index, stored] of found.items.entries()) {
      yield { stored, isLast: !found.more && index === found.items.length - 1 }
    }
    const last = found.items.at(-1)
    if (!found.more || last === undefined) return
    after = last.key
  }
}

function isSelected(call: Call, selection: Selection, stored: StoredObject): boolean {
  return selection.matches === undefined || selection.matches(readStored(call, stored))
}

function metaOf(
  selection: Selection,
  page: PageQuery,
  found: ListPage,
  store: Pick<Store, 'count' | 'list'>,
): ListMeta {
  const last = found.items.at(-1)
  if (!found.more || last === undefined) return {}
  const before = page.token?.remaining ?? countAt(selection, page, store)
  const remaining = Math.max(1, before - found.items.length)
  return {
    continue: encodeContinue({ revision: found.revision, after: keyAfter(selection, last), remaining }),
    remainingItemCount: remaining,
  }
}

/** How many objects there are, or were at the version that is shown. */
function countAt({ prefix }: Selection, { revision }: PageQuery, store: Pick<Store, 'count' | 'list'>): number {
  return revision === undefined ? store.count(prefix) : store.list({ prefix, revision }).items.length
}

function keyAfter(selection: Selection, stored: StoredObject): string {
  return stored.key.slice(selection.prefix.length)
}

/** A list at "any" version comes as a whole: the real server's cache has no pages (`delegate.go` of the cacher). */
function limitOf(query: URLSearchParams): number {
  const limit = countOption(query, 'limit')
  const isAny = query.get('resourceVersion') === '0' && (query.get('continue') ?? '') === ''
  if (isAny && query.get('resourceVersionMatch') !== 'Exact') return 0
  // No page is ever longer.
  return Math.min(Math.max(0, limit), Number.MAX_SAFE_INTEGER)
}

function readToken(call: Call): ContinueToken | undefined {
  const text = call.query.get('continue') ?? ''
  if (text === '') return undefined
  const version = call.query.get('resourceVersion') ?? ''
  if (version !== '' && version !== '0')
    throw badRequest('specifying resource version is not allowed when using continue')
  return decodeContinue(text)
}

function pinnedRevision(call: Call, token: ContinueToken): number | undefined {
  if (token.revision < 0) return undefined
  checkNotNewer(call, token.revision)
  return token.revision
}

/** The revision a list must show; undefined for the newest. */
function wantedRevision(call: Call, limit: number): number | undefined {
  const revision = parseRevision(call.query.get('resourceVersion'), (text) =>
    badRequest(`invalid resource version: ${text}`),
  )
  checkNotNewer(call, revision)
  const match = call.query.get('resourceVersionMatch') ?? ''
  const isExact = match === 'Exact' || (match === '' && limit > 0 && revision > 0)
  return isExact ? revision : undefined
}

function expiredToken(token: ContinueToken): ApiError {
  const text =
    'The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.'
  return new ExpiredTokenError(text, encodeContinue({ revision: -1, after: token.after }))
}

class ExpiredTokenError extends ApiError {
  readonly #token: string

  constructor(message: string, token: string) {
    super(410, 'Expired', message)
    this.#token = token
  }

  override toStatus(): JsonObject {
    return { ...super.toStatus(), metadata: { continue: this.#token } }
  }
}

/** A page in the form the client asked for. */
export function answerPage(call: Call, page: SelectedPage): ApiResponse {
  const { resource, form } = call
  // Lists of custom resources are maps in Go, and their continue is written even when empty.
  const empty = resource.custom !== undefined && form.as === 'object' ? { continue: '' } : {}
  const metadata = { ...empty, resourceVersion: String(page.revision), ...page.meta }
  if (form.as === 'object' && form.format === 'json')
    return new ListAnswer(bodyAnswer(call, ''), listBody(call, page, metadata))
  if (form.as === 'object' && form.format === 'protobuf') {
    const list = { kind: resource.listKind, apiVersion: apiVersionOf(resource), metadata }
    return bodyAnswer(
      call,
      encodeList(
        list,
        page.items.map((stored) => storedMessage(call, stored)),
      ),
    )
  }
  const objects = page.items.map((stored) => readStored(call, stored))
  if (form.as === 'table') return valueAnswer(call, tableOf(call, objects, metadata.resourceVersion, page.meta))
  if (form.as === 'metadata') throw wrongShape(resource, true)
  if (form.as === 'metadata-list') {
    const items = objects.map((object) => partialMetadata(object, form.metaVersion))
    return valueAnswer(call, {
      kind: 'PartialObjectMetadataList',
      apiVersion: `meta.k8s.io/${form.metaVersion}`,
      metadata,
      items,
    })
  }
  return valueAnswer(call, {
    kind: resource.listKind,
    apiVersion: apiVersionOf(resource),
    metadata,
    items: itemsOf(resource, objects),
  })
}

/** Items of built-in kinds carry neither kind nor apiVersion. */
function itemsOf(resource: Resource, objects: readonly KubeObject[]): readonly JsonObject[] {
  return objects.map((object) => {
    const { kind: _kind, apiVersion: _version, ...rest } = object
    // Objects are JSON; the interface only lacks the index signature.
    return (resource.custom === undefined ? rest : object) as unknown as JsonObject
  })
}

function listBody(call: Call, { items }: SelectedPage, metadata: JsonObject): ListBody {
  const { resource, server } = call
  const head = JSON.stringify({ kind: resource.listKind, apiVersion: apiVersionOf(resource), metadata })
  const around = [`${head.slice(0, -1)},"items":[`, ']}'] as const
  const shown = `${apiVersionOf(resource)}/${resource.kind}`
  if (resource.custom === undefined) {
    const textOf = (stored: StoredObject): string => itemText(resource, stored)
    return new ListBody({ form: shown, items, textOf, around, whole: () => listOfTexts(resource, items, around) })
  }
  const textOf = (stored: StoredObject): string => customText(call, stored)
  // What is shown of an object changes with its schema.
  const form = `${shown} ${server.registry.generation}`
  return new ListBody({ form, items, textOf, around, whole: () => joined(items.map(textOf), ',', around) })
}

/** The stored text, unless the schema changed since. */
function customText(call: Call, stored: StoredObject): string {
  const object = readStored(call, stored)
  return call.server.codec.textOf(object) ?? jsonText(object)
}

/** A page of objects that are no longer stored, as deletecollection answers it. */
export function answerObjects(call: Call, objects: readonly KubeObject[], page: SelectedPage): ApiResponse {
  const { resource } = call
  const items = itemsOf(resource, objects)
  const metadata = {
    ...(resource.custom === undefined ? {} : { continue: '' }),
    resourceVersion: String(page.revision),
    ...page.meta,
  }
  return valueAnswer(call, { kind: resource.listKind, apiVersion: apiVersionOf(resource), metadata, items })
}
