// Texts of the page by key and language.
import type { Language } from '../preferences.ts'
import { en, type Catalogue, type TextKey } from './en.ts'
import { ko } from './ko.ts'

export const catalogues: Readonly<Record<Language, Catalogue>> = { en, ko }

export type TextValues = Readonly<Record<string, string | number>>

/** Gives the text of a key with `{name}` replaced by values. */
export type Translate = (key: TextKey, values?: TextValues) => string

export function translatorOf(language: Language): Translate {
  return translatorIn(catalogues[language])
}

/** A translator of any catalogue; views that are loaded when they are opened bring their own. */
export function translatorIn<Key extends string>(
  catalogue: Readonly<Record<Key, string>>,
): (key: Key, values?: TextValues) => string {
  return (key, values = {}) =>
    catalogue[key].replaceAll(/\{(?<name>\w+)\}/g, (whole, name: string) => String(values[name] ?? whole))
}
