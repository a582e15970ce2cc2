// The very lines that make an application leave fields to somebody else (001-14: what is no difference).
import type { Application } from '../../../src/crds/application.ts'
import type { ResourceDiff } from '../../../src/crds/tree.ts'

const RESPECT = 'RespectIgnoreDifferences=true'

/** YAML from `spec:` on for the fields in which a resource differs; empty where the server names none. */
export function ignoreLines(item: ResourceDiff, { spec }: Application, paths: readonly string[]): string {
  if (paths.length === 0) return ''
  const { group = '', kind = '', name = '', namespace = '' } = item
  const pointers = paths.filter((path) => path.startsWith('/'))
  const expressions = paths.filter((path) => !path.startsWith('/'))
  const respects = spec.syncPolicy?.syncOptions?.includes(RESPECT) === true
  return [
    'spec:',
    '  ignoreDifferences:',
    ...(group === '' ? [`    - kind: ${kind}`] : [`    - group: ${group}`, `      kind: ${kind}`]),
    `      name: ${quoted(name)}`,
    ...(namespace === '' ? [] : [`      namespace: ${quoted(namespace)}`]),
    ...listLines('jsonPointers', pointers),
    ...listLines('jqPathExpressions', expressions),
    ...(respects ? [] : ['  syncPolicy:', '    syncOptions:', `      - ${RESPECT}`]),
    '',
  ].join('\n')
}

function listLines(field: string, values: readonly string[]): readonly string[] {
  return values.length === 0 ? [] : [`      ${field}:`, ...values.map((value) => `        - ${quoted(value)}`)]
}

/** Names and pointers are plain scalars, unless YAML would read them as something else. */
function quoted(text: string): string {
  return /^[/a-z][\w./~-]*$/i.test(text) && !/^(?:true|false|yes|no|on|off|null|y|n)$/i.test(text)
    ? text
    : `'${text.replaceAll("'", "''")}'`
}
