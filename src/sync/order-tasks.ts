// Puts tasks in the order they run: phase, wave, kind, name, with namespaces and CRDs ahead of what needs them.
import type { SyncPhase } from '../crds/application.ts'
import { kindOf } from '../kube/object.ts'
import { definedKind, kindText } from './custom-kinds.ts'
import { SYNC_PHASES } from './hooks.ts'
import { kindWeight } from './kind-order.ts'
import { objectOf, type SyncTask } from './task.ts'

const PHASE_RANK: Readonly<Record<SyncPhase, number>> = Object.fromEntries(
  SYNC_PHASES.map((phase, index) => [phase, index]),
) as Record<SyncPhase, number> // every phase is a key: the table is made from the list of them

/** Sorts tasks and moves each Namespace and CRD that an earlier task needs in front of it, into its phase and wave (facts section 2). */
export function orderTasks(tasks: readonly SyncTask[]): readonly SyncTask[] {
  const sorted = tasks.toSorted(compareTasks)
  const withNamespaces = moveAhead(sorted, providedNamespace, (task) => objectOf(task).metadata.namespace ?? '')
  return moveAhead(withNamespaces, providedKind, (task) => kindText(kindOf(objectOf(task))))
}

function compareTasks(a: SyncTask, b: SyncTask): number {
  const first = objectOf(a)
  const second = objectOf(b)
  return (
    PHASE_RANK[a.phase] - PHASE_RANK[b.phase] ||
    a.wave - b.wave ||
    kindWeight(first.kind) - kindWeight(second.kind) ||
    compareText(first.metadata.name ?? '', second.metadata.name ?? '')
  )
}

function compareText(a: string, b: string): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}

function providedNamespace(task: SyncTask): string | undefined {
  const { target } = task
  return target?.kind === 'Namespace' && target.apiVersion === 'v1' ? target.metadata.name : undefined
}

function providedKind(task: SyncTask): string | undefined {
  const kind = task.target === undefined ? undefined : definedKind(task.target)
  return kind === undefined ? undefined : kindText(kind)
}

type Naming = (task: SyncTask) => string | undefined

/** Moves each provider in front of the first earlier task that needs it; only tasks with a target need anything. */
function moveAhead(tasks: readonly SyncTask[], provides: Naming, needs: Naming): readonly SyncTask[] {
  if (!tasks.some((task) => provides(task) !== undefined)) return tasks
  const ordered = [...tasks]
  for (let index = 0; index < ordered.length; index++) {
    const provider = ordered[index]
    const name = provider === undefined ? undefined : provides(provider)
    if (provider === undefined || name === undefined || name === '') continue
    const first = ordered.findIndex((task, at) => at < index && task.target !== undefined && needs(task) === name)
    const user = ordered[first]
    if (user === undefined) continue
    ordered.splice(index, 1)
    ordered.splice(first, 0, { ...provider, phase: user.phase, wave: user.wave })
  }
  return ordered
}
