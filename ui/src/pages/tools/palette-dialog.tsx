// The command palette: to any application, page or action by a few letters.
import { useQuery } from '@tanstack/react-query'
import { useRouter } from '@tanstack/react-router'
import { useDeferredValue, useId, useMemo, useState, type KeyboardEvent } from 'react'
import { listNames } from '../../api/names.ts'
import { basePath } from '../../api/request.ts'
import { findBest, type Findable } from '../../palette/find.ts'
import { Modal } from '../../parts/modal.tsx'
import { usePreferences } from '../../parts/preferences-context.tsx'
import { settingsCatalogues } from '../../text/settings.ts'
import { useToolsText } from './use-tools-text.ts'

interface Command extends Findable {
  readonly kind: 'applications' | 'page' | 'action'
  readonly run: () => void
}

interface PaletteProps {
  readonly onHelp: () => void
  readonly onLeave: () => void
  readonly onClose: () => void
}

const MAX_SHOWN = 12

/** Addresses, and the English words by which they are found in every language. */
const SETTINGS = [
  ['/settings/repositories', 'settings.repositories', 'repositories'],
  ['/settings/registries', 'settings.registries', 'registries docker images'],
  ['/settings/clusters', 'settings.clusters', 'clusters'],
  ['/settings/projects', 'settings.projects', 'projects'],
  ['/settings/certificates', 'settings.certificates', 'certificates known hosts'],
  ['/settings/gpg-keys', 'settings.gpgKeys', 'gnupg gpg keys'],
  ['/settings/accounts', 'settings.accounts', 'accounts tokens passwords'],
  ['/settings/appearance', 'settings.appearance', 'appearance theme language'],
] as const

const PAGES = [
  ['/applications', 'list.title', 'applications'],
  ['/applications/new', 'list.new', 'new application'],
  ['/applicationsets', 'app.sets', 'application sets'],
  ['/status', 'app.status', 'status health'],
  ['/account', 'app.account', 'account user info'],
] as const

export function PaletteDialog(props: PaletteProps) {
  const text = useToolsText()
  const id = useId()
  const commands = useCommands(props)
  const [typed, setTyped] = useState('')
  const [chosen, setChosen] = useState(0)
  const asked = useDeferredValue(typed)
  const found = useMemo(() => findBest(commands, asked, MAX_SHOWN), [commands, asked])
  function run(command: Command | undefined): void {
    if (command === undefined) return
    props.onClose()
    command.run()
  }
  function onKeyDown(event: KeyboardEvent): void {
    if (event.nativeEvent.isComposing) return
    const steps: Readonly<Record<string, number>> = { ArrowDown: 1, ArrowUp: -1 }
    const step = steps[event.key]
    if (event.key === 'Enter') run(found[chosen])
    else if (step !== undefined && found.length > 0) setChosen((chosen + step + found.length) % found.length)
    else return
    event.preventDefault()
  }
  return (
    <Modal title={text('palette.title')} onClose={props.onClose}>
      <input
        type="text"
        className="palette-field"
        role="combobox"
        aria-label={text('palette.hint')}
        aria-expanded={found.length > 0}
        aria-controls={`${id}-list`}
        aria-activedescendant={found.length === 0 ? undefined : `${id}-${chosen}`}
        placeholder={text('palette.hint')}
        value={typed}
        autoComplete="off"
        spellCheck={false}
        onChange={(event) => {
          setTyped(event.target.value)
          setChosen(0)
        }}
        onKeyDown={onKeyDown}
      />
      {/* oxlint-disable-next-line jsx-a11y/prefer-tag-over-role -- a list beside its field, by the pattern of a combobox */}
      <div id={`${id}-list`} role="listbox" className="palette-list" aria-label={text('palette.title')}>
        {found.map((command, index) => (
          // oxlint-disable-next-line jsx-a11y/click-events-have-key-events -- the field above has the focus and the keys
          <div
            key={`${command.kind} ${command.title}`}
            id={`${id}-${index}`}
            // oxlint-disable-next-line jsx-a11y/prefer-tag-over-role -- by the pattern of a combobox
            role="option"
            tabIndex={-1}
            aria-selected={index === chosen}
            className="palette-item"
            onClick={() => run(command)}
            onPointerMove={() => setChosen(index)}
          >
            <span className="break">{command.title}</span>
            <span className="muted">{text(`palette.${command.kind}`)}</span>
          </div>
        ))}
      </div>
      {found.length === 0 && <p className="muted">{text('palette.nothing')}</p>}
    </Modal>
  )
}

function useCommands({ onHelp, onLeave }: PaletteProps): readonly Command[] {
  const text = useToolsText()
  const router = useRouter()
  const { language, setTheme, setLanguage } = usePreferences()
  const names = useQuery({ queryKey: ['names'], queryFn: ({ signal }) => listNames(signal) })
  return useMemo(() => {
    const go =
      (to: string): (() => void) =>
      () =>
        router.history.push(basePath() + to)
    const settings = settingsCatalogues[language]
    const pages = PAGES.map(([to, key, words]) => ({ kind: 'page' as const, title: text(key), words, run: go(to) }))
    const areas = SETTINGS.map(([to, key, words]) => ({
      kind: 'page' as const,
      title: `${text('app.settings')}: ${settings[key]}`,
      words: `settings ${words}`,
      run: go(to),
    }))
    const applications = (names.data ?? []).map(({ namespace, name, project }) => ({
      kind: 'applications' as const,
      title: name,
      words: project,
      run: go(`/applications/${encodeURIComponent(namespace)}/${encodeURIComponent(name)}`),
    }))
    const actions = [
      { title: text('palette.dark'), words: 'dark theme', run: () => setTheme('dark') },
      { title: text('palette.light'), words: 'light theme', run: () => setTheme('light') },
      { title: text('palette.english'), words: 'english language', run: () => setLanguage('en') },
      { title: text('palette.korean'), words: 'korean language', run: () => setLanguage('ko') },
      { title: text('palette.help'), words: 'keys help shortcuts', run: onHelp },
      { title: text('app.logOut'), words: 'log out', run: onLeave },
    ].map((action) => ({ kind: 'action' as const, ...action }))
    return [...pages, ...areas, ...actions, ...applications]
  }, [text, router, language, setTheme, setLanguage, names.data, onHelp, onLeave])
}
