// Texts in English of the frame around the settings.

export const settings = {
  'settings.nav': 'Settings',
  'settings.repositories': 'Repositories',
  'settings.registries': 'Registries',
  'settings.clusters': 'Clusters',
  'settings.projects': 'Projects',
  'settings.certificates': 'Certificates',
  'settings.gpgKeys': 'GnuPG keys',
  'settings.accounts': 'Accounts',
  'settings.appearance': 'Appearance',
  'settings.appearanceLead': 'For you, in this browser.',
  'settings.themeHint': 'System follows what your computer or phone is set to.',
  'settings.languageHint': 'Names of states stay in English, as in the API and the command line.',
} as const
