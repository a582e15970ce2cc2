// The functions that triggers and templates find under `time`, `strings`, `sync` and `repo` (argo-cd util/notification/expression).
import { GoError } from '../lang/go/error.ts'
import { duration, TIME, timeValue } from '../lang/go/time/moment.ts'
import { parseTime } from '../lang/go/time/layout.ts'
import {
  ANY,
  elementsOf,
  GoFunction,
  GoStruct,
  mapOfValue,
  STRING,
  STRING_SLICE,
  stringOf,
  strings,
} from '../lang/go/values.ts'
import type { GoMap, GoType, GoValue } from '../lang/go/values.ts'
import type { RevisionFacts } from '../source/provider.ts'
import { detailsValue, type AppDetails } from './app-details.ts'
import type { Facts } from './facts.ts'
import { fullName, httpsAddress } from './git-url.ts'

/** Who knows about commits and sources. */
export interface SourceFacts {
  readonly commit: (repoURL: string, revision: string, project: string) => Promise<RevisionFacts>
  /** Of the application's first source. */
  readonly details: () => Promise<AppDetails>
}

const RFC3339 = '2006-01-02T15:04:05Z07:00'

const LAYOUTS: Readonly<Record<string, string>> = {
  Layout: "01/02 03:04:05PM '06 -0700",
  ANSIC: 'Mon Jan _2 15:04:05 2006',
  UnixDate: 'Mon Jan _2 15:04:05 MST 2006',
  RubyDate: 'Mon Jan 02 15:04:05 -0700 2006',
  RFC822: '02 Jan 06 15:04 MST',
  RFC822Z: '02 Jan 06 15:04 -0700',
  RFC850: 'Monday, 02-Jan-06 15:04:05 MST',
  RFC1123: 'Mon, 02 Jan 2006 15:04:05 MST',
  RFC1123Z: 'Mon, 02 Jan 2006 15:04:05 -0700',
  RFC3339,
  RFC3339Nano: '2006-01-02T15:04:05.999999999Z07:00',
  Kitchen: '3:04PM',
  Stamp: 'Jan _2 15:04:05',
  StampMilli: 'Jan _2 15:04:05.000',
  StampMicro: 'Jan _2 15:04:05.000000',
  StampNano: 'Jan _2 15:04:05.000000000',
}

const DURATIONS: Readonly<Record<string, bigint>> = {
  Nanosecond: 1n,
  Microsecond: 1_000n,
  Millisecond: 1_000_000n,
  Second: 1_000_000_000n,
  Minute: 60_000_000_000n,
  Hour: 3_600_000_000_000n,
}

function fn(params: readonly GoType[], call: (...args: readonly string[]) => GoValue): GoFunction {
  return new GoFunction(params, (args) => call(...args.map((value) => stringOf(value) ?? '')))
}

/** `time`: the clock, texts to times, layouts and durations. */
export function timeFunctions(nowMs: () => number): GoMap {
  return new Map<GoValue, GoValue>([
    ['Now', new GoFunction([], () => timeValue({ epochMs: nowMs(), zone: 'UTC' }))],
    ['Parse', fn([STRING], (text = '') => timeValue(parseTime(RFC3339, text, 'UTC')))],
    ...Object.entries(DURATIONS).map(([name, size]) => [name, duration(size)] as const),
    ...Object.entries(LAYOUTS),
  ])
}

export const STRING_FUNCTIONS: GoMap = new Map<GoValue, GoValue>([
  ['ReplaceAll', fn([STRING, STRING, STRING], (text = '', old = '', by = '') => text.replaceAll(old, () => by))],
  ['ToUpper', fn([STRING], (text = '') => text.toUpperCase())],
  ['ToLower', fn([STRING], (text = '') => text.toLowerCase())],
])

export const SYNC_FUNCTIONS: GoMap = new Map<GoValue, GoValue>([
  ['GetInfoItem', new GoFunction([ANY, STRING], ([app = null, name = null]) => infoItem(app, name))],
])

/** The value of an entry of `spec.info`; empty where there is none. */
function infoItem(app: GoValue, name: GoValue): GoValue {
  const spec = mapOfValue(mapOfValue(app)?.get('spec') ?? null)
  for (const item of elementsOf(spec?.get('info') ?? null) ?? []) {
    const entry = mapOfValue(item)
    if (entry?.get('name') === name) return entry?.get('value') ?? ''
  }
  return ''
}

const COMMIT: GoType = {
  name: 'shared.CommitMetadata',
  kind: 'struct',
  fields: [
    { name: 'Message', type: STRING },
    { name: 'Author', type: STRING },
    { name: 'Date', type: TIME },
    { name: 'Tags', type: STRING_SLICE },
  ],
}

/** `repo`: addresses, and what the repository of an application knows; that is fetched when it is asked for. */
export function repoFunctions(app: GoMap, facts: Facts, sources: SourceFacts | undefined): GoMap {
  const known = (): SourceFacts => {
    if (sources === undefined) throw new GoError('the repository cannot be asked here')
    return sources
  }
  const toHttps = fn([STRING], (address = '') => httpsAddress(address))
  return new Map<GoValue, GoValue>([
    ['RepoURLToHTTPS', toHttps],
    ['RepoURLToHTTP', toHttps],
    ['FullNameByRepoURL', fn([STRING], (address = '') => fullName(address))],
    ['QueryEscape', fn([STRING], (text = '') => queryEscape(text))],
    [
      'GetCommitMetadata',
      fn([STRING], (revision = '') => facts.get(`commit ${revision}`, () => readCommit(app, revision, known()))),
    ],
    ['GetAppDetails', fn([], () => facts.get('details', async () => detailsValue(await known().details())))],
  ])
}

function textIn(map: GoMap | undefined, ...path: readonly string[]): string | undefined {
  let value: GoValue = map ?? null
  for (const name of path) value = mapOfValue(value)?.get(name) ?? null
  return typeof value === 'string' ? value : undefined
}

async function readCommit(app: GoMap, revision: string, sources: SourceFacts): Promise<GoValue> {
  const repoURL = textIn(app, 'spec', 'source', 'repoURL')
  const project = textIn(app, 'spec', 'project')
  if (repoURL === undefined) throw new GoError('failed to get application source repo URL')
  if (project === undefined) throw new GoError('failed to get application project')
  const { message, author, date, tags } = await sources.commit(repoURL, revision, project)
  return new GoStruct(
    COMMIT,
    new Map<string, GoValue>([
      ['Message', message],
      ['Author', author],
      ['Date', timeValue({ epochMs: Date.parse(date), zone: 'UTC' })],
      ['Tags', strings(tags)],
    ]),
  )
}

/** url.QueryEscape. */
function queryEscape(text: string): string {
  return encodeURIComponent(text.toWellFormed())
    .replaceAll(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll('%20', '+')
}
