// The Accept header: in which form a client wants its answer.
import { internalPackage } from './body.ts'
import type { Resource } from './resource.ts'
import { ApiError } from './status.ts'

/** How an answer is written. */
export type Format = 'json' | 'yaml' | 'protobuf'

/** The form of an answer. */
export interface Form {
  readonly format: Format
  /** `metadata-list` is what `PartialObjectMetadataList` asks for; watches and tables are the same for objects and lists. */
  readonly as: 'object' | 'table' | 'metadata' | 'metadata-list'
  /** Version of meta.k8s.io for tables and metadata. */
  readonly metaVersion: 'v1' | 'v1beta1'
}

/** What an endpoint can give. */
export interface Offer {
  /** Custom resources have no protobuf form; their metadata alone has. */
  readonly isCustom: boolean
  readonly isWatch: boolean
  /** Reading a collection: the route names the types of streams too. */
  readonly isCollection: boolean
}

const OBJECT_TYPES = ['application/json', 'application/yaml', 'application/vnd.kubernetes.protobuf']
const STREAM_TYPES = ['application/json;stream=watch', 'application/vnd.kubernetes.protobuf;stream=watch']

const PLAIN_JSON: Form = { format: 'json', as: 'object', metaVersion: 'v1' }

/** One media range with its parameters. */
export interface MediaRange {
  readonly type: string
  readonly parameters: ReadonlyMap<string, string>
}

/** Splits an Accept header into ranges, in the order they stand. */
export function parseAccept(header: string): readonly MediaRange[] {
  return header.split(',').flatMap((range) => {
    const [type = '', ...parameters] = range.split(';').map((part) => part.trim())
    if (type === '') return []
    const pairs = parameters.map((pair): [string, string] => {
      const mark = pair.indexOf('=')
      return mark < 0 ? [pair, ''] : [pair.slice(0, mark), pair.slice(mark + 1)]
    })
    return [{ type: type.toLowerCase(), parameters: new Map(pairs) }]
  })
}

/**
 * The first form of an Accept header that can be given. Throws 406 where there is none: by the route where no type is
 * known at all, by the endpoint where it is and cannot be given (kubernetes v1.36.3, go-restful and `negotiation`).
 */
export function negotiateForm(header: string | undefined, offer: Offer): Form {
  if (header === undefined || header === '' || header === 'application/json') return PLAIN_JSON
  const ranges = parseAccept(header)
  for (const range of ranges) {
    const form = formOf(range, offer)
    if (form !== undefined) return form
  }
  throw notAcceptable(ranges, offer)
}

/** In which format an error is told: as asked for, and as JSON where that cannot be given. */
export function plainFormat(header: string | undefined): Format {
  return givenFormat(header) ?? 'json'
}

/** The format of a document that is no resource. Throws 406 where none fits. */
export function documentFormat(header: string | undefined): Format {
  const format = givenFormat(header)
  if (format === undefined) throw notAcceptable(parseAccept(header ?? ''), NO_RESOURCE)
  return format
}

const NO_RESOURCE: Offer = { isCustom: false, isWatch: false, isCollection: false }

function givenFormat(header: string | undefined): Format | undefined {
  if (header === undefined || header === '' || header === 'application/json') return 'json'
  const plain = parseAccept(header).filter(({ parameters }) => !parameters.has('as'))
  return plain.map(({ type }) => formatOf(type)).find((format) => format !== undefined)
}

function notAcceptable(ranges: readonly MediaRange[], offer: Offer): ApiError {
  const isKnown = offer.isCustom || ranges.some(({ type }) => formatOf(type) !== undefined)
  const isObject = ranges.some((range) => formOf(range, { ...offer, isWatch: false }) !== undefined)
  if (isKnown) return onlyAccepted(isObject ? STREAM_TYPES : OBJECT_TYPES)
  const types = offer.isCollection ? [...OBJECT_TYPES, ...STREAM_TYPES] : OBJECT_TYPES
  const message = `406: Not Acceptable\n\nAvailable representations: ${types.join(', ')}`
  return new ApiError(406, 'NotAcceptable', message, { details: {} })
}

/** 406 of an endpoint that gives other types than those asked for. */
export function onlyAccepted(types: readonly string[] = OBJECT_TYPES): ApiError {
  return new ApiError(406, 'NotAcceptable', `only the following media types are accepted: ${types.join(', ')}`)
}

/** 406 where a list is asked for in the form of an object, or the other way round. */
export function wrongShape(
  resource: Pick<Resource, 'group' | 'kind' | 'listKind' | 'custom'>,
  isList: boolean,
): ApiError {
  const { group, kind, listKind, custom } = resource
  const name = isList ? listKind : kind
  const wrapper = isList ? 'UnstructuredList' : 'Unstructured'
  const type = custom === undefined ? `*${internalPackage(group)}.${name}` : `*unstructured.${wrapper}`
  const [asked, is] = isList ? ['PartialObjectMetadata', 'is a list'] : ['PartialObjectMetadataList', 'is not a list']
  return new ApiError(406, 'NotAcceptable', `you requested ${asked}, but the requested object ${is} (${type})`)
}

function formOf(range: MediaRange, offer: Offer): Form | undefined {
  const format = formatOf(range.type)
  if (format === undefined || (offer.isWatch && format === 'yaml')) return undefined
  const as = range.parameters.get('as')
  if (as === undefined) {
    return format === 'protobuf' && offer.isCustom ? undefined : { format, as: 'object', metaVersion: 'v1' }
  }
  const metaVersion = metaVersionOf(range)
  const shape = metaVersion === undefined ? undefined : shapeOf(as, format, offer)
  return metaVersion === undefined || shape === undefined ? undefined : { format, as: shape, metaVersion }
}

function metaVersionOf({ parameters }: MediaRange): Form['metaVersion'] | undefined {
  if ((parameters.get('g') ?? 'meta.k8s.io') !== 'meta.k8s.io') return undefined
  const version = parameters.get('v') ?? 'v1'
  return version === 'v1' || version === 'v1beta1' ? version : undefined
}

function shapeOf(as: string, format: Format, offer: Offer): Form['as'] | undefined {
  switch (as) {
    case 'Table':
      return format === 'protobuf' ? undefined : 'table'
    case 'PartialObjectMetadata':
      return 'metadata'
    case 'PartialObjectMetadataList':
      return offer.isWatch ? 'metadata' : 'metadata-list'
    default:
      return undefined
  }
}

/** The format of a media type; undefined for one that is not served. */
export function formatOf(type: string): Format | undefined {
  switch (type) {
    case 'application/json':
    case 'application/*':
    case '*/*':
      return 'json'
    case 'application/yaml':
    case 'application/x-yaml':
      return 'yaml'
    case 'application/vnd.kubernetes.protobuf':
      return 'protobuf'
    default:
      return undefined
  }
}
