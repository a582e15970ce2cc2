// What `import-values` of a dependency says: which table of its values goes where in the parent's.
import type { YamlValue } from '../../lang/yaml/value.ts'
import { goValueOf } from '../../lang/go/json.ts'
import { textOfValue } from './merge.ts'
import type { ChartDependency } from './metadata.ts'

interface ValuesImport {
  /** Dotted path in the dependency's values. */
  readonly child: string
  /** Dotted path in the chart's own values; `.` is all of them. */
  readonly parent: string
}

/** Entries that are neither texts nor tables say nothing (helm v4.2.1 pkg/chart/v2/util/dependencies.go). */
export function importsOf({ importValues }: ChartDependency): readonly ValuesImport[] {
  return importValues.flatMap((value) => importOf(value) ?? [])
}

function importOf(value: YamlValue): ValuesImport | undefined {
  if (typeof value === 'string') return { child: `exports.${value}`, parent: '.' }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  const text = (item: YamlValue | undefined): string => textOfValue(goValueOf(item ?? null))
  return { child: text(value['child']), parent: text(value['parent']) }
}
