// Templates of `{{tag}}` in the form of valyala/fasttemplate: no logic, a tag is a name or stays as it is.
import { CapstanError } from '../../base/errors.ts'

const START = '{{'
const END = '}}'

/** Only a text with both marks on one line counts as a template (argo-cd v3.5.1 `applicationset/utils/utils.go`). */
const TEMPLATED = /\{\{[^\n]*\}\}/

/** A template that writes more than this is stopped. */
export const MAX_OUTPUT_LENGTH: number = 16 * 1024 * 1024

/**
 * The text with each tag replaced by what `valueOf` gives for its trimmed name; a tag it knows nothing of, and one without
 * a name, stays as written. Throws `bad-input` with fasttemplate's text where a tag does not end.
 */
export function replaceTags(text: string, valueOf: (name: string) => string | undefined): string {
  if (!TEMPLATED.test(text)) return text
  let output = ''
  let at = 0
  for (;;) {
    const start = text.indexOf(START, at)
    if (start < 0) return limited(output + text.slice(at))
    const end = text.indexOf(END, start + START.length)
    if (end < 0) throw unended(text, start + START.length)
    const tag = text.slice(start + START.length, end)
    const name = tag.trim()
    const value = name === '' ? undefined : valueOf(name)
    output = limited(output + text.slice(at, start) + (value ?? `${START}${tag}${END}`))
    at = end + END.length
  }
}

function limited(output: string): string {
  if (output.length <= MAX_OUTPUT_LENGTH) return output
  throw new CapstanError('limit', `the template writes more than the ${MAX_OUTPUT_LENGTH} characters allowed`)
}

function unended(text: string, from: number): CapstanError {
  const rest = JSON.stringify(text.slice(from))
  return new CapstanError(
    'bad-input',
    `invalid template: Cannot find end tag=${JSON.stringify(END)} in the template=${JSON.stringify(text)} starting from ${rest}`,
  )
}
