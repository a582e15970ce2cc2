// A chart as it is used: metadata, values, templates, other files and the charts inside it.
import type { GoMap } from '../../lang/go/values.ts'
import type { ChartMetadata } from './metadata.ts'

/** A file of a chart, named relative to it; equal ids mean equal bytes. */
export interface ChartFile {
  readonly name: string
  readonly id: string
  readonly bytes: Uint8Array
}

/** A chart while it is prepared: the charts inside it and its values change until it is rendered. */
export interface Chart {
  metadata: ChartMetadata
  values: GoMap
  readonly schema: ChartFile | undefined
  readonly templates: readonly ChartFile[]
  /** Everything else, in the order of names. */
  readonly files: readonly ChartFile[]
  dependencies: readonly Chart[]
  /** The chart it stands in. */
  parent?: Chart
}
