// Answers in the form that `-o` asks for: one way for lists, one for objects.
import { CapstanError } from '../base/errors.ts'
import { formatObject } from './output.ts'

interface Printing {
  readonly flags: { readonly output: string }
  readonly print: (text: string) => void
}

/** The forms of a list beside JSON and YAML. */
interface ListForms<T> {
  readonly wide: (items: readonly T[]) => string
  readonly name?: (item: T) => string
}

/** Prints a list; `bad-input` for a form there is not. */
export function printList<T>({ flags, print }: Printing, items: readonly T[], { wide, name }: ListForms<T>): void {
  const { output: form } = flags
  if (form === 'json' || form === 'yaml') print(formatObject(items, form))
  else if (form === 'name' && name !== undefined) print(items.map((item) => `${name(item)}\n`).join(''))
  else if (form === 'wide' || form === '') print(wide(items))
  else throw unknownForm(form)
}

/** Prints an object; `forms` are those there are beside JSON, YAML and `wide`. */
export function printObject(
  { flags, print }: Printing,
  value: unknown,
  wide: () => string,
  forms: Readonly<Record<string, () => string>> = {},
): void {
  const { output: form } = flags
  if (form === 'json' || form === 'yaml') print(formatObject(value, form))
  else if (form === 'wide' || form === '') print(wide())
  else if (Object.hasOwn(forms, form)) print(forms[form]?.() ?? '')
  else throw unknownForm(form)
}

export function unknownForm(form: string): CapstanError {
  return new CapstanError('bad-input', `unknown output format: ${form}; the forms there are stand in --help`)
}
