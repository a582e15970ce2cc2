// Lines that an annotation lets containers print.
import type { ContainerRun } from './container-run.ts'
import type { Simulation } from './simulation.ts'

/** Faster than this nobody reads. */
export const MIN_LOG_INTERVAL_MS = 10

export interface LogsHost {
  readonly now: () => number
  readonly after: (delayMs: number, task: () => void) => void
}

/** All lines at once, or one after the other for as long as this run of the container lasts. */
export function printSimulatedLogs(container: ContainerRun, simulation: Simulation, { now, after }: LogsHost): void {
  const { logs, logIntervalMs } = simulation
  if (container.role !== 'app' || logs === undefined) return
  if (logIntervalMs === undefined) {
    container.log.print(logs, now())
    return
  }
  const lines = logs.split('\n')
  const { id } = container
  const next = (index: number): void => {
    if (!container.isRunning || container.id !== id) return
    container.log.print(lines[index % lines.length] ?? '', now())
    after(Math.max(MIN_LOG_INTERVAL_MS, logIntervalMs), () => next(index + 1))
  }
  next(0)
}
