// Starts a sync by itself where the policy, the windows and the last attempts allow it.
import type { ResourceStatus } from '../../crds/application.ts'
import { keyText } from '../../kube/object.ts'
import { decideAutoSync, isAutomated } from './auto-sync.ts'
import type { Comparison } from './comparison-result.ts'
import { type Condition, replaceConditions } from './conditions.ts'
import { fightConditions } from './fight.ts'
import { startState } from './operation.ts'
import { comeBack, nowOf, type Pass, recordEvent, setOperationState, setStatus } from './pass.ts'
import { windowsAllow } from './project-refusal.ts'
import type { Refreshed } from './refresh.ts'
import { readProject } from './spec-check.ts'

const EVALUATED = new Set(['SyncError', 'SelfHealLoopWarning'] as const)

/** Sets `operation` in the application, or says in a SyncError condition why not. */
export async function autoSync(pass: Pass, { destination, comparison }: Refreshed): Promise<void> {
  const { application, dependencies, memory } = pass
  const nowMs = dependencies.clock.now()
  const conditions: Condition[] = []
  const revisions = comparison.sources.map(({ revision }) => revision)
  const decision =
    isAutomated(application) && !windowsAllow(destination.project, application, { nowMs, isManual: false })
      ? { action: 'none' as const }
      : decideAutoSync({
          application,
          syncStatus: comparison.status,
          revisions,
          resources: comparison.resources,
          isLeaving: leavingIn(comparison),
          nowMs,
          outOfSyncSinceMs: memory.outOfSyncSinceMs ?? nowMs,
        })
  conditions.push(...(await fightConditions(pass, comparison, decision)))
  switch (decision.action) {
    case 'none':
      break
    case 'refused':
      conditions.push(decision.condition)
      if (decision.delayMs !== undefined) decideLater(pass, decision.delayMs)
      break
    case 'wait':
      decideLater(pass, decision.delayMs)
      break
    case 'sync': {
      if (!(await windowsStillAllow(pass, nowMs))) break
      // Begun by the very write that asks for it: to Applications a write is what costs an API server most.
      const operationState = startState(pass, decision.operation)
      pass.application = { ...pass.application, operation: decision.operation }
      setOperationState(pass, operationState)
      recordEvent(pass, 'Normal', 'OperationStarted', `Initiated automated sync to '${revisions.join(', ')}'`)
      comeBack(pass, 0)
    }
  }
  const current = pass.application.status?.conditions ?? []
  setStatus(pass, { conditions: replaceConditions(current, conditions, EVALUATED, nowOf(pass)) })
}

/** A window that was just put on the project holds the sync back even before it was seen: this is asked once per sync. */
async function windowsStillAllow(pass: Pass, nowMs: number): Promise<boolean> {
  const project = await readProject(pass)
  return project !== undefined && windowsAllow(project, pass.application, { nowMs, isManual: false })
}

function decideLater(pass: Pass, delayMs: number): void {
  pass.memory.asked ??= 'recent'
  comeBack(pass, delayMs)
}

/** What is being deleted needs no sync to be pruned. */
function leavingIn({ objects }: Comparison): (resource: ResourceStatus) => boolean {
  const leaving = new Set(
    objects
      .filter(({ target, live }) => target === undefined && live?.metadata.deletionTimestamp !== undefined)
      .map(({ key }) => keyText(key)),
  )
  return ({ group = '', kind = '', namespace = '', name = '' }) =>
    leaving.has(keyText({ group, kind, namespace, name }))
}
