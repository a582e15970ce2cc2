// Writes the lines of a manifest that make an application leave fields to somebody else.
import type { Application } from '../../crds/application.ts'
import type { ObjectKey } from '../../kube/object.ts'

export interface IgnoreLines {
  readonly key: ObjectKey
  readonly jsonPointers: readonly string[]
  readonly jqPathExpressions: readonly string[]
}

const RESPECT = 'RespectIgnoreDifferences=true'

/** YAML as it stands in an Application, from `spec:` on; the sync option only where the application lacks it. */
export function textLines(rules: readonly IgnoreLines[], { spec }: Application): string {
  const lines = ['spec:', '  ignoreDifferences:', ...rules.flatMap(ruleLines)]
  if (spec.syncPolicy?.syncOptions?.includes(RESPECT) !== true) {
    lines.push('  syncPolicy:', '    syncOptions:', `      - ${RESPECT}`)
  }
  return lines.join('\n')
}

function ruleLines({ key, jsonPointers, jqPathExpressions }: IgnoreLines): readonly string[] {
  const { group, kind, namespace, name } = key
  return [
    ...(group === '' ? [`    - kind: ${kind}`] : [`    - group: ${group}`, `      kind: ${kind}`]),
    `      name: ${quoted(name)}`,
    ...(namespace === '' ? [] : [`      namespace: ${quoted(namespace)}`]),
    ...listLines('jsonPointers', jsonPointers),
    ...listLines('jqPathExpressions', jqPathExpressions),
  ]
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
