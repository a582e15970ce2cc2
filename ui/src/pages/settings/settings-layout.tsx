// The frame around the settings: what there is at the side, the chosen one beside it.
import { Link, Outlet } from '@tanstack/react-router'
import {
  Container,
  FileKey,
  FolderGit2,
  FolderKanban,
  KeyRound,
  Palette,
  Server,
  UserRound,
  type LucideIcon,
} from 'lucide-react'
import type { SettingsKey } from '../../text/settings.ts'
import { useSettingsText } from './use-settings-text.ts'
import '../../style/settings.css'

const AREAS = [
  ['/settings/repositories', 'settings.repositories', FolderGit2],
  ['/settings/registries', 'settings.registries', Container],
  ['/settings/clusters', 'settings.clusters', Server],
  ['/settings/projects', 'settings.projects', FolderKanban],
  ['/settings/certificates', 'settings.certificates', FileKey],
  ['/settings/gpg-keys', 'settings.gpgKeys', KeyRound],
  ['/settings/accounts', 'settings.accounts', UserRound],
  ['/settings/appearance', 'settings.appearance', Palette],
] as const satisfies readonly (readonly [string, SettingsKey, LucideIcon])[]

export function SettingsLayout() {
  const text = useSettingsText()
  return (
    <div className="settings">
      <nav className="settings-nav" aria-label={text('settings.nav')}>
        <ul>
          {AREAS.map(([to, key, Icon]) => (
            <li key={to}>
              <Link to={to} className="settings-link" activeProps={{ 'aria-current': 'page' }}>
                <Icon className="icon" aria-hidden />
                {text(key)}
              </Link>
            </li>
          ))}
        </ul>
      </nav>
      <div className="settings-body">
        <Outlet />
      </div>
    </div>
  )
}
