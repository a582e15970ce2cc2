// Language and theme for the components, and how they change them.
import { createContext, use, useEffect, useMemo, useState, type ReactNode } from 'react'
import { readPageDefaults } from '../api/page-defaults.ts'
import {
  readLanguage,
  readTheme,
  storeDefaults,
  storeLanguage,
  storeTheme,
  type Language,
  type Theme,
} from '../preferences.ts'
import { translatorOf, type Translate } from '../text/translate.ts'

export interface Preferences {
  readonly language: Language
  readonly theme: Theme
  readonly text: Translate
  readonly setLanguage: (language: Language) => void
  readonly setTheme: (theme: Theme) => void
}

const Context = createContext<Preferences | undefined>(undefined)

export function PreferencesProvider({ children }: { readonly children: ReactNode }) {
  const [language, setLanguage] = useState(() => readLanguage(localStorage, navigator.languages))
  const [theme, setTheme] = useState(() => readTheme(localStorage))
  useEffect(() => {
    const asked = new AbortController()
    const ask = async (): Promise<void> => {
      storeDefaults(localStorage, await readPageDefaults(asked.signal))
      setTheme(readTheme(localStorage))
      setLanguage(readLanguage(localStorage, navigator.languages))
    }
    // Without an answer the page stays as it is.
    ask().catch(() => undefined)
    return () => asked.abort()
  }, [])
  useEffect(() => {
    document.documentElement.lang = language
  }, [language])
  useEffect(() => {
    document.documentElement.dataset['theme'] = theme
  }, [theme])
  const preferences = useMemo<Preferences>(
    () => ({
      language,
      theme,
      text: translatorOf(language),
      setLanguage: (chosen) => {
        storeLanguage(localStorage, chosen)
        setLanguage(chosen)
      },
      setTheme: (chosen) => {
        storeTheme(localStorage, chosen)
        setTheme(chosen)
      },
    }),
    [language, theme],
  )
  return <Context value={preferences}>{children}</Context>
}

export function usePreferences(): Preferences {
  const preferences = use(Context)
  if (preferences === undefined) throw new Error('a component stands outside of PreferencesProvider')
  return preferences
}

export function useText(): Translate {
  return usePreferences().text
}
