// `admin …`: what administrators do without a server.
import type { Command } from 'commander'
import type { CliContext } from '../context.ts'
import { addRedisPassword } from '../install.ts'
import type { Processes } from '../processes.ts'
import { addAdminBackup } from './backup.ts'
import { addAdminNotifications } from './notifications.ts'
import { addAdminSettings, addInitialPassword } from './rbac.ts'

export function addAdminFamily(program: Command, context: CliContext, processes: Processes): void {
  const admin = program.command('admin').description('what administrators do without a server')
  addAdminNotifications(admin, context, processes.notifications)
  addAdminBackup(admin, context, processes.backup)
  addAdminSettings(admin, context)
  addInitialPassword(admin, context)
  addRedisPassword(admin, processes.installation)
}
