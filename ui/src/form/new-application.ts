// The NEW APP form: its fields and what they must hold (001-36).

/** One place manifests come from. */
export interface SourceForm {
  /** A chart of a repository of charts, in place of a folder of Git. */
  readonly isChart: boolean
  readonly repoURL: string
  readonly revision: string
  readonly path: string
  readonly chart: string
  /** The name other sources call this one by in their values files: `$ref/…`. */
  readonly ref: string
  readonly valueFiles: readonly string[]
}

export interface NewApplicationForm {
  readonly name: string
  readonly project: string
  readonly labels: string
  readonly policy: 'manual' | 'automatic'
  readonly prune: boolean
  readonly selfHeal: boolean
  readonly syncOptions: readonly string[]
  readonly sources: readonly SourceForm[]
  readonly server: string
  readonly namespace: string
}

export const IN_CLUSTER = 'https://kubernetes.default.svc'

/** The options the form offers, by upstream's names. */
export const SYNC_OPTIONS = ['CreateNamespace', 'PruneLast', 'ApplyOutOfSyncOnly', 'ServerSideApply'] as const

export const emptySource: SourceForm = {
  isChart: false,
  repoURL: '',
  revision: 'HEAD',
  path: '',
  chart: '',
  ref: '',
  valueFiles: [],
}

export const emptyForm: NewApplicationForm = {
  name: '',
  project: 'default',
  labels: '',
  policy: 'manual',
  prune: false,
  selfHeal: false,
  syncOptions: [],
  sources: [emptySource],
  server: IN_CLUSTER,
  namespace: '',
}

export type FormFault = 'required' | 'name' | 'labels'
export type FieldName = Exclude<keyof NewApplicationForm, 'sources'> | keyof SourceForm
/** By field; those of sources by their index too: `1.path`. */
export type FormFaults = Readonly<Record<string, FormFault>>

/** Kubernetes' rule for names of resources (RFC 1123 subdomain). */
const NAME = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*$/
const MAX_NAME_LENGTH = 253

/** What is wrong with the fields before the server is asked; the server has the last word. */
export function faultsOf(form: NewApplicationForm): FormFaults {
  const required = (['name', 'project', 'server'] as const).filter((field) => form[field].trim() === '')
  const name = form.name.trim()
  const isNameWrong = name !== '' && (!NAME.test(name) || name.length > MAX_NAME_LENGTH)
  return {
    ...Object.fromEntries(required.map((field) => [field, 'required' as const])),
    ...(isNameWrong ? { name: 'name' as const } : {}),
    ...(labelsOf(form.labels) === undefined ? { labels: 'labels' as const } : {}),
    ...Object.fromEntries(form.sources.flatMap(sourceFaults)),
  }
}

function sourceFaults(source: SourceForm, index: number): readonly (readonly [string, FormFault])[] {
  // A source that others only take values files from needs no path.
  const place = source.isChart ? (['chart', 'revision'] as const) : (['path'] as const)
  const needed = ['repoURL' as const, ...(source.ref.trim() === '' ? place : [])]
  return needed.filter((field) => source[field].trim() === '').map((field) => [`${index}.${field}`, 'required'])
}

/** `a=b, c=d` as labels; undefined where it cannot be read. */
export function labelsOf(text: string): Readonly<Record<string, string>> | undefined {
  const pairs = text
    .split(/[\s,]+/)
    .filter(Boolean)
    .map((pair) => /^(?<name>[^=]+)=(?<value>[^=]*)$/.exec(pair)?.groups)
  if (pairs.includes(undefined)) return undefined
  return Object.fromEntries(pairs.map((pair) => [pair?.['name'] ?? '', pair?.['value'] ?? '']))
}

/** Adds what was typed into a list field: several at once where separated by commas, none twice. */
export function addToList(list: readonly string[], typed: string): readonly string[] {
  const added = typed
    .split(',')
    .map((part) => part.trim())
    .filter(Boolean)
  return [...new Set([...list, ...added])]
}

/** The field a refusal of the server is about, by its words; undefined where they name none. */
export function refusedField(message: string): string | undefined {
  const found = REFUSALS.find(([words]) => words.test(message))
  return found?.[1]
}

const REFUSALS: readonly (readonly [words: RegExp, field: string])[] = [
  [/not allowed in project|project .*does not exist/, 'project'],
  [/app path does not exist|app path is absolute/, '0.path'],
  [
    /application repo .* is not permitted|repository not accessible|Unable to generate manifests|revision/i,
    '0.repoURL',
  ],
  [/application destination|cluster .*not|no clusters? /i, 'server'],
  [/existing application spec is different|metadata\.name|invalid name/i, 'name'],
]
