// GET /api/capstan/page: what the page looks like until somebody chooses, as argocd-cm says; for anybody, the log-in page asks too.
import type { IncomingMessage, ServerResponse } from 'node:http'
import { readConfigMap } from '../../settings/map-reader.ts'
import type { SettingsStore } from '../settings-store.ts'

const THEMES = ['light', 'dark', 'system']
const LANGUAGES = ['en', 'ko']

/** `ui.theme` and `ui.language` of argocd-cm; what is set to something else counts as not set. Never rejects. */
export function createDefaultsAnswerer(
  store: Pick<SettingsStore, 'find'>,
): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  return async (_request, response) => {
    const headers = { 'content-type': 'application/json', 'cache-control': 'no-cache' }
    response.writeHead(200, headers).end(JSON.stringify(defaultsOf(store)))
  }
}

function defaultsOf(store: Pick<SettingsStore, 'find'>): object {
  const configMap = store.find('ConfigMap', 'argocd-cm')
  if (configMap === undefined) return {}
  const reader = readConfigMap(configMap)
  const [theme, language] = [reader.text('ui.theme'), reader.text('ui.language')]
  return {
    ...(theme !== undefined && THEMES.includes(theme) ? { theme } : {}),
    ...(language !== undefined && LANGUAGES.includes(language) ? { language } : {}),
  }
}
