// The texts of the settings, loaded with the first of their pages.
import { useMemo } from 'react'
import { usePreferences } from '../../parts/preferences-context.tsx'
import { settingsCatalogues, type SettingsKey } from '../../text/settings.ts'
import { catalogues, translatorIn, type TextValues } from '../../text/translate.ts'
import type { TextKey } from '../../text/en.ts'

export type SettingsText = (key: TextKey | SettingsKey, values?: TextValues) => string

/** Also has the texts that stand on every page. */
export function useSettingsText(): SettingsText {
  const { language } = usePreferences()
  return useMemo(() => translatorIn({ ...catalogues[language], ...settingsCatalogues[language] }), [language])
}
