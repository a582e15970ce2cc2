// Holds a chart's final values against the JSON schemas of the chart and of the charts inside it.
import { CapstanError, messageOf } from '../../../base/errors.ts'
import { encodeJson } from '../../../lang/go/json.ts'
import type { GoMap } from '../../../lang/go/values.ts'
import type { Chart, ChartFile } from '../chart.ts'
import { MAX_SCHEMA_DEPTH, MAX_SCHEMA_STEPS } from '../limits.ts'
import { checkValue } from './check.ts'
import { parseSchema } from './document.ts'
import type { Json, SchemaDocument } from './document.ts'
import { isGroup, printFaults } from './fault.ts'

const HEADING = "values don't meet the specifications of the schema(s) in the following chart(s):"

/**
 * Throws `bad-input` with helm's text where values do not fit (helm v4.2.1 util.ValidateAgainstSchema): a chart's own
 * schema first, then those of charts inside it whose values are there. Lines are sorted; helm's order is random.
 */
export function validateValues(chart: Chart, values: GoMap): void {
  const problems = problemsOf(chart, values)
  if (problems.length > 0) throw new CapstanError('bad-input', [HEADING, ...problems].join('\n'))
}

function problemsOf(chart: Chart, values: GoMap): string[] {
  const own = chart.schema === undefined ? [] : ownProblems(chart.schema, values)
  const found = own.length === 0 ? [] : [`${chart.metadata.name}:`, ...own]
  for (const inside of chart.dependencies) {
    const { name } = inside.metadata
    const inner = values.get(name)
    if (inner instanceof Map) found.push(...problemsOf(inside, inner))
  }
  return found
}

function ownProblems(schema: ChartFile, values: GoMap): string[] {
  const document = readSchema(schema)
  const value = JSON.parse(encodeJson(values)) as Json // JSON.parse gives nothing else
  const fault = checkValue(document, value, { steps: MAX_SCHEMA_STEPS, depth: MAX_SCHEMA_DEPTH })
  if (fault === undefined) return []
  return printFaults(isGroup(fault) ? fault.causes : [fault])
}

function readSchema(schema: ChartFile): SchemaDocument {
  try {
    return parseSchema(new TextDecoder().decode(schema.bytes))
  } catch (error) {
    if (error instanceof CapstanError) throw error
    throw new CapstanError('bad-input', `unable to read values.schema.json: ${messageOf(error)}`, { cause: error })
  }
}
