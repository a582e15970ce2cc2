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

/** What an operator wants where a person has not chosen. */
export interface PageDefaults {
  readonly theme?: Theme
  readonly language?: Language
}

const DEFAULTS_NAME = 'capstan.defaults'
const THEME_NAME = 'capstan.theme'
const LANGUAGE_NAME = 'capstan.language'

/** The chosen theme, else the operator's, else the system's. */
export function readTheme(store: Store): Theme {
  const stored = readText(store, THEME_NAME)
  return THEMES.find((theme) => theme === stored) ?? readDefaults(store).theme ?? 'system'
}

/** The chosen language, else the operator's, else the first of the browser's that there is, else English. */
export function readLanguage(store: Store, wanted: readonly string[]): Language {
  const tags = [readText(store, LANGUAGE_NAME) ?? readDefaults(store).language ?? '', ...wanted].map((tag) =>
    tag.split('-')[0]?.toLowerCase(),
  )
  return tags.flatMap((tag) => LANGUAGES.filter((language) => language === tag))[0] ?? 'en'
}

/** As last told by the server, so that a page that is loaded again has them at once. */
function readDefaults(store: Store): PageDefaults {
  const [theme = '', language = ''] = (readText(store, DEFAULTS_NAME) ?? '').split(' ')
  const known = {
    theme: THEMES.find((name) => name === theme),
    language: LANGUAGES.find((name) => name === language),
  }
  return {
    ...(known.theme === undefined ? {} : { theme: known.theme }),
    ...(known.language === undefined ? {} : { language: known.language }),
  }
}

export function storeDefaults(store: Store, { theme, language }: PageDefaults): void {
  storeText(store, DEFAULTS_NAME, `${theme ?? '-'} ${language ?? '-'}`)
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
