// notification.NotificationService: the names of what argocd-notifications-cm configures (server/notification/notification.go).
import { readConfigMap } from '../../settings/map-reader.ts'
import type { Call, ServiceHandlers } from '../context.ts'

const CONFIG_MAP = 'argocd-notifications-cm'

/** Whoever is logged in may see the names, as with upstream. */
export const notificationService: ServiceHandlers = {
  async ListTriggers(_request, call) {
    return { items: namesBelow(call, 'trigger') }
  },
  async ListServices(_request, call) {
    return { items: keysBelow(call, 'service').map((rest) => ({ name: rest.split('.').at(-1) ?? rest })) }
  },
  async ListTemplates(_request, call) {
    return { items: namesBelow(call, 'template') }
  },
}

function namesBelow(call: Call, kind: string): readonly { readonly name: string }[] {
  return keysBelow(call, kind).map((name) => ({ name }))
}

/** What follows `KIND.` in the keys, sorted. */
function keysBelow({ context }: Call, kind: string): readonly string[] {
  const map = context.store.find('ConfigMap', CONFIG_MAP)
  if (map === undefined) return []
  const prefix = `${kind}.`
  return readConfigMap(map)
    .keys()
    .filter((key) => key.startsWith(prefix) && key !== prefix)
    .map((key) => key.slice(prefix.length))
    .toSorted()
}
