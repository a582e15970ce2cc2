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
  return format === 'json' ? `${JSON.stringify(plain, undefined, 2)}\n` : stringifyYaml(plain)
}
