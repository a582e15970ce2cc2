// What a person has chosen for this browser: theme and language.

export type Theme = 'system' | 'light' | 'dark'
export type Language = 'en' | 'ko'

export const THEMES: readonly Theme[] = ['system', 'light', 'dark']
export const LANGUAGES: readonly Language[] = ['en', 'ko']

/** What is needed of localStorage. */
export interface Store {
  getItem(name: string): string | null
  setItem(name: string, value: string): void
}

const THEME_NAME = 'capstan.theme'
const LANGUAGE_NAME = 'capstan.language'

export function readTheme(store: Store): Theme {
  const stored = readText(store, THEME_NAME)
  return THEMES.find((theme) => theme === stored) ?? 'system'
}

/** The chosen language, else the first of the browser's that there is, else English. */
export function readLanguage(store: Store, wanted: readonly string[]): Language {
  const tags = [readText(store, LANGUAGE_NAME) ?? '', ...wanted].map((tag) => tag.split('-')[0]?.toLowerCase())
  return tags.flatMap((tag) => LANGUAGES.filter((language) => language === tag))[0] ?? 'en'
}

export function storeTheme(store: Store, theme: Theme): void {
  storeText(store, THEME_NAME, theme)
}

export function storeLanguage(store: Store, language: Language): void {
  storeText(store, LANGUAGE_NAME, language)
}

/** What was stored under a name; undefined also where the browser refuses storage. */
export function readText(store: Store, name: string): string | undefined {
  try {
    return store.getItem(name) ?? undefined
  } catch {
    // Browsers may refuse storage; then the choice lasts as long as the page.
    return undefined
  }
}

export function storeText(store: Store, name: string, value: string): void {
  try {
    store.setItem(name, value)
  } catch {
    // As above.
  }
}
