// Loads the process a command starts only when it is started, so that other commands stay quick.
import { homedir } from 'node:os'
import { join } from 'node:path'
import type { BackupTool } from '../cli/admin/backup.ts'
import type { NotificationTool } from '../cli/admin/notifications.ts'
import type { InstallTool } from '../cli/install.ts'
import type { Processes } from '../cli/processes.ts'
import { localClusters } from './local-clusters.ts'

/** Where the embedded cluster is kept unless --data-dir says otherwise. */
function defaultDataDir(): string {
  const { CAPSTAN_DATA_DIR, XDG_DATA_HOME } = process.env
  return CAPSTAN_DATA_DIR ?? join(XDG_DATA_HOME ?? join(homedir(), '.local', 'share'), 'capstan')
}

export function processes(signal: AbortSignal): Processes {
  return {
    defaultDataDir: defaultDataDir(),
    up: async (flags) => (await import('./up.ts')).runUp(flags, signal),
    demo: async (flags) => (await import('./demo.ts')).runDemo(flags, signal),
    controller: async (flags) => (await import('./controller.ts')).runController(flags, signal),
    server: async (flags) => (await import('./server-role.ts')).runServer(flags, signal),
    localClusters: localClusters(defaultDataDir(), signal),
    notifications: notificationsOnDemand(signal),
    backup: backupOnDemand(signal),
    installation: installationOnDemand(signal),
    registrySync: async (flags, say) => (await import('./registry-sync.ts')).runRegistrySync(flags, say, signal),
    preview: async (folder, flags) => (await import('./preview.ts')).runPreview(folder, flags, signal),
    render: async (directory, flags) => (await import('./render.ts')).runRender(directory, flags, signal),
  }
}

function backupOnDemand(signal: AbortSignal): BackupTool {
  const load = async (): Promise<BackupTool> => (await import('./admin-backup.ts')).backupTool(signal)
  return {
    export: async (flags, write) => (await load()).export(flags, write),
    import: async (flags, source, write) => (await load()).import(flags, source, write),
  }
}

function installationOnDemand(signal: AbortSignal): InstallTool {
  const load = async (): Promise<InstallTool> => (await import('./install.ts')).installTool(signal)
  return {
    install: async (flags) => (await load()).install(flags),
    uninstall: async (flags, ask) => (await load()).uninstall(flags, ask),
    redisPassword: async (flags) => (await load()).redisPassword(flags),
  }
}

/** The tool is loaded with the first of its commands. */
function notificationsOnDemand(signal: AbortSignal): NotificationTool {
  const load = async (): Promise<NotificationTool> =>
    (await import('./admin-notifications.ts')).notificationTool(signal)
  return {
    templates: async (flags) => (await load()).templates(flags),
    triggers: async (flags) => (await load()).triggers(flags),
    run: async (flags, trigger, resource) => (await load()).run(flags, trigger, resource),
    notify: async (flags, request, write) => (await load()).notify(flags, request, write),
  }
}
