// What the project of an application holds against a sync that a person asks for: its windows, its signatures.
import { CapstanError, messageOf } from '../../../base/errors.ts'
import type { Application } from '../../../crds/application.ts'
import { hasSignaturePolicy } from '../../../policy/source-integrity.ts'
import { canSync, windowsFor } from '../../../policy/sync-windows.ts'
import type { Call } from '../../context.ts'
import { projectOf } from './find.ts'

/**
 * Throws `forbidden` where a window holds the sync back, `precondition` for manifests that come from no commit where commits must
 * be signed (server/application/application.go Sync, v3.5.1). A project that is missing is told by the controller.
 */
export function refuseHeldSync(application: Application, isLocal: boolean, { context }: Call): void {
  const project = context.effectiveProject(projectOf(application))
  if (project === undefined) return
  const windows = windowsFor(project.spec.syncWindows ?? [], application)
  if (!isOpen(windows, context.clock.now())) throw new CapstanError('forbidden', 'cannot sync: blocked by sync window')
  const { source, sources = [] } = application.spec
  const used = sources.length > 0 ? sources : source === undefined ? [] : [source]
  const urls = used
    .filter(({ chart, repoURL }) => !chart && !repoURL.startsWith('oci://'))
    .map(({ repoURL }) => repoURL)
  if (isLocal && hasSignaturePolicy(project, urls)) {
    throw new CapstanError('precondition', 'Cannot use local manifests when source integrity is enforced')
  }
}

function isOpen(windows: ReturnType<typeof windowsFor>, nowMs: number): boolean {
  try {
    return canSync(windows, { nowMs, isManual: true })
  } catch (error) {
    throw new CapstanError('forbidden', `cannot sync: invalid sync window: ${messageOf(error)}`, { cause: error })
  }
}
