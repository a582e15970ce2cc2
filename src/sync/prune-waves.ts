// The waves in which objects are removed: mirrored, or all after the last wave.
import { hasSyncOption } from './annotations.ts'
import { isPrune, type SyncTask } from './task.ts'

/** What was applied first is removed last: the first prune wave changes places with the last, and so on. */
export function mirrorPruneWaves(tasks: readonly SyncTask[]): readonly SyncTask[] {
  const waves = [...new Set(tasks.filter(isPrune).map((task) => task.wave))].toSorted((a, b) => a - b)
  if (waves.length < 2) return tasks
  const mirrored = new Map(waves.map((wave, index) => [wave, waves[waves.length - 1 - index] ?? wave]))
  return tasks.map((task) => (isPrune(task) ? { ...task, wave: mirrored.get(task.wave) ?? task.wave } : task))
}

/** With PruneLast=true, of the application or the live object: one wave after the last of the Sync phase. */
export function pruneLast(tasks: readonly SyncTask[], always: boolean): readonly SyncTask[] {
  const waves = tasks.filter((task) => task.phase === 'Sync').map((task) => task.wave)
  const wave = Math.max(0, ...waves) + 1
  return tasks.map((task) =>
    isPrune(task) && (always || hasSyncOption('PruneLast=true', task.live)) ? { ...task, wave } : task,
  )
}
