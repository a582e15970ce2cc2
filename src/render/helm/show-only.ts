// `--show-only`: of a rendered chart's text only what came of some templates.
import { CapstanError } from '../../base/errors.ts'
import { compilePathPattern } from '../../base/path-pattern.ts'
import { rulesOf } from './rules.ts'
import type { HelmRules } from './rules.ts'

const SEPARATOR = /(?:^|[\t\n\f\r ]*\n)---[\t\n\f\r ]*/
const SOURCE = /# Source: [^/]+\/(?<path>.+)/

/**
 * The documents of these templates, in the order in which the templates are named (helm v4.2.1 cmd/template.go). Names
 * are paths in the chart, and may hold wildcards. Throws `bad-input` for a name without a document.
 */
export function showOnly(text: string, templates: readonly string[], rules: HelmRules = rulesOf()): string {
  const documents = (rules.trimsDocuments ? text.trim() : text.trimStart())
    .split(SEPARATOR)
    .filter((part) => part.trim() !== '')
  const shown = templates.flatMap((template) => {
    const matches = compilePathPattern(template)
    const found = documents.filter((document) => {
      const path = SOURCE.exec(document)?.groups?.['path']
      return path !== undefined && matches?.(path) === true
    })
    if (found.length === 0) throw new CapstanError('bad-input', `could not find template ${template} in chart`)
    return found
  })
  return shown.map((document) => `---\n${document}\n`).join('')
}
