// The indexes of an Indexed Job: how pods carry them, and sets of them as texts (pkg/controller/job/indexed_job_utils.go, v1.36).
import type { Pod } from '../kit/model.ts'
import type { JobStatus } from './model.ts'

export const TRACKING_FINALIZER = 'batch.kubernetes.io/job-tracking'
export const INDEX_ANNOTATION = 'batch.kubernetes.io/job-completion-index'

/** `0-2,5` as a set. */
export function parseIndexes(text: string | undefined): Set<number> {
  const indexes = new Set<number>()
  for (const part of (text ?? '').split(',')) {
    const [first, last = first] = part.split('-').map((number) => Number.parseInt(number, 10))
    if (first === undefined || last === undefined || Number.isNaN(first)) continue
    for (let index = first; index <= last; index++) indexes.add(index)
  }
  return indexes
}

/** A set as `0-2,5`. */
export function formatIndexes(indexes: ReadonlySet<number>): string {
  const parts: string[] = []
  const sorted = [...indexes].toSorted((a, b) => a - b)
  for (let from = 0; from < sorted.length;) {
    let to = from
    while (sorted[to + 1] === (sorted[to] ?? 0) + 1) to++
    parts.push(
      to === from
        ? `${sorted[from]}`
        : to === from + 1
          ? `${sorted[from]},${sorted[to]}`
          : `${sorted[from]}-${sorted[to]}`,
    )
    from = to + 1
  }
  return parts.join(',')
}

/** The index of a pod of an Indexed Job. */
export function indexOf(pod: Pod): number | undefined {
  const text = pod.metadata.annotations?.[INDEX_ANNOTATION]
  return text === undefined ? undefined : Number.parseInt(text, 10)
}

/** Indexes that have succeeded so far. */
export function completedIndexes(status: JobStatus | undefined, pods: readonly Pod[]): Set<number> {
  const indexes = parseIndexes(status?.completedIndexes)
  for (const pod of pods) {
    const index = indexOf(pod)
    if (index !== undefined && pod.status?.phase === 'Succeeded') indexes.add(index)
  }
  return indexes
}
