// The sync windows of an application's project, as they bear on it now.
import { CapstanError, messageOf } from '../../../base/errors.ts'
import type { SyncWindow } from '../../../crds/app-project.ts'
import { canSync, isActive, windowsFor } from '../../../policy/sync-windows.ts'
import type { Call } from '../../context.ts'
import type { RequestFields } from '../fields.ts'
import { findApplication, projectOf } from './find.ts'

/** GET ~/applications/{name}/syncwindows */
export async function applicationSyncWindows(request: RequestFields, call: Call): Promise<unknown> {
  const application = findApplication(call, request, 'get')
  const { projects, namespace, clock } = call.context
  const project = projects.get(namespace, projectOf(application))
  const assigned = windowsFor(project?.spec.syncWindows ?? [], application)
  const nowMs = clock.now()
  try {
    return {
      activeWindows: assigned.filter((window) => isActive(window, nowMs)).map(shown),
      assignedWindows: assigned.map(shown),
      canSync: canSync(assigned, { nowMs, isManual: true }),
    }
  } catch (error) {
    throw new CapstanError('unknown', `invalid sync windows: ${messageOf(error)}`, { cause: error })
  }
}

function shown({ kind, schedule = '', duration = '', manualSync = false }: SyncWindow): object {
  return { kind: kind ?? '', schedule, duration, manualSync }
}
