// The texts of ApplicationSets, loaded with the first of their pages.
import { useMemo } from 'react'
import { usePreferences } from '../../parts/preferences-context.tsx'
import type { TextKey } from '../../text/en.ts'
import { sets as english } from '../../text/en/sets.ts'
import { sets as korean } from '../../text/ko/sets.ts'
import { catalogues, translatorIn, type TextValues } from '../../text/translate.ts'

const own = { en: english, ko: korean }

export type SetsText = (key: TextKey | keyof typeof english, values?: TextValues) => string

/** Also has the texts that stand on every page. */
export function useSetsText(): SetsText {
  const { language } = usePreferences()
  return useMemo(() => translatorIn({ ...catalogues[language], ...own[language] }), [language])
}
