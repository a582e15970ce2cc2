// Reads the logs of some containers into one list of lines while the view is seen.
import { useEffect, useState } from 'react'
import { addLines, type LogEntry, type LogLine } from '../logs/log-lines.ts'
import { followLogs, type LogQuery } from '../logs/follow-logs.ts'

export interface Logs {
  readonly lines: readonly LogLine[]
  readonly error: unknown
  readonly isReading: boolean
}

/** Lines that come together are shown together. */
const BATCH_MS = 100
const NOTHING: Logs = { lines: [], error: undefined, isReading: true }

/** One stream for each container; begins anew when the query changes. */
export function useLogs(query: Omit<LogQuery, 'container'>, containers: readonly string[]): Logs {
  const key = JSON.stringify([query, containers])
  const [{ of, ...logs }, setLogs] = useState<Logs & { readonly of: string }>({ ...NOTHING, of: '' })
  useEffect(() => {
    const stop = new AbortController()
    const [asked, names] = JSON.parse(key) as [Omit<LogQuery, 'container'>, readonly string[]]
    let waiting: LogLine[] = []
    let timer: ReturnType<typeof setTimeout> | undefined
    let number = 0
    let open = names.length
    const change = (changed: (old: Logs) => Partial<Logs>): void => {
      if (stop.signal.aborted) return
      setLogs((old) => {
        const known = old.of === key ? old : NOTHING
        return { ...known, ...changed(known), of: key }
      })
    }
    const flush = (): void => {
      timer = undefined
      const added = waiting
      waiting = []
      change(({ lines }) => ({ lines: addLines(lines, added), isReading: open > 0 }))
    }
    const take = (container: string) => (entries: readonly LogEntry[]) => {
      for (const { content = '', timeStampStr = '', podName = '' } of entries) {
        number += 1
        waiting.push({ id: number, content, time: timeStampStr, pod: podName, container })
      }
      timer ??= setTimeout(flush, BATCH_MS)
    }
    for (const container of names) {
      followLogs({ ...asked, container }, take(container), stop.signal)
        .catch((error: unknown) => {
          change(() => ({ error }))
        })
        .finally(() => {
          open -= 1
          if (!stop.signal.aborted) timer ??= setTimeout(flush, BATCH_MS)
        })
    }
    return () => {
      stop.abort()
      clearTimeout(timer)
    }
  }, [key])
  return of === key ? logs : NOTHING
}
