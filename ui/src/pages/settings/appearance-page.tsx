// Settings: theme and language of this browser.
import { PageHead } from '../../parts/page-head.tsx'
import { ChoiceField } from '../../parts/fields.tsx'
import { LANGUAGE_NAMES } from '../../parts/preference-fields.tsx'
import { usePreferences } from '../../parts/preferences-context.tsx'
import { LANGUAGES, THEMES, type Language, type Theme } from '../../preferences.ts'
import { useSettingsText } from './use-settings-text.ts'

export function AppearancePage() {
  const text = useSettingsText()
  const { language, theme, setLanguage, setTheme } = usePreferences()
  return (
    <>
      <PageHead title={text('settings.appearance')} lead={text('settings.appearanceLead')} />
      <div className="card narrow-form">
        <ChoiceField<Theme>
          label={text('app.theme')}
          hint={text('settings.themeHint')}
          value={theme}
          choices={THEMES.map((name) => [name, text(`app.theme.${name}`)])}
          onChange={setTheme}
        />
        <ChoiceField<Language>
          label={text('app.language')}
          hint={text('settings.languageHint')}
          value={language}
          choices={LANGUAGES.map((name) => [name, LANGUAGE_NAMES[name]])}
          onChange={setLanguage}
        />
      </div>
    </>
  )
}
