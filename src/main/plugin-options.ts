// Where config management plug-ins are looked for.
import { resolve } from 'node:path'

/** As Argo CD's repo-server, sockets are looked for where ARGOCD_PLUGINSOCKFILEPATH says, if no flag says otherwise. */
export function pluginOptions(flags: { readonly plugins?: string }): { readonly pluginFolder?: string } {
  const folder = flags.plugins ?? process.env['ARGOCD_PLUGINSOCKFILEPATH'] ?? ''
  return folder === '' ? {} : { pluginFolder: resolve(folder) }
}
