// Starts the notifications with the first subscription: where nobody subscribes they cost neither time nor memory.
import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import { hasSubscriptions } from '../notifications/destinations.ts'
import { readConfigMap } from '../settings/map-reader.ts'
import type { ControlPlaneOptions } from './control-plane-options.ts'
import { keepAtWork } from './keep-at-work.ts'
import type { Stages } from './stages.ts'

const CONFIG_MAP = 'argocd-notifications-cm'

/**
 * Watches for subscriptions; `isAlone` where no other process looks after the same applications. The result ends it, and
 * lets deliveries that run arrive.
 */
export function notifyOnDemand(options: ControlPlaneOptions, stages: Stages, isAlone: boolean): () => Promise<void> {
  const stopping = new AbortController()
  const ends: (() => void)[] = []
  let running: Promise<void> | undefined
  const begin = (): void => {
    running ??= run({ ...options, signal: AbortSignal.any([options.signal, stopping.signal]) }, stages, isAlone)
  }
  const { applications, projects } = stages.followed
  const { configMaps } = stages.state
  ends.push(
    applications.onChange(({ object }) => {
      if (running === undefined && hasSubscriptions(object.metadata.annotations)) begin()
    }),
    projects.onChange(({ object }) => {
      if (running === undefined && hasSubscriptions(object.metadata.annotations)) begin()
    }),
    configMaps.onChange(({ object }) => {
      if (running === undefined && asksForNotifications(object)) begin()
    }),
  )
  return async () => {
    for (const end of ends) end()
    stopping.abort(new Error('the process ends'))
    await running
  }

  /** Whoever may bring a configuration of an own namespace may subscribe there. */
  function asksForNotifications(map: Parameters<typeof readConfigMap>[0]): boolean {
    const reader = readConfigMap(map)
    if (map.metadata.name === CONFIG_MAP) return reader.text('subscriptions') !== undefined
    if (map.metadata.name !== 'argocd-cmd-params-cm') return false
    return reader.text('notificationscontroller.selfservice.enabled') === 'true'
  }
}

/** Sends until the signal; never rejects. */
async function run(options: ControlPlaneOptions, stages: Stages, isAlone: boolean): Promise<void> {
  const { clock, signal } = options
  const identity = `${hostname()}_${randomUUID()}`
  await keepAtWork({ clock, signal, log: options.log.with({ work: 'notifications' }) }, async () => {
    const { leadNotifications, runNotifications } = await import('./notifications.ts')
    await (isAlone ? runNotifications(options, stages) : leadNotifications(options, stages, identity))
  })
}
