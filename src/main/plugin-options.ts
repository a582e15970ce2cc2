// Where config management plug-ins are looked for.
import { readdirSync } from 'node:fs'
import { resolve } from 'node:path'
import { withNamedFile } from './named-file.ts'

const VARIABLE = 'ARGOCD_PLUGINSOCKFILEPATH'

/**
 * As Argo CD's repo-server, sockets are looked for where ARGOCD_PLUGINSOCKFILEPATH says, if no flag says otherwise. Throws
 * `bad-input` for a folder that cannot be listed: without plug-ins every source that needs one would fail later.
 */
export function pluginOptions(flags: { readonly plugins?: string }): { readonly pluginFolder?: string } {
  const { plugins } = flags
  const folder = plugins ?? process.env[VARIABLE] ?? ''
  if (folder === '') return {}
  const pluginFolder = resolve(folder)
  withNamedFile(plugins === undefined ? VARIABLE : '--plugins', folder, () => readdirSync(pluginFolder))
  return { pluginFolder }
}
