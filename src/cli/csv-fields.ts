// One line of comma-separated values, as pflag reads them for flags that are lists.
import { CapstanError } from '../base/errors.ts'

/** The fields of a line; one with commas or quotes stands in double quotes, quotes in it doubled. */
export function csvFields(line: string): readonly string[] {
  if (line === '') return []
  const fields: string[] = []
  const field = /(?:"(?<quoted>(?:[^"]|"")*)"|(?<plain>[^",]*))(?<end>,|$)/gy
  while (field.lastIndex <= line.length) {
    const at = field.lastIndex
    const found = field.exec(line)
    if (found === null) throw new CapstanError('bad-input', `${line}: a quote is missing or stands in the middle (character ${at + 1})`) // prettier-ignore
    fields.push(found.groups?.['quoted']?.replaceAll('""', '"') ?? found.groups?.['plain'] ?? '')
    if (found.groups?.['end'] === '') break
  }
  return fields
}
