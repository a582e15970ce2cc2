// cluster.SettingsService: what clients need to know of the installation; less for those not logged in.
import type { ServiceHandlers } from '../context.ts'

export const settingsService: ServiceHandlers = {
  async Get(_request, call) {
    const { namespace, publicSettings } = call.context
    const open = {
      appLabelKey: 'app.kubernetes.io/instance',
      trackingMethod: 'annotation',
      passwordPattern: '^.{8,32}$',
      userLoginsDisabled: false,
      execEnabled: false,
      appsInAnyNamespaceEnabled: false,
      ...publicSettings(),
    }
    return call.identity === undefined ? open : { ...open, controllerNamespace: namespace }
  },
  async GetPlugins(_request, call) {
    const names = (await call.context.pluginNames?.()) ?? []
    return { plugins: names.map((name) => ({ name })) }
  },
}
