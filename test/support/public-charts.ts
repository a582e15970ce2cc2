// Public charts checked out in a folder: those a list names and all others found, ready to be rendered.
import { cpSync, existsSync, globSync, mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

/** A chart with one file of values. */
export interface ChartCase {
  readonly id: string
  /** Folder of the chart. */
  readonly folder: string
  /** Path of a values file. */
  readonly values?: string
}

/** Values files that charts bring to be tested with. */
const TEST_VALUES: readonly string[] = ['ci/*.yaml', 'values-*.yaml', 'values_*.yaml', 'tests/values/*.yaml']

/**
 * The cases of a list (public-charts.tsv of the corpus), then every other chart below the folder, alone and with the
 * values files it brings. The folder holds checkouts named `owner+name`. Charts that need copies of others are prepared in
 * a temporary folder, whose path is given too and which the caller removes.
 */
export function findChartCases(
  folder: string,
  list: string | undefined,
): { readonly cases: readonly ChartCase[]; readonly temporary: string } {
  const temporary = mkdtempSync(join(tmpdir(), 'charts-'))
  const listed = list === undefined ? [] : listedCases(folder, list, temporary)
  const known = new Set(listed.map(({ id }) => id))
  const others = allCases(folder).filter(({ id }) => !known.has(id))
  return { cases: [...listed, ...others], temporary }
}

function listedCases(folder: string, list: string, temporary: string): ChartCase[] {
  const cases: ChartCase[] = []
  for (const line of readFileSync(list, 'utf8').split('\n').slice(1)) {
    const [tool, repository = '', , path = '', values = '', , copies = ''] = line.split('\t')
    if (tool !== 'helm') continue
    const place = `${repository.replace('/', '+')}/${path}`
    const original = join(folder, place)
    if (!existsSync(join(original, 'Chart.yaml'))) continue
    const chart = copies === '' ? original : withCopies({ folder, original, copies, temporary })
    cases.push({ id: idOf(place, values), folder: chart, ...(values === '' ? {} : { values: join(chart, values) }) })
  }
  return cases
}

interface Copies {
  readonly folder: string
  readonly original: string
  /** `name=owner/name:path;…` */
  readonly copies: string
  readonly temporary: string
}

/** A copy of a chart with other charts put into its charts folder. */
function withCopies({ folder, original, copies, temporary }: Copies): string {
  const chart = join(temporary, original.slice(folder.length))
  if (existsSync(chart)) return chart
  cpSync(original, chart, { recursive: true, dereference: true })
  for (const copy of copies.split(';')) {
    const [name = '', from = ''] = copy.split('=')
    const [repository = '', path = ''] = from.split(':')
    cpSync(join(folder, repository.replace('/', '+'), path), join(chart, 'charts', name), {
      recursive: true,
      dereference: true,
    })
  }
  return chart
}

function allCases(folder: string): ChartCase[] {
  return globSync('**/Chart.yaml', { cwd: folder })
    .toSorted()
    .flatMap((file) => {
      const place = dirname(file)
      const chart = join(folder, place)
      const values = TEST_VALUES.flatMap((pattern) => globSync(pattern, { cwd: chart }).toSorted())
      return ['', ...values].map((name) => ({
        id: idOf(place, name),
        folder: chart,
        ...(name === '' ? {} : { values: join(chart, name) }),
      }))
    })
}

function idOf(place: string, values: string): string {
  return values === '' ? place : `${place} ${values}`
}
