// The Accept header: in which form a client wants its answer.
import { ApiError } from './status.ts'

/** The form of an answer. */
export interface Form {
  readonly format: 'json' | 'yaml'
  readonly as: 'object' | 'table' | 'metadata'
  /** Version of meta.k8s.io for tables and metadata. */
  readonly metaVersion: 'v1' | 'v1beta1'
}

/** Media types an endpoint can give, as its 406 answer lists them. */
export const OBJECT_MEDIA_TYPES: readonly string[] = [
  'application/json',
  'application/yaml',
  'application/vnd.kubernetes.protobuf',
  'application/json;stream=watch',
  'application/vnd.kubernetes.protobuf;stream=watch',
]

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

/** The first form of an Accept header that can be given. Throws 406 where there is none. */
export function negotiateForm(header: string | undefined): Form {
  if (header === undefined || header === '' || header === 'application/json') return PLAIN_JSON
  for (const range of parseAccept(header)) {
    const form = formOf(range)
    if (form !== undefined) return form
  }
  const message = `406: Not Acceptable\n\nAvailable representations: ${OBJECT_MEDIA_TYPES.join(', ')}`
  throw new ApiError(406, 'NotAcceptable', message, { details: {} })
}

function formOf(range: MediaRange): Form | undefined {
  const format = formatOf(range.type)
  if (format === undefined) return undefined
  const as = range.parameters.get('as')
  if (as === undefined) return { format, as: 'object', metaVersion: 'v1' }
  if ((range.parameters.get('g') ?? 'meta.k8s.io') !== 'meta.k8s.io') return undefined
  const version = range.parameters.get('v') ?? 'v1'
  if (version !== 'v1' && version !== 'v1beta1') return undefined
  switch (as) {
    case 'Table':
      return { format, as: 'table', metaVersion: version }
    case 'PartialObjectMetadata':
    case 'PartialObjectMetadataList':
      return { format, as: 'metadata', metaVersion: version }
    default:
      return undefined
  }
}

function formatOf(type: string): Form['format'] | undefined {
  switch (type) {
    case 'application/json':
    case 'application/*':
    case '*/*':
      return 'json'
    case 'application/yaml':
    case 'application/x-yaml':
      return 'yaml'
    default:
      return undefined
  }
}
