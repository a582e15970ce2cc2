// The texts of palette, help, status and account, loaded with the first of them.
import { useMemo } from 'react'
import { usePreferences } from '../../parts/preferences-context.tsx'
import type { TextKey } from '../../text/en.ts'
import { tools as english } from '../../text/en/tools.ts'
import { tools as korean } from '../../text/ko/tools.ts'
import { catalogues, translatorIn, type TextValues } from '../../text/translate.ts'

const own = { en: english, ko: korean }

export type ToolsText = (key: TextKey | keyof typeof english, values?: TextValues) => string

/** Also has the texts that stand on every page. */
export function useToolsText(): ToolsText {
  const { language } = usePreferences()
  return useMemo(() => translatorIn({ ...catalogues[language], ...own[language] }), [language])
}
