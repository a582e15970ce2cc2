// Choices of language and theme.
import { LANGUAGES, THEMES, type Language, type Theme } from '../preferences.ts'
import { ChoiceField } from './fields.tsx'
import { usePreferences } from './preferences-context.tsx'

/** Each language in its own words. */
export const LANGUAGE_NAMES: Readonly<Record<Language, string>> = { en: 'English', ko: '한국어' }

export function PreferenceFields() {
  const { language, theme, setLanguage, setTheme, text } = usePreferences()
  return (
    <div className="preferences">
      <ChoiceField<Language>
        isInline
        label={text('app.language')}
        value={language}
        choices={LANGUAGES.map((name) => [name, LANGUAGE_NAMES[name]])}
        onChange={setLanguage}
      />
      <ChoiceField<Theme>
        isInline
        label={text('app.theme')}
        value={theme}
        choices={THEMES.map((name) => [name, text(`app.theme.${name}`)])}
        onChange={setTheme}
      />
    </div>
  )
}
