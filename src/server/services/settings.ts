// cluster.SettingsService: what clients need to know of the installation; less for those not logged in (server/settings/settings.go, v3.5.1).
import { readConfigMap, type MapReader } from '../../settings/map-reader.ts'
import type { ResourceCustomization } from '../../settings/resource-customizations.ts'
import type { Call, ServerContext, ServiceHandlers } from '../context.ts'
import { overrideOf } from './resource-override.ts'

export const settingsService: ServiceHandlers = {
  async Get(_request, call) {
    const { publicSettings } = call.context
    const reader = readerOf(call.context)
    const { passwordPattern, ...more } = publicSettings()
    const open = { ...installation(call.context), ...page(reader), ...more }
    if (call.identity === undefined) return open
    return { ...open, passwordPattern, ...forMembers(reader, call) }
  },
  async GetPlugins(_request, call) {
    const names = (await call.context.pluginNames?.()) ?? []
    return { plugins: names.map((name) => ({ name })) }
  },
}

function readerOf({ store }: ServerContext): MapReader {
  const configMap = store.find('ConfigMap', 'argocd-cm')
  return readConfigMap(configMap ?? { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'argocd-cm' } })
}

function installation(context: ServerContext): Readonly<Record<string, unknown>> {
  const settings = context.settings()
  const { tools, tracking, impersonation } = settings
  const canLogIn = [...context.accounts().values()].some(
    ({ enabled, capabilities }) => enabled && capabilities.includes('login'),
  )
  return {
    additionalUrls: settings.additionalUrls,
    userLoginsDisabled: !canLogIn,
    kustomizeOptions: { buildOptions: tools.kustomizeBuildOptions },
    kustomizeVersions: [...tools.kustomizeVersions.keys()],
    installationID: tracking.installationId,
    execEnabled: settings.execEnabled,
    appsInAnyNamespaceEnabled: context.allowsNamespace !== undefined,
    impersonationEnabled: impersonation.enabled,
    // Capstan hydrates every Application that asks for it, and syncs with Replace wherever a person may sync.
    hydratorEnabled: true,
    syncWithReplaceAllowed: true,
  }
}

/** What argocd-cm says to pages alone. */
function page(reader: MapReader): Readonly<Record<string, unknown>> {
  const text = (key: string): string => reader.text(key) ?? ''
  const downloads = reader
    .keys()
    .filter((key) => key.startsWith('help.download.'))
    .map((key) => [key.slice('help.download.'.length), text(key)] as const)
  return {
    googleAnalytics: {
      trackingID: text('ga.trackingid'),
      anonymizeUsers: text('ga.anonymizeusers') !== 'false',
    },
    help: {
      chatUrl: text('help.chatUrl'),
      chatText: text('help.chatText'),
      binaryUrls: Object.fromEntries(downloads),
    },
    uiCssURL: text('ui.cssurl'),
  }
}

function forMembers(reader: MapReader, { context }: Call): Readonly<Record<string, unknown>> {
  const { customizations } = context.settings().resources
  return {
    controllerNamespace: context.namespace,
    uiBannerContent: reader.text('ui.bannercontent') ?? '',
    uiBannerURL: reader.text('ui.bannerurl') ?? '',
    uiBannerPermanent: reader.text('ui.bannerpermanent') === 'true',
    uiBannerPosition: reader.text('ui.bannerposition') ?? '',
    resourceOverrides: Object.fromEntries(customizations.map((one) => [keyOf(one), overrideOf(one)])),
  }
}

/** As keys of upstream's map have it: kinds of the core group stand alone. */
function keyOf({ group, kind }: ResourceCustomization): string {
  return group === '' ? kind : `${group}/${kind}`
}
