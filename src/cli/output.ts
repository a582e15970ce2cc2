// `-o json|yaml|name|wide`: one way to print an answer in the form asked for.
import { CapstanError } from '../base/errors.ts'
import { stringifyYaml } from '../lang/yaml/write.ts'

export type Format = 'wide' | 'json' | 'yaml' | 'name' | 'tree' | 'tree=detailed'

/** Checks the value of `-o`; throws `bad-input` with upstream's words. */
export function checkFormat<Allowed extends Format>(format: string, allowed: readonly Allowed[]): Allowed {
  const found = allowed.find((candidate) => candidate === format)
  if (found === undefined)
    throw new CapstanError('bad-input', `unknown output format: ${format}; one of ${allowed.join('|')}`)
  return found
}

/** JSON with two spaces, or YAML as Go's writer gives it; both end in a newline. */
export function formatObject(value: unknown, format: 'json' | 'yaml'): string {
  // Undefined fields are absent in both forms.
  const plain: unknown = JSON.parse(JSON.stringify(value))
  return format === 'json' ? `${goJson(plain)}\n` : stringifyYaml(plain)
}

/** What HTML would take for its own is escaped, as Go's encoding/json has it. */
function goJson(value: unknown): string {
  const text = JSON.stringify(value, undefined, 2)
  return text.replaceAll(/[<>&\u2028\u2029]/g, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
