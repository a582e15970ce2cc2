// Where helm 3 and helm 4 differ: one table, read nowhere but where the two part.
import type { HelmVersion } from '../renderer.ts'

export interface HelmRules {
  readonly version: HelmVersion
  /** Nulls of charts' own values stay, and a parent's null deletes a subchart's default. */
  readonly keepsNulls: boolean
  /** Values files are read to the end of their first document. */
  readonly readsFirstDocument: boolean
  /** Every document is trimmed, so that a block at its end loses its newlines. */
  readonly trimsDocuments: boolean
  /** Charts inside an aliased chart are those of the original, also in their paths. */
  readonly sharesNestedCharts: boolean
  /** Errors of templates stay on one line, as Go words them. */
  readonly hasFlatErrors: boolean
  /** Any apiVersion in Chart.yaml will do. */
  readonly takesAnyChartVersion: boolean
  /** `.Chart` is a struct, whose unknown fields are errors, rather than a map. */
  readonly hasChartStruct: boolean
  /** The package that Go names the types of values and capabilities after. */
  readonly typePackage: 'common' | 'chartutil'
  /** Functions that do not exist. */
  readonly lacks: ReadonlySet<string>
}

const HELM_4: HelmRules = {
  version: '4.2',
  keepsNulls: false,
  readsFirstDocument: false,
  trimsDocuments: false,
  sharesNestedCharts: false,
  hasFlatErrors: false,
  takesAnyChartVersion: false,
  hasChartStruct: false,
  typePackage: 'common',
  lacks: new Set(),
}

const HELM_3: HelmRules = {
  version: '3',
  keepsNulls: true,
  readsFirstDocument: true,
  trimsDocuments: true,
  sharesNestedCharts: true,
  hasFlatErrors: true,
  takesAnyChartVersion: true,
  hasChartStruct: true,
  typePackage: 'chartutil',
  lacks: new Set(['mustToYaml', 'mustToToml']),
}

/** The rules of helm v4.2.1, or those of v3.22.0. */
export function rulesOf(version: HelmVersion = '4.2'): HelmRules {
  return version === '3' ? HELM_3 : HELM_4
}
