// The texts of the settings by language; not part of the first load.
import type { Language } from '../preferences.ts'
import { accounts as accountsEn } from './en/accounts.ts'
import { clusters as clustersEn } from './en/clusters.ts'
import { projects as projectsEn } from './en/projects.ts'
import { registries as registriesEn } from './en/registries.ts'
import { repositories as repositoriesEn } from './en/repositories.ts'
import { settings as settingsEn } from './en/settings.ts'
import { accounts as accountsKo } from './ko/accounts.ts'
import { clusters as clustersKo } from './ko/clusters.ts'
import { projects as projectsKo } from './ko/projects.ts'
import { registries as registriesKo } from './ko/registries.ts'
import { repositories as repositoriesKo } from './ko/repositories.ts'
import { settings as settingsKo } from './ko/settings.ts'

const english = {
  ...settingsEn,
  ...repositoriesEn,
  ...registriesEn,
  ...clustersEn,
  ...accountsEn,
  ...projectsEn,
} as const

export type SettingsKey = keyof typeof english

const korean: Readonly<Record<SettingsKey, string>> = {
  ...settingsKo,
  ...repositoriesKo,
  ...registriesKo,
  ...clustersKo,
  ...accountsKo,
  ...projectsKo,
}

export const settingsCatalogues: Readonly<Record<Language, Readonly<Record<SettingsKey, string>>>> = {
  en: english,
  ko: korean,
}
